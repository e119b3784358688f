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
EMPTY = """
from textual.app import App
from textual.widgets import Static

class Empty(App):
    def compose(self):
        yield Static("READY")

Empty().run()
"""
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

    first_s: float
    "Until what is looked for stood on the screen."
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
    rounds = plan.rounds or 5
    empty, ours = [], []
    for _round in range(rounds):
        empty.append(_look([PYTHON, "-c", EMPTY], {}, "READY", keys=0))
        ours.append(_look([SFACTL, "tui", "opportunities"], data, "opportunities", keys=KEYS))
    _show(empty, ours)


def _show(empty: Sequence[Seen], ours: Sequence[Seen]) -> None:
    floor = statistics.median(each.first_s for each in empty)
    first = statistics.median(each.first_s for each in ours)
    keys = sorted(key for each in ours for key in each.keys_ms)
    print(f"\n### {ROWS:,} opportunities in a terminal of {WIDTH} x {HEIGHT}\n")
    print("| what | taken | goal |\n| --- | --- | --- |")
    print(f"| an empty program of Textual | {floor * 1000:.0f} ms | |")
    print(f"| first picture with rows | {first * 1000:.0f} ms, {first / floor:.1f} x | ≤ {floor * 1500 + 150:.0f} ms |")
    print(f"| a key, processor time: median | {statistics.median(keys):.1f} ms | ≤ 15 ms |")
    print(f"| a key: 99th of 100 | {keys[int(len(keys) * 0.99)]:.1f} ms | ≤ 60 ms |")
    print(f"| memory | {max(each.peak_mib for each in ours):.0f} MiB | ≤ 120 MiB |")
    print(f"\nMedian of {len(ours)} rounds in turn, {KEYS} keys each.", flush=True)


def _look(command: Sequence[str], data: Mapping[str, str], wanted: str, *, keys: int) -> Seen:
    environment = {**clean_environment(), **data, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    begun = time.perf_counter()
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], list(command), environment)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    _until(terminal, wanted)
    first = time.perf_counter() - begun
    _drain(terminal, 1.5)
    taken = [_key(child, terminal, b"\x1b[B" if number % 10 else b"\x1b[6~") for number in range(keys)]
    peak = _peak(child)
    os.write(terminal, b"q" if keys else b"\x11")
    _drain(terminal, 0.5)
    os.kill(child, 9)
    os.waitpid(child, 0)
    os.close(terminal)
    return Seen(first, taken, peak)


def _until(terminal: int, wanted: str) -> None:
    """Read what is drawn until the text stands there."""
    seen = ""
    while wanted not in seen:
        seen += os.read(terminal, 65536).decode(errors="replace")


def _drain(terminal: int, quiet_s: float) -> None:
    """Read until nothing more comes for so long."""
    while select.select([terminal], [], [], quiet_s)[0]:
        try:
            os.read(terminal, 65536)
        except OSError:
            return


def _key(child: int, terminal: int, key: bytes) -> float:
    """Press a key, and say how much processor time it took, in milliseconds."""
    before = _processor_ms(child)
    os.write(terminal, key)
    _drain(terminal, QUIET_S)
    return _processor_ms(child) - before


def _processor_ms(child: int) -> float:
    tasks = Path(f"/proc/{child}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def _peak(child: int) -> float:
    status = Path(f"/proc/{child}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
