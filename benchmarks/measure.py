"""Whole processes measured in turn: time, and the most memory that each held."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PYTHON = sys.executable
SFACTL = str(Path(sys.executable).with_name("sfactl"))
FLOORS = Path(__file__).parent / "floors"


@dataclass(frozen=True)
class Side:
    """One of the commands that are compared."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    output: Path | None = None
    "Where its standard output goes; nowhere when none is named."
    prepare: Callable[[], None] | None = None
    "What must be done before each round, outside the time."


@dataclass(frozen=True)
class Taken:
    """What a command took: the median of its rounds, and the most memory in any."""

    seconds: float
    peak_mib: float
    rounds: int


def floor(name: str, *words: object) -> list[str]:
    """The command that runs a script of `floors/`."""
    return [PYTHON, str(FLOORS / f"{name}.py"), *map(str, words)]


def in_turn(sides: Sequence[Side], *, rounds: int) -> dict[str, Taken]:
    """Run the sides A B C A B C …; one round before the first is not counted, where there are many rounds."""
    runs: dict[str, list[tuple[float, float]]] = {side.name: [] for side in sides}
    warm = 1 if rounds > 5 else 0
    for number in range(warm + rounds):
        for side in sides:
            taken = _run(side)
            if number >= warm:
                runs[side.name].append(taken)
    return {
        name: Taken(statistics.median(seconds for seconds, _peak in taken), max(peak for _, peak in taken), rounds)
        for name, taken in runs.items()
    }


def _run(side: Side) -> tuple[float, float]:
    if side.prepare is not None:
        side.prepare()
    environment = clean_environment() | dict(side.environment)
    with (side.output or Path(os.devnull)).open("wb") as out:
        begun = time.perf_counter()
        child = subprocess.Popen(side.command, stdout=out, stderr=subprocess.PIPE, env=environment)
        said = child.stderr.read() if child.stderr else b""
        _pid, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)  # wait4 took the place of its own wait()
    if child.stderr:
        child.stderr.close()
    if child.returncode:
        raise SystemExit(f"{side.name}: exit code {child.returncode}\n{said.decode(errors='replace')}")
    # A child begins with its parent's peak, so this program imports nothing large and keeps no rows.
    return seconds, usage.ru_maxrss / 1024


def fresh(source: Path, target: Path) -> None:
    """A copy of a file of SQLite, on the disk already, and no log of the one before."""
    for path in target.parent.glob(f"{target.name}*"):
        path.unlink()
    shutil.copy(source, target)
    with target.open("rb+") as copied:
        os.fsync(copied.fileno())  # or the first commit of whoever is measured waits for it


def clean_environment() -> dict[str, str]:
    """What a command needs, and nothing that says how sfactl is to behave."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"LANG": "C.UTF-8", "SFACTL_LANG": "en"}
