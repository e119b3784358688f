"""The list of opportunities in groups: a heading with count and sums above those of each, folded or not.

The keys of all rows are numbers above zero; the number of a heading in such a list is below zero. A grid that knows only
numbers needs to know nothing of groups.
"""

from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sfactl import services
from sfactl.i18n import N_, _, ngettext
from sfactl.render.formats import format_integer
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.drawings import whole_money
from sfactl.tui.widgets.record_grid import GridRow

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.opportunities import Filter
    from sfactl.services.opportunity_groups import GroupRow

_OPEN: Final = "▾"
_FOLDED: Final = "▹"
NOBODY: Final[Mapping[str, str]] = {"seller": N_("without a seller"), "territory": N_("in no territory that you see")}


@dataclass(frozen=True, slots=True)
class Grouped:
    """All rows by their keys, in the order of their groups."""

    keys: Sequence[int] = ()
    groups: "Sequence[GroupRow]" = ()

    def shown(self, folded: Collection[str]) -> Sequence[int]:
        """The numbers of headings and rows in order, without the rows of groups that are folded."""
        found, start = array("q"), 0
        for index, group in enumerate(self.groups):
            found.append(-1 - index)
            if group.code not in folded:
                found.extend(self.keys[start : start + group.count])
            start += group.count
        return found

    def group_of(self, place: int, folded: Collection[str]) -> int | None:
        """The index of the group of what stands in a place of the list."""
        return bisect_right(list(self._starts(folded)), place) - 1 if self.groups else None

    def place_of(self, index: int, folded: Collection[str]) -> int:
        """Where the heading of a group stands."""
        return list(self._starts(folded))[index]

    def _starts(self, folded: Collection[str]) -> Iterator[int]:
        place = 0
        for group in self.groups:
            yield place
            place += 1 if group.code in folded else 1 + group.count


def read(session: "Session", wanted: "Filter", by: str, sort: str) -> Grouped:
    """Keys and groups, of one snapshot."""
    keys = services.opportunities.keys(session, wanted, (by, sort))
    return Grouped(keys, services.opportunity_groups.find(session, wanted, by))


def headings(grouped: Grouped, by: str, folded: Collection[str], locale: str) -> dict[int, GridRow]:
    """The rows of all headings, by their numbers."""
    return {-1 - index: _heading(group, by, folded, locale) for index, group in enumerate(grouped.groups)}


def _heading(group: "GroupRow", by: str, folded: Collection[str], locale: str) -> GridRow:
    sign = _FOLDED if group.code in folded else _OPEN
    counted = ngettext("{count} opportunity", "{count} opportunities", group.count).format(
        count=format_integer(group.count, locale)
    )
    sums = ", ".join(whole_money(money, locale, with_currency=True) for money in group.amounts)
    weighted = ", ".join(whole_money(money, locale) for money in group.weighted)
    told = [_named(group, by), counted, sums, _("weighted {amount}").format(amount=weighted)]
    return GridRow("", (Cell(f"{sign} {' · '.join(told)}", Tone.STRONG),), is_heading=True)


def _named(group: "GroupRow", by: str) -> str:
    if not group.code:
        return _(NOBODY.get(by, ""))
    return group.name if group.name and group.name.casefold() == group.code.casefold() else f"{group.code} {group.name}"
