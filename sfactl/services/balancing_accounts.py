"""The accounts of a balance: which are shared out, what they need, which stay together and which stay where they are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select, true

from sfactl.core.balancing import Need, Position
from sfactl.core.balancing_reasons import stays_with
from sfactl.core.text import match_key
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import assignments, conditions, families, naming, rule_exclusions
from sfactl.services.assignment_policy import AssignmentPolicy
from sfactl.services.balancing_request import Request, position

TOGETHER = 2000
"""So many rows are asked for at once."""


def rows(
    session: Session,
    request: Request,
    policy: AssignmentPolicy,
    currency: str,
    owners: Sequence[int],
    places: frozenset[int],
) -> list[Any]:
    """The accounts that are shared out, by code.

    Args:
        owners: people whose accounts they are.
        places: territories in which they lie; a team's accounts may lie anywhere, those of nobody may not.
    """
    statement = _statement(policy, currency).where(are_shared_out(session, request, owners, places))
    return list(session.execute(statement.order_by(t.account.c.code)))


def are_shared_out(
    session: Session, request: Request, owners: Sequence[int], places: frozenset[int]
) -> ColumnElement[bool]:
    """Holds for the accounts that are shared out, as far as owners, territories and the condition say."""
    account = t.account.c
    lies = account.territory_id.in_(sorted(places))
    found: ColumnElement[bool] = account.owner_id.in_(owners)
    if request.team is None:
        found = and_(found, lies)
    if request.has_unowned:
        found = or_(found, and_(account.owner_id.is_(None), lies))
    return found if request.where is None else and_(found, conditions.parse(session, request.where))


def others(
    session: Session, request: Request, owners: Sequence[int], idle: Sequence[int], places: frozenset[int]
) -> list[Any]:
    """Code, owner and territory of the accounts that are meant and not shared out, by code.

    Meant are those that lie in the territories, all in sight where none is named; of a team those of its people.

    Args:
        idle: people who would take part and cannot.
    """
    account = t.account.c
    lies, is_everywhere = account.territory_id.in_(sorted(places)), request.territory is None
    is_taken = and_(func.coalesce(account.owner_id, 0).in_(owners), lies)
    if request.has_unowned:
        is_taken = or_(is_taken, and_(account.owner_id.is_(None), lies))
    is_meant = account.owner_id.in_(idle) if request.team else and_(true() if is_everywhere else lies, not_(is_taken))
    statement = select(account.code, account.owner_id, account.territory_id).where(is_meant)
    if request.where is not None:
        statement = statement.where(conditions.parse(session, request.where))
    return list(session.execute(statement.order_by(account.code)))


def _statement(policy: AssignmentPolicy, currency: str) -> Select[Any]:
    account, sale, holds = t.account.c, t.opportunity.c, t.assignment.c
    pipeline = (
        select(sale.account_id, func.sum(sale.amount_minor).label("minor"))
        .where(sale.status == "open", sale.currency == currency)
        .group_by(sale.account_id)
        .subquery("pipeline")
    )
    return (
        select(
            account.id, account.code, account.name, account.territory_id, account.owner_id, account.segment, account.city,
            account.region, account.postal_code, account.latitude_e6, account.longitude_e6,
            _money(account.annual_revenue_minor, currency).label("revenue"),
            _money(account.potential_minor, currency).label("potential"),
            func.coalesce(pipeline.c.minor, 0).label("pipeline"), policy.work().label("work"),
            holds.valid_from.label("began"), account.work_e3.is_(None).label("is_usual"),
            and_(account.annual_revenue_minor.is_not(None), account.currency != currency).label("is_foreign"),
        )
        .select_from(t.account)
        .outerjoin(t.assignment, and_(holds.account_id == account.id, assignments.is_open()))
        .outerjoin(pipeline, pipeline.c.account_id == account.id)
    )  # fmt: skip


def _money(column: ColumnElement[Any], currency: str) -> ColumnElement[int]:
    """An amount in the workspace's currency; others count nothing."""
    return case((t.account.c.currency == currency, func.coalesce(column, 0)), else_=0)


def place_of(row: Any, places: Mapping[str, Position]) -> Position | None:
    """Where an account is: as it says itself, else as a file says of it, its postal code, its city or its region."""
    said = position(row.latitude_e6, row.longitude_e6)
    if said is not None or not places:
        return said
    names = (match_key(name) for name in (row.code, row.postal_code, row.city, row.region) if name)
    return next((places[name] for name in names if name in places), None)


