"""A sale in the screens by keys alone, in a real terminal: docs/walk.md with a picture of every step is what comes of it.

Run it with `python docs/walk.py`; it needs tmux. A demo workspace is made, tmux holds the terminal, keys are sent to it, and
what stands there is kept as SVG. Each step waits for words that must appear, and fails without them; at the end the database
is asked whether all of it was done.
"""

import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

DOCS = Path(__file__).parent
WIDTH, HEIGHT = 110, 34
TMUX = shutil.which("tmux") or "tmux"
PATIENCE_S = 60
_COLOURS = TerminalTheme((17, 22, 28), (223, 228, 234), [(0, 0, 0)] * 8)
"""What stands where a program says no colour: those of the dark theme."""
_SHORT_S = 0.3
_LONG_S = 1.5
"""A key that follows too soon after Escape is read as one with Alt."""
SFACTL = [sys.executable, "-c", "import sys; from sfactl.cli import main; sys.exit(main())"]
MANAGER, PLACE = "rvega", "SW"
SELLERS = ("lbegay", "mcastillo", "nhartley", "sdodd")
HEAD = """\
# A sale by keys alone

An account manager finds a customer, keeps a call, takes a sale through a gate, configures and prices an offer at the customer's
table and asks for agreement; her manager agrees. `python docs/walk.py` takes these steps in a terminal of tmux's, on a fresh
demo workspace, and draws what stands there; at the end it looks into the database.

"""


@dataclass(frozen=True)
class Step:
    """What a person does, and what he then sees."""

    title: str
    keys: tuple[str, ...]
    "Names of keys as tmux knows them; what begins with `=` is typed."
    sees: str
    "Words that must appear."


class Workspace:
    """A demo workspace, and the commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ, "SFACTL_CONFIG": str(folder / "demo" / "config.toml"), "TERM": "xterm-256color",
            "COLORTERM": "truecolor", "LANG": "C.UTF-8",
        }  # fmt: skip
        subprocess.run([*SFACTL, "demo", str(folder / "demo")], check=True, capture_output=True)

    def ask(self, *words: str) -> Any:
        """What a command prints as JSON."""
        done = subprocess.run([*SFACTL, *words, "-o", "json"], env=self.environment, check=True, capture_output=True)
        return json.loads(done.stdout)

    def gated_sale(self) -> Mapping[str, Any]:
        """An open sale of one of the manager's sellers that is proposed, and lacks what negotiating asks for."""
        sales = self.ask("opportunity", "list", "--stage", "propose", "--territory", PLACE, "--limit", "0")
        return next(sale for sale in sales if sale["next_step"] is None and sale["seller"] in SELLERS)


class Terminal:
    """A terminal of tmux's in which the screens run."""

    def __init__(self, workspace: Workspace, person: str) -> None:
        self._socket = str(workspace.folder / f"{person}.tmux")
        command = shlex.join([*SFACTL, "tui", "--as", person])
        self._tmux(
            "new-session", "-d", "-x", str(WIDTH), "-y", str(HEIGHT), command, ";", "set", "status", "off",
            environment=workspace.environment,
        )  # fmt: skip

    def press(self, keys: tuple[str, ...]) -> None:
        """Send keys, one by one."""
        for key in keys:
            self._tmux("send-keys", *(("-l", key[1:]) if key.startswith("=") else (key,)))
            time.sleep(_LONG_S if key == "Escape" else _SHORT_S)

    def wait_for(self, words: str) -> str:
        """What stands there, with its colours, once these words do and nothing more comes."""
        deadline, before = time.monotonic() + PATIENCE_S, ""
        while time.monotonic() < deadline:
            seen = self._tmux("capture-pane", "-p", "-e", "-N")
            if seen == before and words in Text.from_ansi(seen).plain:
                return seen
            before = seen
            time.sleep(0.5)
        raise SystemExit(f"{words!r} did not appear:\n{Text.from_ansi(before).plain}")

    def close(self) -> None:
        """End the screens and the terminal."""
        self._tmux("kill-server")

    def _tmux(self, *words: str, environment: Mapping[str, str] | None = None) -> str:
        done = subprocess.run(
            [TMUX, "-f", os.devnull, "-S", self._socket, *words], env=environment, check=True, capture_output=True
        )
        return done.stdout.decode()


@contextmanager
def terminal(workspace: Workspace, person: str) -> Iterator[Terminal]:
    """A terminal for a while."""
    held = Terminal(workspace, person)
    try:
        yield held
    finally:
        held.close()


