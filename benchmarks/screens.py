"""The list of 100,000 opportunities in a terminal: first picture, a key, memory; beside an empty program of Textual."""

import fcntl
import os
import pty
import select
import shutil
import sqlite3
import statistics
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import PYTHON, SFACTL, clean_environment
from benchmarks.plan import Plan
from benchmarks.world import listed

ROWS = 100_000
WIDTH, HEIGHT = 120, 40
KEYS = 200
QUIET_S = 0.12
"""So long nothing must come before a key counts as answered."""
FACTS_S = 0.4
"""The same, where the facts of the row are waited for."""
PATIENCE_S = 60
"""So long a picture is waited for."""
SETTLED_S = 2.5
"""So long nothing must come before the first key."""
EMPTY = """
from textual.app import App
from textual.widgets import Static

class Empty(App):
    def compose(self):
        yield Static("READY")

Empty().run()
"""
BARE = """
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

class Rows(ScrollView, can_focus=True):
    cursor = 0
    BINDINGS = [("down", "go(1)"), ("pagedown", "go(36)")]

    def on_mount(self):
        self.virtual_size = Size(118, 100_000)

    def action_go(self, rows):
        self.cursor += rows
        self.scroll_to(y=max(self.cursor - self.size.height + 1, 0), animate=False)
        self.refresh()

    def render_line(self, y):
        row = y + self.scroll_offset.y
        style = Style(reverse=row == self.cursor)
        return Strip([Segment(f"OPP-{row:06d}  Account {row}  Sale {row}".ljust(118), style)])

class Bare(App):
    def compose(self):
        yield Rows()

Bare().run()
"""
"""A list of as many rows that knows nothing: what a key costs at least."""
_FILL = """
WITH open_stage AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM stage WHERE status = 'open')
INSERT INTO opportunity (code, name, name_key, account_id, account_name, territory_id, owner_id, credited_territory_id,
    credited_id, stage_id, status, amount_minor, currency, close_on, opened_on, created_at, updated_at, version)
SELECT 'OPP-' || printf('%06d', a.id), 'Sale ' || a.id, 'sale ' || a.id, a.id, a.name, a.territory_id, a.owner_id,
    a.territory_id, a.owner_id, s.id, 'open',
    (a.id * 7919) % 9000000, 'USD', date('2026-11-01', '+' || (a.id % 300) || ' days'), '2026-06-01',
    '2026-06-01 00:00:00.000000', '2026-06-01 00:00:00.000000', 1
FROM account AS a JOIN open_stage AS s ON s.place = a.id % (SELECT count(*) FROM open_stage) ORDER BY a.id LIMIT ?
"""


@dataclass(frozen=True)
class Seen:
    """One run in a terminal."""

    frame_s: float
    "Until the title stood on the screen."
    first_s: float
    "Until the first row did."
    keys_ms: Sequence[float]
    "Processor time of each key."
    peak_mib: float


def run(plan: Plan) -> None:
    """Measure the screens."""
    path = plan.folder / "screens.db"
    if not path.exists():
        shutil.copy(listed(plan), path)
        with sqlite3.connect(path) as raw:
            raw.execute(_FILL, [ROWS])
    data = {"SFACTL_DATABASE": f"sqlite:///{path}"}
    tui = [SFACTL, "tui", "opportunities"]
    empty, bare, ours, facts = [], [], [], []
    rounds = plan.rounds or 5
    for _round in range(rounds):
        empty.append(_look([PYTHON, "-c", EMPTY], {}, "READY", "READY"))
        bare.append(_look([PYTHON, "-c", BARE], {}, "OPP-", "OPP-", keys=KEYS))
        ours.append(_look(tui, data, "Opportunities", "OPP-", before=b"d", keys=KEYS))
        facts.append(_look(tui, data, "Opportunities", "OPP-", keys=KEYS // 4, quiet_s=FACTS_S))
    _show(empty, bare, ours, facts)


def _show(empty: Sequence[Seen], bare: Sequence[Seen], ours: Sequence[Seen], facts: Sequence[Seen]) -> None:
    floor = statistics.median(each.first_s for each in empty)
    frame = statistics.median(each.frame_s for each in ours + facts)
    first = statistics.median(each.first_s for each in ours + facts)
    print(f"\n### {ROWS:,} opportunities in a terminal of {WIDTH} x {HEIGHT}\n")
    print("| what | taken | goal |\n| --- | --- | --- |")
    print(f"| an empty program of Textual | {floor * 1000:.0f} ms | |")
    print(f"| first picture, without rows | {frame * 1000:.0f} ms, {frame / floor:.1f} x | |")
    print(f"| first picture with rows | {first * 1000:.0f} ms, {first / floor:.1f} x | ≤ {floor * 1500 + 150:.0f} ms |")
    _show_keys("a key in a bare list, processor time", bare, "")
    _show_keys("a key in ours", ours, "≤ 15 ms, ≤ 60 ms")
    _show_keys("a key, and the facts of the row on which the cursor then stands", facts, "")
    print(f"| memory | {max(each.peak_mib for each in ours + facts):.0f} MiB | ≤ 120 MiB |")
    print(f"\nMedian of {len(ours)} rounds in turn, {KEYS} keys each; a tenth of them a page.", flush=True)


def _show_keys(what: str, seen: Sequence[Seen], goal: str) -> None:
    keys = sorted(key for each in seen for key in each.keys_ms)
    last = keys[int(len(keys) * 0.99)]
    print(f"| {what}: median, 99th of 100 | {statistics.median(keys):.1f} ms, {last:.1f} ms | {goal} |")


def _look(
    command: Sequence[str], data: Mapping[str, str], frame: str, wanted: str, *, before: bytes = b"", keys: int = 0,
    quiet_s: float = QUIET_S,
) -> Seen:  # fmt: skip
    environment = {**clean_environment(), **data, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    begun = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], list(command), environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    seen = _until(terminal, frame)
    framed = time.perf_counter() - begun
    _until(terminal, wanted, seen)
    first = time.perf_counter() - begun
    _drain(terminal, SETTLED_S)
    os.write(terminal, before)
    _drain(terminal, 1.0)
    taken = [_key(child, terminal, b"\x1b[B" if number % 10 else b"\x1b[6~", quiet_s) for number in range(keys)]
    peak = _peak(child)
    os.write(terminal, b"q" if keys else b"\x11")
    _drain(terminal, 0.5)
    os.kill(child, 9)
    os.waitpid(child, 0)
    os.close(terminal)
    return Seen(framed, first, taken, peak)


def _until(terminal: int, wanted: str, seen: str = "") -> str:
    """Read what is drawn until the text stands there."""
    while wanted not in seen:
        if not select.select([terminal], [], [], PATIENCE_S)[0]:
            raise SystemExit(
                f"{wanted} never stood on the screen; data of older tables are in the way: sfactl db upgrade"
            )
        seen += os.read(terminal, 65536).decode(errors="replace")
    return seen


def _drain(terminal: int, quiet_s: float) -> None:
    """Read until nothing more comes for so long."""
    while select.select([terminal], [], [], quiet_s)[0]:
        try:
            os.read(terminal, 65536)
        except OSError:
            return


def _key(child: int, terminal: int, key: bytes, quiet_s: float) -> float:
    """Press a key, and say how much processor time it took, in milliseconds."""
    before = _processor_ms(child)
    os.write(terminal, key)
    _drain(terminal, quiet_s)
    return _processor_ms(child) - before


def _processor_ms(child: int) -> float:
    tasks = Path(f"/proc/{child}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def _peak(child: int) -> float:
    status = Path(f"/proc/{child}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
