"""Plans that divide a territory's quota among the territories below it, or among its people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, func, or_, select

from sfactl.core.measures import Measure
from sfactl.core.money import Money, split
from sfactl.core.periods import Period
from sfactl.core.plans import Left, Line
from sfactl.core.quota_shares import fair_shares
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import (
    attainment_credit,
    attainment_groups,
    naming,
    quota_figures,
    quota_policy,
    quota_words,
    quotas,
    territory_tree,
    workspaces,
)
from sfactl.services.attainment_credit import Whose

TERRITORIES, PEOPLE = "territories", "people"


@dataclass(frozen=True)
class Request:
    """What is to be divided, and by what."""

    territory: str
    period: Period
    to: str = TERRITORIES
    even: Decimal = Decimal(1)
    history: Decimal = Decimal(0)
    pipeline: Decimal = Decimal(0)
    amount: Decimal | None = None
    "The territory's own quota of the period, where nothing is said."
    seasonality: str | None = None


@dataclass(frozen=True)
class _Child:
    """Who gets a part."""

    key: int
    user: str | None
    territory: str


def lines(session: Session, request: Request, _effective: date) -> Iterator[Line | Left]:
    """Parent × (even + history + pipeline), by the largest remainder, so that the parts come to the parent's quota.

    History is what was credited in the same period a year before; pipeline is what is open and expected to close in the
    period, weighted. Where there is none of one, its part is divided evenly.

    Raises:
        UsageFault: the weights do not come to 1, there is nothing to divide, or nobody to divide it among.
        NotFound: there is no such territory, or it is not in sight.
    """
    session.actor.require("quota.edit")
    if (
        min(request.even, request.history, request.pipeline) < 0
        or request.even + request.history + request.pipeline != 1
    ):
        raise UsageFault(
            _("The weights of even, history and pipeline come to 1."),
            _("For example: --even 0.2 --history 0.5 --pipeline 0.3"),
        )
    quota_policy.current(session).require(request.seasonality, None)
    top = naming.find_id(session, t.territory, request.territory)
    currency = workspaces.current(session).currency
    tree = territory_tree.nodes(session, session.today)
    node = next(each for each in tree if each.id == top)
    whole = _whole(session, request, top, currency)
    children = _people(session, tree, top, request) if request.to == PEOPLE else _territories(tree, top)
    if not children:
        raise UsageFault(_("There is nobody in {territory} to divide it among.").format(territory=node.code))
    parts = _parts(session, request, children, tree, whole, currency)
    wanted = [_fields(request, child, part, currency) for child, part in parts]
    if request.amount is not None:
        wanted.insert(0, _fields(request, _Child(top, None, node.code), whole, currency))
    here = quota_words.current(session, {request.period.start})
    yield from quota_words.changes(here, wanted, "allocate")


def _whole(session: Session, request: Request, top: int, currency: str) -> int:
    if request.amount is not None:
        return quotas.minor_of(request.amount, currency)
    asked = quota_figures.Asked(Whose.TERRITORY, Measure.REVENUE.value, None, (request.period,), session.today)
    due = quota_figures.due(session, asked, quota_policy.current(session)).get((top, 0, currency))
    if due is None or due.minor <= 0:
        raise UsageFault(
            _("{territory} has no quota of its own in {period}.").format(
                territory=request.territory, period=request.period.label
            ),
            _("Say what is to be divided with --amount."),
        )
    return due.minor


def _territories(tree: Sequence[territory_tree.Node], top: int) -> list[_Child]:
    """The territories directly below, by code."""
    return [_Child(node.id, None, node.code) for node in tree if node.parent_id == top and not node.is_archived]


def _people(session: Session, tree: Sequence[territory_tree.Node], top: int, request: Request) -> list[_Child]:
    """Account managers in the territory and below it when the period begins, or now if it has begun, by login."""
    member, day = t.territory_member.c, max(request.period.start, session.today)
    rows = session.execute(
        select(t.user.c.id, t.user.c.login, t.territory.c.code)
        .select_from(t.territory_member)
        .join(t.user, and_(t.user.c.id == member.user_id, t.user.c.active))
        .join(t.territory, t.territory.c.id == member.territory_id)
        .where(member.territory_id.in_(territory_tree.below(tree, top)), member.role == "account_manager")
        .where(member.valid_from <= day, or_(member.valid_to.is_(None), member.valid_to > day))
        .order_by(t.user.c.login, member.valid_from.desc(), t.territory.c.code)
    )
    found: dict[int, _Child] = {}
    for key, login, code in rows:
        found.setdefault(key, _Child(key, login, code))
    return list(found.values())


def _parts(
    session: Session, request: Request, children: Sequence[_Child], tree: Sequence[territory_tree.Node], whole: int, currency: str
) -> list[tuple[_Child, int]]:  # fmt: skip
    whose = Whose.PERSON if request.to == PEOPLE else Whose.TERRITORY
    history = _history(session, request, whose, currency) if request.history else {}
    pipeline = _pipeline(session, request, whose, currency) if request.pipeline else {}
    if whose is Whose.TERRITORY:
        history, pipeline = (_summed(tree, each) for each in (history, pipeline))
    weights = tuple(Fraction(each) for each in (request.even, request.history, request.pipeline))
    sums = [[max(each.get(child.key, 0), 0) for child in children] for each in (history, pipeline)]
    return list(zip(children, split(whole, fair_shares(weights, sums[0], sums[1])), strict=True))


def _summed(tree: Sequence[territory_tree.Node], found: Mapping[int, int]) -> dict[int, int]:
    """Amounts of territories, each with those below it."""
    parents = {node.id: node.parent_id for node in tree if node.parent_id is not None}
    total = dict(found)
    for key, amount in found.items():
        for upper in attainment_groups.chain(key, parents):
            total[upper] = total.get(upper, 0) + amount
    return total


def _history(session: Session, request: Request, whose: Whose, currency: str) -> dict[int, int]:
    before = request.period.year_before()
    source = attainment_credit.source(Measure.REVENUE, whose)
    found = attainment_credit.sums(session, source, whose, [before.start, before.end])
    return {key: int(each.amount) for (key, _part, unit), each in found.items() if unit == currency}


def _pipeline(session: Session, request: Request, whose: Whose, currency: str) -> dict[int, int]:
    sale = t.opportunity.c
    who = sale.credited_id if whose is Whose.PERSON else sale.credited_territory_id
    chance = func.coalesce(sale.probability_bp, t.stage.c.probability_bp)
    rows = session.execute(
        select(who, func.sum(sale.amount_minor * chance))
        .select_from(t.opportunity)
        .join(t.stage, t.stage.c.id == sale.stage_id)
        .where(sale.status == "open", sale.currency == currency, who.is_not(None))
        .where(sale.close_on >= request.period.start, sale.close_on < request.period.end)
        .group_by(who)
    )
    return {key: int(weighted) for key, weighted in rows}


def _fields(request: Request, child: _Child, minor: int, currency: str) -> dict[str, Any]:
    fields = {
        "user": child.user, "team": None, "territory": child.territory, "measure": Measure.REVENUE.value,
        "product_family": None, "starts_on": request.period.start.isoformat(),
        "ends_on": request.period.end.isoformat(), "amount": str(Money(minor, currency)), "currency": currency,
    }  # fmt: skip
    return fields | ({"seasonality": request.seasonality} if request.seasonality else {})