def drawn(seen: str, title: str) -> str:
    """A terminal's text with its colours as SVG."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in seen.rstrip("\n").split("\n"):
        console.print(Text.from_ansi(line), no_wrap=True, crop=True)
    return console.export_svg(title=title, theme=_COLOURS, unique_id="walk")


def steps_of_seller(sale: Mapping[str, Any]) -> tuple[Step, ...]:
    """From the first screen to an offer that waits for agreement."""
    code, account = sale["code"], sale["account_name"]
    return (
        Step("The first time, one screen explains the others", (), "Welcome to"),
        Step("The morning: what is open, by stage", ("Enter",), "Negotiate"),
        Step("`Ctrl+P` finds whatever has a name: the account", ("C-p", f"={account}"), f"({sale['account']})"),
        Step("`Enter` shows the account in full", ("Enter",), "Open opportunities"),
        Step(
            "`3` and `/`: the account among the accounts, `l` for a call",
            ("Escape", "3", "/", f"={account}", "Enter", "l"),
            "Subject",
        ),
        Step("What was said, `Ctrl+S` keeps it", ("=They want it before the summer", "C-s"), "Kept: call"),
        Step("`2` and `/`: the opportunity among the opportunities", ("2", "/", f"={code}", "Enter"), "1 opportunity"),
        Step("`>` moves it on: to which stage?", (">",), "goes to"),
        Step("The gate says what is missing, and asks for it", ("Enter",), "What is missing"),
        Step(
            "Both are said, `Ctrl+S` does them and moves on",
            ("=Agree on the day", "Tab", "=Saw the kitchen", "C-s"),
            "is in",
        ),
        Step("`Enter` shows the opportunity in full", ("Enter",), "Process"),
        Step("`c` configures: what there is to choose, with the price as it would be", ("c",), "Nobody needs to agree"),
        Step("`Enter` says how much is needed; all is worked out anew", ("Down", "Enter", "=900", "C-s"), "900"),
        Step("`d` takes something off, and the manager must agree", ("d", "=18%", "C-s"), MANAGER),
        Step("`s` puts it on a quote, and opens that", ("s",), "Must agree"),
        Step("`s` asks for agreement: who is asked, and why", ("s",), "Ctrl+S"),
        Step("It is submitted", ("C-s",), "is submitted"),
    )


def steps_of_manager(code: str) -> tuple[Step, ...]:
    """The offer is looked at and agreed to."""
    return (
        Step("The manager's inbox", ("7",), code),
        Step("`Enter` shows the offer", ("Down", "Enter"), "Must agree"),
        Step(
            "`a` agrees, with a comment, and it is gone from the inbox",
            ("Escape", "a", "=Eight more are worth it", "C-s"),
            "is approved",
        ),
    )


def walk(workspace: Workspace, person: str, steps: tuple[Step, ...], first: int) -> Iterator[str]:
    """Take the steps, keep a picture of each, and tell of each in Markdown."""
    with terminal(workspace, person) as held:
        for number, step in enumerate(steps, first):
            held.press(step.keys)
            seen = held.wait_for(step.sees)
            name = f"walk-{number:02}.svg"
            (DOCS / "pictures" / name).write_text(drawn(seen, f"sfactl tui --as {person}"), encoding="utf-8")
            print(f"{number:2} {step.title}", flush=True)
            yield f"**{number}.** {step.title}\n\n![{step.title}](pictures/{name})\n"


def run() -> None:
    """Take the whole walk, and write what came of it."""
    with tempfile.TemporaryDirectory(prefix="sfactl-walk-") as folder:
        workspace = Workspace(Path(folder))
        sale = workspace.gated_sale()
        told = list(walk(workspace, sale["seller"], steps_of_seller(sale), 1))
        quote = next(each for each in workspace.ask("quote", "list") if each["opportunity"] == sale["code"])
        told += walk(workspace, MANAGER, steps_of_manager(quote["code"]), len(told) + 1)
        require_done(workspace, sale, quote["code"])
    (DOCS / "walk.md").write_text(HEAD + "\n".join(told), encoding="utf-8")


def require_done(workspace: Workspace, sale: Mapping[str, Any], quote: str) -> None:
    """What was seen is in the database."""
    after = workspace.ask("opportunity", "show", sale["code"])
    calls = workspace.ask("activity", "list", "--account", sale["account"], "--search", "before the summer")
    answered = workspace.ask("quote", "show", quote)
    for what, is_so in (
        ("the call", len(calls) == 1),
        ("the stage", after["stage"] == "negotiate"),
        ("the next step", after["next_step"] == "Agree on the day"),
        ("the approval", [each["status"] for each in answered["approvals"]] == ["approved"]),
    ):
        if not is_so:
            raise SystemExit(f"{what} is not in the database: {after}, {answered}")


if __name__ == "__main__":
    run()
