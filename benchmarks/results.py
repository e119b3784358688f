"""The table that a measurement ends with; Markdown, so that it can stand in docs/performance.md as it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.measure import Taken


@dataclass(frozen=True)
class Line:
    """What one side took, beside what it is measured by."""

    name: str
    taken: Taken
    floor: Taken | None = None
    "Of what the ratio is taken: a floor's is itself; None where there is none."
    rows: int = 0
    goal: str = ""
    start: Taken | None = None
    "What is taken off before the ratio, where the goal allows for it."
    floor_rows: int = 0
    "How many rows the floor wrote, where the ratio is that of the times of one row."


def show(title: str, lines: Sequence[Line]) -> None:
    """Print the table of a measurement."""
    print(f"\n### {title}\n")
    header = ("what", "time", "× floor", "goal", "rows/s", "peak")
    cells = [_cells(line) for line in lines]
    widths = [max(len(row[index]) for row in [header, *cells]) for index in range(len(header))]
    print(_row(header, widths))
    print(_row(["-" * width for width in widths], widths))
    for row in cells:
        print(_row(row, widths))
    print(f"\nMedian of {lines[0].taken.rounds} rounds in turn.", flush=True)


def _cells(line: Line) -> list[str]:
    taken = line.taken
    ratio = f"{_ratio(line, line.floor):.2f}" if line.floor else ""
    speed = f"{line.rows / taken.seconds:,.0f}" if line.rows else ""
    return [line.name, _time(taken.seconds), ratio, line.goal, speed, f"{taken.peak_mib:.0f} MiB"]


def _ratio(line: Line, floor: Taken) -> float:
    seconds = line.taken.seconds - (line.start.seconds if line.start else 0)
    return seconds / floor.seconds * (line.floor_rows / line.rows if line.floor_rows else 1)


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def _row(cells: Iterable[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
