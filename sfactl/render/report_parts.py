"""What a report consists of: tables with their titles, what may be added up in them, and the drawing that suits each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sfactl.render.columns import Column


class Drawing(StrEnum):
    """How rows are drawn."""

    BARS = "bars"
    "A bar a row for a share of a goal, with a mark where it should be by now."
    AMOUNTS = "amounts"
    "A bar a row for an amount."
    LINES = "lines"
    "A line a column over the rows, which are points in time."
    LOADS = "loads"
    "A bar a row for a share of a mean, with a mark where it was."
    POINTS = "points"
    "A point a row on a map: the label says whose it is, the values are longitude and latitude."
    FUNNEL = "funnel"
    "A bar a row, the rows being steps one after the other."


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of a table's rows."""

    drawing: Drawing
    title: str
    label: Column
    "What stands beside each bar or below each point."
    values: tuple[Column, ...]
    "What is drawn; a line for each, elsewhere one."
    mark: Column | None = None
    "Where a bar should end by now, in the bar's own measure."
    over_time: str = ""
    "Its title where each bar would stand for several periods, and small lines are drawn instead."
    home: Column | None = None
    "Of points: whether one is where the person is; the header says what such a point means."


@dataclass(frozen=True, slots=True)
class Outline:
    """A table of a report, before it has rows."""

    key: str
    title: str
    columns: Sequence[Column]
    sums: tuple[str, ...] = ()
    "Columns whose values may be added up; shares never are."
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A table of a report with its rows, which may be read only once."""

    outline: Outline
    rows: Iterable[object]
    columns: Sequence[Column]
    "Those that are shown."
    footer: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it is shown."""

    name: str
    title: str
    facts: tuple[str, ...]
    "For what it holds: the period, the territory, the day."
    parts: Sequence[Part]
    notes: tuple[str, ...] = ()
