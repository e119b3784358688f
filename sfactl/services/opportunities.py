"""Opportunities: the list, and one of them in full."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, union_all

from sfactl.core.forecast import weighted_minor
from sfactl.core.money import Money
from sfactl.core.periods import Period
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming, territories


@dataclass(frozen=True)
class OpportunityRow:
    """A possible sale in a list."""

    code: str
    name: str
    account: str | None
    account_name: str
    seller: str | None
    territory: str | None
    stage: str
    status: str
    amount: Money
    probability: Fraction
    "Its own, or its stage's."
    weighted: Money
    close_on: date
    age_days: int
    "Days since it was opened; until it closed, for a closed one."
    next_step: str | None
    currency: str
    closed_on: date | None


@dataclass(frozen=True)
class StageChangeRow:
    """It entered a stage."""

    stage: str
    entered_on: date
    by: str | None


@dataclass(frozen=True)
class Filter:
    """Which opportunities are asked for; what is None does not narrow."""

    stage: str | None = None
    status: str | None = None
    seller: str | None = None
    account: str | None = None
    territory: str | None = None
    only: bool = False
    closing: Period | None = None
    search: str | None = None
    limit: int = 0


def find(session: Session, wanted: Filter) -> Iterator[OpportunityRow]:
    """Opportunities, the next to close first."""
    session.actor.require("opportunity.read")
    opportunity = t.opportunity.c
    statement = _narrowed(session, _select_rows(), wanted).order_by(opportunity.close_on, opportunity.code)
    if wanted.limit:
        statement = statement.limit(wanted.limit)
    return _rows(session.execute(statement.execution_options(yield_per=2000)), session.today)


SORTS = ("close_on", "amount", "account_name", "seller", "territory", "stage", "age_days", "name", "code")
"""What a list can be sorted by; what is largest or oldest comes first, dates and names from the first on."""


def keys(session: Session, wanted: Filter, sorts: Sequence[str] = ()) -> Sequence[int]:
    """The keys of the opportunities that a filter finds, in order: what a long list needs before anybody looks at a row.

    Args:
        sorts: of `SORTS`, the first decides first; after them the next to close comes first.
    """
    session.actor.require("opportunity.read")
    opportunity = t.opportunity.c
    joined = {*sorts, "stage"} if wanted.stage is not None else set(sorts)
    order = [column for name in dict.fromkeys((*sorts, "close_on", "code")) for column in order_of(name)]
    statement = _narrowed(session, _joined(select(opportunity.id), joined), wanted)
    if wanted.limit:
        statement = statement.limit(wanted.limit)
    return array("q", session.execute(statement.order_by(*order)).scalars().all())


def order_of(name: str) -> tuple[ColumnElement[Any], ...]:
    """What one of `SORTS` orders by; of stages, sellers and territories so that those of one stand together."""
    opportunity = t.opportunity.c
    known: dict[str, tuple[ColumnElement[Any], ...]] = {
        "close_on": (opportunity.close_on,), "amount": (opportunity.amount_minor.desc(),),
        "account_name": (func.lower(opportunity.account_name),), "seller": (t.user.c.login, t.user.c.id),
        "territory": (t.territory.c.code, t.territory.c.id), "stage": (t.stage.c.position, t.stage.c.id),
        "age_days": (opportunity.opened_on,), "name": (func.lower(opportunity.name),), "code": (opportunity.code,),
    }  # fmt: skip
    return known[name]


def grouped(session: Session, statement: Select[Any], wanted: Filter, by: str) -> Select[Any]:
    """A statement over the opportunities that a filter finds, with their stages, and sellers or territories."""
    return _narrowed(session, _joined(statement, {"stage", by}), wanted)


def _joined(statement: Select[Any], sorts: set[str]) -> Select[Any]:
    """The statement with the tables by which it is sorted."""
    opportunity = t.opportunity.c
    statement = statement.select_from(t.opportunity)
    if "seller" in sorts:
        statement = statement.outerjoin(t.user, t.user.c.id == opportunity.credited_id)
    if "territory" in sorts:
        statement = statement.outerjoin(t.territory, t.territory.c.id == opportunity.credited_territory_id)
    if "stage" in sorts:
        statement = statement.join(t.stage, t.stage.c.id == opportunity.stage_id)
    return statement


def of_keys(session: Session, ids: Iterable[int]) -> dict[int, OpportunityRow]:
    """The opportunities of these keys that are there and the person's to see."""
    session.actor.require("opportunity.read")
    statement = _select_rows().add_columns(t.opportunity.c.id).where(t.opportunity.c.id.in_(list(ids)))
    return {key: next(_rows([row], session.today)) for *row, key in session.execute(statement)}


