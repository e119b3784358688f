"""Which numbers of a table are drawn, and how."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from sfactl.core.money import Money
from sfactl.i18n import _
from sfactl.render import charts
from sfactl.render.cells import show, words
from sfactl.render.charts import Bar, Line, Spot, Trend, Words
from sfactl.render.columns import Column
from sfactl.render.formats import format_compact
from sfactl.render.output import Output
from sfactl.render.report_parts import Chart, Drawing

_GOAL: Final = Fraction(1)


def draw(chart: Chart, rows: Sequence[object], output: Output, *, name: str) -> str | None:
    """The drawing of a table's rows; none where there is nothing to draw, or amounts of several currencies.

    Args:
        name: tells it from the other drawings of a page.
    """
    rows = _of_time(chart, rows) if chart.drawing is Drawing.LINES else rows
    if not _has_numbers(chart, rows) or len(_currencies(chart, rows)) > 1:
        return None
    title = Words(name, title_of(chart, rows), _described(chart, rows, output))
    if chart.drawing is Drawing.LINES:
        points = [words(chart.label.reader(row)) for row in rows]
        drawn = [Line(value.header, [_number(value.reader(row)) for row in rows]) for value in chart.values]
        return charts.lines(points, drawn, lambda number: format_compact(number, output.locale), title)
    if _is_in_time(chart, rows):
        return charts.trends(_trends(chart, rows, output), title)
    if chart.drawing is Drawing.POINTS:
        return charts.points(_spots(chart, rows), title, home=chart.home.header if chart.home else "")
    bars = [_bar(chart, row, output) for row in rows]
    if chart.drawing is Drawing.LOADS:
        return charts.bars(bars, title, goal=_GOAL, is_mean=True)
    if chart.drawing is Drawing.FUNNEL:
        return charts.funnel(bars, title)
    return charts.bars(bars, title, goal=_GOAL if chart.drawing is Drawing.BARS else None)


def title_of(chart: Chart, rows: Sequence[object]) -> str:
    """What the drawing of these rows is called."""
    return chart.over_time if chart.over_time and _is_in_time(chart, rows) else chart.title


def _has_numbers(chart: Chart, rows: Sequence[object]) -> bool:
    return any(value.reader(row) is not None for row in rows for value in chart.values)


def _of_time(chart: Chart, rows: Sequence[object]) -> Sequence[object]:
    """Rows that are one series in time; where a point stands several times, nothing is drawn."""
    points = [chart.label.reader(row) for row in rows]
    return rows if len(set(points)) == len(points) > 1 else ()


def _is_in_time(chart: Chart, rows: Sequence[object]) -> bool:
    """Whether each of what is drawn has rows of several periods, one after the other."""
    return chart.drawing in (Drawing.AMOUNTS, Drawing.BARS) and len({chart.label.reader(row) for row in rows}) < len(
        rows
    )


def _trends(chart: Chart, rows: Sequence[object], output: Output) -> list[Trend]:
    """A line for each of them, in the order in which they come."""
    value = chart.values[0]
    found: dict[str, list[object]] = {}
    for row in rows:
        found.setdefault(words(chart.label.reader(row) or "–"), []).append(row)
    return [
        Trend(label, [_number(value.reader(row)) for row in of_it], _shown(value, of_it[-1], output))
        for label, of_it in found.items()
    ]


def _spots(chart: Chart, rows: Sequence[object]) -> list[Spot]:
    """The rows that say where they are."""
    longitude, latitude = chart.values
    found = []
    for row in rows:
        x, y = _number(longitude.reader(row)), _number(latitude.reader(row))
        if x is not None and y is not None:
            is_home = bool(chart.home and chart.home.reader(row))
            found.append(Spot(words(chart.label.reader(row) or "–"), x, y, is_home))
    return found


def _currencies(chart: Chart, rows: Sequence[object]) -> set[str]:
    found = (value.reader(row) for row in rows for value in chart.values)
    return {money.currency for money in found if isinstance(money, Money)}


def _bar(chart: Chart, row: object, output: Output) -> Bar:
    value = chart.values[0]
    mark = _number(chart.mark.reader(row)) if chart.mark else None
    return Bar(words(chart.label.reader(row) or "–"), _number(value.reader(row)), _shown(value, row, output), mark)


def _shown(column: Column, row: object, output: Output) -> str:
    value = column.reader(row)
    if isinstance(value, Money):
        return format_compact(Fraction(value.decimal), output.locale)
    return show(column, replace(output, color=False))(row)


def _number(value: Any) -> Fraction | None:
    if value is None:
        return None
    return Fraction(value.decimal) if isinstance(value, Money) else Fraction(value)


def _described(chart: Chart, rows: Sequence[object], output: Output) -> str:
    """The first and the last of what is drawn, for those who do not see it."""
    first, last, value = rows[0], rows[-1], chart.values[0]
    return _("{count} of them, from {first} ({from_value}) to {last} ({to_value}); the table has all the figures.").format(
        count=len(rows), first=words(chart.label.reader(first) or "–"), from_value=_shown(value, first, output),
        last=words(chart.label.reader(last) or "–"), to_value=_shown(value, last, output),
    )  # fmt: skip