def needs(session: Session, keys: Sequence[int]) -> dict[int, dict[str, Need]]:
    """What each of the accounts requires, and what it wishes for."""
    need = t.account_need.c
    found: dict[int, dict[str, Need]] = {}
    for part in _parts(keys):
        said = session.execute(
            select(need.account_id, t.skill.c.code, need.level, need.weight)
            .join(t.skill, t.skill.c.id == need.skill_id)
            .where(need.account_id.in_(part))
            .order_by(need.account_id, t.skill.c.code)
        )
        for key, skill, level, weight in said:
            found.setdefault(key, {})[skill] = Need(level, weight or 1, weight is None)
    return found


def _parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[start : start + TOGETHER] for start in range(0, len(keys), TOGETHER))


@dataclass(frozen=True)
class Kin:
    """Which accounts are of one family."""

    whole: Mapping[int, str]
    "Account to its family, by the code of the first of it here."
    parts: Mapping[int, str]
    "Account to those of its family that have the same owner."
    divided: int
    "Families with several owners."


def kin(session: Session, keys: Sequence[int]) -> Kin:
    """The families of accounts; those that have no relative here are of none."""
    family, wanted = families.roots(), frozenset(keys)
    parents = select(t.account.c.parent_id).where(t.account.c.parent_id.is_not(None))
    found: dict[int, dict[int | None, list[tuple[str, int]]]] = {}
    for key, root, code, owner in session.execute(
        select(family.c.id, family.c.root, t.account.c.code, t.account.c.owner_id)
        .join(t.account, t.account.c.id == family.c.id)
        .where(family.c.root.in_(parents))
    ):
        if key in wanted:
            found.setdefault(root, {}).setdefault(owner, []).append((code, key))
    whole = _named([member for part in those.values() for member in part] for those in found.values())
    parts = _named(part for those in found.values() for part in those.values())
    return Kin(whole, parts, sum(len(those) > 1 for those in found.values()))


def _named(groups: Iterable[Sequence[tuple[str, int]]]) -> dict[int, str]:
    """Account to the code of the first of its group, for groups of several."""
    return {key: min(members)[0] for members in groups if len(members) > 1 for _code, key in members}


def locked(
    session: Session, asked: frozenset[int], rows: Sequence[Any], parts: Mapping[int, str], day: date
) -> dict[int, str]:
    """Accounts that stay with their owner, and why.

    Those that somebody names, with the rest of their family that their owner has; those that no rule may touch; those with
    a sale that is held over; and those that change hands on a later day.

    Args:
        parts: account to its part of a family, as `Kin` has it.
    """
    later = {
        row.id: _("it changes hands on {day}").format(day=row.began) for row in rows if row.began and row.began > day
    }
    held = dict.fromkeys(_held_over(session), _("a sale of it is held over"))
    exclusions = rule_exclusions.load(session).items()
    barred = {key: _("rules may not touch it") for key, places in exclusions if rule_exclusions.EVERYWHERE in places}
    named = dict.fromkeys(asked, _("it is locked"))
    return {**_relatives(rows, parts, asked), **later, **held, **barred, **named}


def asked(session: Session, names: Sequence[str]) -> frozenset[int]:
    """The accounts that somebody names to stay.

    Raises:
        NotFound: there is none of a name, or it is not the person's to see.
    """
    return frozenset(naming.find_id(session, t.account, name) for name in names)


def _relatives(rows: Sequence[Any], parts: Mapping[int, str], asked: frozenset[int]) -> dict[int, str]:
    """The accounts that stay since another one stays that their owner has of the same family."""
    first: dict[str, str] = {}
    for row in rows:
        if row.id in asked and row.id in parts and row.owner_id is not None:
            first.setdefault(parts[row.id], row.code)
    return {row.id: stays_with(first[parts[row.id]], _("it is locked")) for row in rows if parts.get(row.id) in first}


def _held_over(session: Session) -> set[int]:
    sale, held = t.opportunity.c, t.holdover.c
    return set(
        session.execute(
            select(sale.account_id).join(t.holdover, held.opportunity_id == sale.id).where(held.ended_on.is_(None))
        ).scalars()
    )