def _narrowed(session: Session, statement: Select[Any], wanted: Filter) -> Select[Any]:
    opportunity = t.opportunity.c
    if wanted.stage is not None:
        _require_stage(session, wanted.stage)
        statement = statement.where(func.lower(t.stage.c.code) == wanted.stage.lower())
    if wanted.status is not None:
        statement = statement.where(opportunity.status == wanted.status)
    if wanted.seller is not None:
        seller = naming.find_id(session, t.user, wanted.seller, code="login")
        statement = statement.where(opportunity.credited_id == seller)
    if wanted.account is not None:
        statement = statement.where(opportunity.account_id == naming.find_id(session, t.account, wanted.account))
    if wanted.territory is not None:
        below = territories.subtree(session, wanted.territory, only=wanted.only)
        statement = statement.where(opportunity.credited_territory_id.in_(below))
    if wanted.closing is not None:
        closing = wanted.closing
        statement = statement.where(opportunity.close_on >= closing.start, opportunity.close_on < closing.end)
    if wanted.search:
        accounts = select(t.account.c.id).where(naming.says(t.account, wanted.search))
        said = naming.says(t.opportunity, wanted.search)
        statement = statement.where(or_(said, opportunity.account_id.in_(accounts)))
    return statement


def _require_stage(session: Session, name: str) -> None:
    known = list(session.execute(select(t.stage.c.code).where(t.stage.c.active).order_by(t.stage.c.position)).scalars())
    if name.lower() not in [code.lower() for code in known]:
        raise UsageFault(
            _("There is no stage {name}.").format(name=name), _("Stages: {names}.").format(names=", ".join(known))
        )


def one(session: Session, key: str) -> tuple[OpportunityRow, list[StageChangeRow]]:
    """An opportunity and the stages it went through."""
    session.actor.require("opportunity.read")
    found = naming.find_id(session, t.opportunity, key)
    row = next(_rows(session.execute(_select_rows().where(t.opportunity.c.id == found)), session.today))
    change = t.stage_change.c
    history: list[tuple[str, datetime, str | None]] = list(
        session.execute(
            select(t.stage.c.name, change.entered_at, t.user.c.login)
            .select_from(t.stage_change)
            .join(t.stage, t.stage.c.id == change.stage_id)
            .outerjoin(t.user, t.user.c.id == change.user_id)
            .where(change.opportunity_id == found)
            .order_by(change.entered_at, change.id)
        )
    )
    return row, [StageChangeRow(stage, entered.date(), by) for stage, entered, by in history]


def first_of_stages(session: Session, wanted: Filter, most: int) -> dict[str, list[OpportunityRow]]:
    """Of each stage the opportunities that close next, at most so many of each; one query, however many stages."""
    session.actor.require("opportunity.read")
    opportunity = t.opportunity.c
    order = opportunity.close_on, opportunity.code
    everything = _narrowed(session, select(opportunity.id).select_from(t.opportunity), wanted).order_by(*order)
    near = [  # each reads its rows in their order and stops: to number all would be to sort all
        select(everything.where(opportunity.stage_id == stage).limit(most).subquery().c.id)
        for stage in session.execute(select(t.stage.c.id)).scalars().all()
    ]
    if not near:
        return {}
    statement = _select_rows().where(opportunity.id.in_(union_all(*near))).order_by(*order)
    found: dict[str, list[OpportunityRow]] = {}
    for row in _rows(session.execute(statement), session.today):
        found.setdefault(row.stage, []).append(row)
    return found


def of_accounts(session: Session, account_ids: list[int]) -> dict[int, list[OpportunityRow]]:
    """The opportunities of each of the accounts, open or closed, the next to close first."""
    opportunity = t.opportunity.c
    statement = (
        _select_rows()
        .add_columns(opportunity.account_id)
        .where(opportunity.account_id.in_(account_ids))
        .order_by(opportunity.close_on, opportunity.code)
    )
    found: dict[int, list[OpportunityRow]] = {}
    for *row, account_id in session.execute(statement):
        found.setdefault(account_id, []).extend(_rows([row], session.today))
    return found


def _select_rows() -> Select[Any]:
    opportunity = t.opportunity.c
    return (
        select(
            opportunity.code, opportunity.name, t.account.c.code, opportunity.account_name, t.user.c.login,
            t.territory.c.code, t.stage.c.code, opportunity.status, opportunity.amount_minor,
            func.coalesce(opportunity.probability_bp, t.stage.c.probability_bp), opportunity.close_on,
            opportunity.opened_on, opportunity.closed_on, opportunity.next_step, opportunity.currency,
        )
        .select_from(t.opportunity)
        .join(t.stage, t.stage.c.id == opportunity.stage_id)
        .outerjoin(t.account, t.account.c.id == opportunity.account_id)
        .outerjoin(t.user, t.user.c.id == opportunity.credited_id)
        .outerjoin(t.territory, t.territory.c.id == opportunity.credited_territory_id)
    )  # fmt: skip


def _rows(found: Iterable[Any], today: date) -> Iterator[OpportunityRow]:
    for *words, amount, probability, close_on, opened_on, closed_on, next_step, currency in found:
        money = (
            Money(amount, currency),
            Fraction(probability, 10000),
            Money(weighted_minor(amount, probability), currency),
        )
        age_days = ((closed_on or today) - opened_on).days
        yield OpportunityRow(*[*words, *money, close_on, age_days, next_step, currency, closed_on])
