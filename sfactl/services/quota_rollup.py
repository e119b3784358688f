"""How quotas fit together: each territory's own, those of the territories below it, and those of its people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sfactl.core.measures import NO_CURRENCY
from sfactl.core.money import Money
from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import naming, quota_figures, quota_policy, quotas, territory_tree, workspaces
from sfactl.services.attainment_credit import Whose
from sfactl.services.quota_figures import Asked


@dataclass(frozen=True)
class RollupRow:
    """A territory's quota of a period, beside what lies below it."""

    territory: str
    name: str
    parent: str | None
    depth: int
    quota: Money | None
    "Its own, as a whole."
    children: Money | None
    "Those of the territories directly below it, together."
    over_assignment: Fraction | None
    "Children over its own, less 1."
    people: Money | None
    "Those of people in it and below it, together."
    people_over_assignment: Fraction | None
    currency: str


@dataclass(frozen=True)
class Question:
    """Which quotas are to be rolled up."""

    period: Period
    territory: str | None = None
    "All that is in sight where none is named."
    measure: str = "revenue"
    family: str | None = None
    as_of: date | None = None


def rollup(session: Session, question: Question) -> list[RollupRow]:
    """The territory and all below it, or the whole tree, in its order.

    Raises:
        NotFound: there is no such territory, or it is not in sight.
        UsageFault: the measure is not known.
    """
    session.actor.require("quota.read")
    day = min(question.as_of or session.today, session.today)
    tree = territory_tree.nodes(session, day)
    within = {node.id for node in tree}
    if question.territory is not None:
        within = set(territory_tree.below(tree, naming.find_id(session, t.territory, question.territory)))
    tree = [node for node in tree if node.id in within and node.code != UNASSIGNED and not node.is_archived]
    measure, workspace = quotas.measure_of(question.measure), workspaces.current(session)
    currency = workspace.currency if measure.is_money else NO_CURRENCY
    own, people = (_due(session, question, whose, day, currency) for whose in (Whose.TERRITORY, Whose.PLACE))
    return _rows(list(territory_tree.walk(tree)), own, people, currency)


def _due(session: Session, question: Question, whose: Whose, day: date, currency: str) -> dict[int, int]:
    asked = Asked(whose, question.measure, question.family, (question.period,), day, question.as_of)
    found = quota_figures.due(session, asked, quota_policy.current(session))
    return {key: due.minor for (key, _part, unit), due in found.items() if unit == currency}


def _rows(
    walked: list[tuple[territory_tree.Node, int]], own: Mapping[int, int], people: Mapping[int, int], currency: str
) -> list[RollupRow]:
    codes = {node.id: node.code for node, _depth in walked}
    children: dict[int, int] = {}
    below = {node.id: people[node.id] for node, _depth in walked if node.id in people}
    for node, _depth in reversed(walked):
        if node.parent_id in codes and node.parent_id is not None:
            if node.id in own:
                children[node.parent_id] = children.get(node.parent_id, 0) + own[node.id]
            if node.id in below:
                below[node.parent_id] = below.get(node.parent_id, 0) + below[node.id]

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, currency)

    return [
        RollupRow(
            node.code, node.name, codes.get(node.parent_id or 0), depth, money(own.get(node.id)),
            money(children.get(node.id)), over_assignment(children.get(node.id), own.get(node.id)),
            money(below.get(node.id)), over_assignment(below.get(node.id), own.get(node.id)), currency,
        )
        for node, depth in walked
    ]  # fmt: skip


def over_assignment(below: int | None, own: int | None) -> Fraction | None:
    """What lies below over its own, less 1; not defined where one of them is missing."""
    return Fraction(below, own) - 1 if below is not None and own else None
