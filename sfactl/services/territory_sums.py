"""Sums of territories: asked of the database once for all of them, and added up along the tree.

A statement gives what each territory has by itself; what lies below one is added in memory, where the tree has some
thousands of nodes at most. Only counts of different accounts are no plain sums: an account with orders in several
territories comes in a row of its own for each, and is counted once in what holds them all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, null, or_, select

from sfactl.services import territory_tree
from sfactl.services.territory_tree import Node


@dataclass(frozen=True)
class Forest:
    """The tree of a day, for adding up along it."""

    above: Mapping[int, tuple[int, ...]]
    "Of each territory: itself, and all that it lies below."

    @classmethod
    def of(cls, nodes: Sequence[Node], *, only: bool = False) -> "Forest":
        """The forest of the nodes in sight; with `only`, each stands alone."""
        above: dict[int, tuple[int, ...]] = {}
        for node, _depth in territory_tree.walk(nodes):
            higher = () if only else above.get(node.parent_id or 0, ())
            above[node.id] = (node.id, *higher)
        return cls(above)

    def rolled_up(self, rows: Iterable[tuple[int, Any, Sequence[int]]]) -> dict[tuple[int, Any], list[int]]:
        """Rows of territory, key and numbers, added for each territory and all above it, by territory and key."""
        found: dict[tuple[int, Any], list[int]] = {}
        for place, key, numbers in rows:
            for node in self.above.get(place, ()):
                total = found.setdefault((node, key), [0] * len(numbers))
                for index, number in enumerate(numbers):
                    total[index] += number
        return found

    def counted_twice(self, shared: Iterable[tuple[int, Any, int]]) -> dict[tuple[int, Any], int]:
        """How often too many each territory would count what several below it share: rows of territory, key and item."""
        places: dict[tuple[Any, int], set[int]] = {}
        for place, key, item in shared:
            places.setdefault((key, item), set()).add(place)
        found: dict[tuple[int, Any], int] = {}
        for (key, _item), among in places.items():
            for node, often in _times(self.above, among).items():
                if often > 1:
                    found[node, key] = found.get((node, key), 0) + often - 1
        return found

    def united(self, rows: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
        """Rows of territory and member, gathered for each territory and all above it."""
        found: dict[int, set[int]] = {}
        for place, member in rows:
            for node in self.above.get(place, ()):
                found.setdefault(node, set()).add(member)
        return found


def _times(above: Mapping[int, tuple[int, ...]], places: set[int]) -> dict[int, int]:
    times: dict[int, int] = {}
    for place in places:
        for node in above.get(place, ()):
            times[node] = times.get(node, 0) + 1
    return times


@dataclass
class Booked:
    """What was booked in a territory and below it, by part and currency."""

    orders: int = 0
    revenue: int = 0
    total: int = 0
    accounts: int = 0


@dataclass(frozen=True)
class Bookings:
    """How orders are to be summed: from which rows, which of them, and by what."""

    source: Any
    "A table or join that has the order's columns."
    where: Sequence[ColumnElement[bool]]
    part: ColumnElement[Any]
    place: ColumnElement[Any]
    account: ColumnElement[Any]
    currency: ColumnElement[Any]
    sums: Sequence[ColumnElement[int]] = field(default=())
    "Number of orders, their amount, and their total."


def plain_rows(asked: Bookings, *, accounts: bool) -> Select[Any]:
    """Territory, part, currency, nothing, sums, and the number of different accounts in each territory by itself.

    For sums of which nobody asks how many accounts they are of, or that are not added up along the tree.
    """
    count = func.count(asked.account.distinct()) if accounts else literal(0)
    return (
        select(asked.place, asked.part, asked.currency, null(), *asked.sums, count)
        .select_from(asked.source)
        .where(*asked.where)
        .group_by(*filter(_varies, (asked.place, asked.part)), asked.currency)
    )


def booked_rows(asked: Bookings) -> Select[Any]:
    """Territory, part, currency, an account that ordered in several territories or nothing, sums, number of accounts.

    In two steps: by account and territory first, so that the different accounts of millions of orders are counted
    without being gathered.
    """
    each = (
        select(
            asked.place.label("place"), asked.part.label("part"), asked.currency.label("unit"),
            asked.account.label("account"),
            *(column.label(f"sum{number}") for number, column in enumerate(asked.sums)),
        )
        .select_from(asked.source)
        .where(*asked.where)
        .group_by(asked.place, *([asked.part] if _varies(asked.part) else []), asked.currency, asked.account)
        .subquery("each")
    )  # fmt: skip
    spread = func.count().over(partition_by=(each.c.part, each.c.unit, each.c.account)).label("spread")
    row = select(each, spread).subquery("spread").c
    shared = case((row.spread > 1, row.account))
    sums = [func.sum(row[f"sum{number}"]) for number in range(len(asked.sums))]
    return select(row.place, row.part, row.unit, shared, *sums, func.count()).group_by(
        row.place, row.part, row.unit, shared
    )


def _varies(column: ColumnElement[Any]) -> bool:
    return getattr(column, "table", None) is not None


def added_up(forest: Forest, rows: Iterable[Sequence[Any]]) -> dict[tuple[int, Any], Booked]:
    """The rows of `booked_rows` by territory and (part, currency), each with all that lies below it."""
    kept = [
        (place, (part, unit), account, [int(number) for number in numbers])
        for place, part, unit, account, *numbers in rows
    ]
    sums = forest.rolled_up((place, key, numbers) for place, key, _account, numbers in kept)
    twice = forest.counted_twice((place, key, account) for place, key, account, _numbers in kept if account is not None)
    return {
        key: Booked(orders, revenue, total, accounts - twice.get(key, 0))
        for key, (orders, revenue, total, accounts) in sums.items()
    }


def within(place: ColumnElement[Any], subtrees: Sequence[Select[Any]]) -> list[ColumnElement[bool]]:
    """Rows of these subtrees; of all territories where none is named."""
    return [or_(*(place.in_(below) for below in subtrees))] if subtrees else []


def walked(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes in the order of the tree."""
    return (node for node, _depth in territory_tree.walk(nodes))
