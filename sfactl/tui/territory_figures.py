"""What the territory screen asks: the tree, figures of its nodes as they come, and one node in detail."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING, Final

from sfactl import services
from sfactl.core.periods import Period, parts
from sfactl.i18n import N_
from sfactl.tui.periods import period_of

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.territories import MemberRow, TerritoryRow
    from sfactl.services.territory_report import ReportRow

PERIODS: Final = {
    "this-quarter": N_("this quarter"), "last-quarter": N_("last quarter"), "ytd": N_("this year to date"),
    "last-12-months": N_("last 12 months"),
}  # fmt: skip
"""The periods one can choose, and their names."""
TREND: Final = "last-8-quarters"
_PART_S: Final = 0.1
"""Figures are shown as often as this while they come in."""
_TOGETHER: Final = 8
"""One report on so many nodes takes little longer than on one, and the first figures are not waited for."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The nodes, the workspace's currency, and the periods in dates."""

    nodes: tuple["TerritoryRow", ...]
    currency: str
    periods: dict[str, Period]


@dataclass(frozen=True, slots=True)
class NodeFigures:
    """What came in for a node: figures of a period, or its trend."""

    code: str
    period: str
    "A key of `PERIODS`, or `TREND`."
    rows: tuple["ReportRow", ...]
    "A row for each currency of each part of the period, in order."


@dataclass(frozen=True, slots=True)
class Detail:
    """One node: its months within the chosen period, and who works there."""

    code: str
    months: dict[str, str]
    "The months of the chosen period that have begun, in order: as the report labels them, and as a person says them."
    rows: tuple["ReportRow", ...]
    members: tuple["MemberRow", ...]


def tree(session: "Session") -> Tree:
    """All nodes one may see; the one for what has no territory only when something is in it."""
    from sfactl.models.territories import UNASSIGNED

    nodes = [row for row in services.territories.tree(session) if row.accounts or row.code != UNASSIGNED]
    periods = {name: period_of(session, name) for name in PERIODS}
    return Tree(tuple(nodes), services.workspaces.current(session).currency, periods)


def figures(session: "Session", missing: Sequence[tuple[str, str]]) -> Iterator[list[NodeFigures]]:
    """Figures for these nodes and periods, in this order, a few at a time."""
    found: list[NodeFigures] = []
    shown_at = time.monotonic()
    for name, codes in _together(missing):
        period = period_of(session, name)
        cut = parts(period, "quarter", services.workspaces.current(session).calendar) if name == TREND else [period]
        rows = _report(session, codes, cut)
        found += [NodeFigures(code, name, tuple(row for row in rows if row.territory == code)) for code in codes]
        if time.monotonic() - shown_at > _PART_S:
            yield found
            found, shown_at = [], time.monotonic()
    yield found


def _together(missing: Sequence[tuple[str, str]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The nodes of each period, so many at a time that one report is about all of them."""
    for name, group in groupby(missing, key=lambda pair: pair[1]):
        codes = iter([code for code, _name in group])
        while some := tuple(islice(codes, _TOGETHER)):
            yield name, some


def detail(session: "Session", code: str, name: str) -> Detail:
    """The node's months that have begun, and its people."""
    months = parts(period_of(session, name), "month", services.workspaces.current(session).calendar)
    begun = [month for month in months if month.start <= session.today]
    members = services.territories.members(session, territory=code)
    names = {month.label: f"{month.start:%Y-%m}" for month in begun}  # the last may be cut off
    return Detail(code, names, _report(session, (code,), begun), tuple(members))


def rows_of(session: "Session", codes: Sequence[str], name: str) -> dict[str, tuple["ReportRow", ...]]:
    """The figures of some nodes in one of the periods."""
    period = period_of(session, name)
    return {code: _report(session, (code,), [period]) for code in codes}


def currency_of(session: "Session") -> str:
    """The workspace's currency."""
    return services.workspaces.current(session).currency


def in_currency(rows: Iterable["ReportRow"], currency: str) -> list["ReportRow"]:
    """One row a part of the period: the one in this currency; where there is none, the first."""
    found: dict[str, ReportRow] = {}
    for row in rows:
        if row.period not in found or row.currency == currency:
            found[row.period] = row
    return list(found.values())


def _report(session: "Session", codes: Sequence[str], periods: Sequence[Period]) -> tuple["ReportRow", ...]:
    question = services.territory_report.Question(territories=tuple(codes), periods=tuple(periods), in_full=False)
    return tuple(services.territory_report.report(session, question))
