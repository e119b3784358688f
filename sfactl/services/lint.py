"""What is wrong with who works what: accounts, territories, opportunities, rules, holdovers and plans that need a person."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import rule_checks, territories

TOGETHER: Final = 2000


@dataclass(frozen=True)
class FindingRow:
    """Something that needs a person."""

    finding: str
    key: str
    name: str | None
    territory: str | None
    detail: str


def check(session: Session, only: Sequence[str] = ()) -> Iterator[FindingRow]:
    """What is found in sight, kind by kind.

    Raises:
        UsageFault: there is no such kind.
    """
    session.actor.require("assignment.read")
    wrong = sorted(set(only) - set(KINDS))
    if wrong:
        raise UsageFault(
            _("There is no finding {name}.").format(name=wrong[0]),
            _("Findings: {names}.").format(names=", ".join(KINDS)),
        )
    for kind in only or KINDS:
        for row in KINDS[kind](session):
            yield FindingRow(kind, *row)


_Found = Iterator[tuple[str, str | None, str | None, str]]
"""Key, name, territory and detail of each finding."""


def _accounts(session: Session, condition: ColumnElement[bool], detail: str) -> _Found:
    """Accounts for which something holds; `detail` may name their owner."""
    account = t.account.c
    statement = (
        select(account.code, account.name, t.territory.c.code, t.user.c.login)
        .select_from(t.account)
        .outerjoin(t.territory, t.territory.c.id == account.territory_id)
        .outerjoin(t.user, t.user.c.id == account.owner_id)
        .where(condition)
        .order_by(account.code)
    )
    for code, name, place, owner in _stream(session, statement):
        yield code, name, place, detail.format(owner=owner, territory=place)


def _stream(session: Session, statement: Select[Any]) -> Iterator[Any]:
    return iter(session.execute(statement.execution_options(yield_per=TOGETHER)))


def _without_owner(session: Session) -> _Found:
    return _accounts(session, t.account.c.owner_id.is_(None), _("nobody owns it"))


def _without_territory(session: Session) -> _Found:
    return _accounts(
        session, t.account.c.territory_id == territories.unassigned_id(session), _("it lies in no territory")
    )


def _owner_gone(session: Session) -> _Found:
    left = t.user.alias("left")
    gone = t.account.c.owner_id.in_(select(left.c.id).where(~left.c.active))
    return _accounts(session, gone, _("{owner} has left"))


def _owner_outside(session: Session) -> _Found:
    """Pairs of owner and territory are looked at once, however many accounts they have; territories in sight only."""
    account, place, above = t.account.c, t.territory.alias("place"), t.territory.alias("above")
    member, owner = t.territory_member.c, t.user.alias("owner")
    pairs = (
        select(account.owner_id, account.territory_id)
        .where(account.owner_id.is_not(None), account.territory_id != territories.unassigned_id(session))
        .distinct()
        .subquery("pairs")
    )
    is_member = exists(
        select(member.id)
        .join(above, above.c.id == member.territory_id)
        .where(
            member.user_id == pairs.c.owner_id, _holds(session),
            place.c.tree_left.between(above.c.tree_left, above.c.tree_right),
        )
    )  # fmt: skip
    outside = (
        select(pairs.c.owner_id, pairs.c.territory_id)
        .join(place, place.c.id == pairs.c.territory_id)
        .join(owner, owner.c.id == pairs.c.owner_id)
        .where(owner.c.active, ~is_member)
        .subquery("outside")
    )
    is_outside = exists().where(
        outside.c.owner_id == account.owner_id, outside.c.territory_id == account.territory_id
    )  # fmt: skip
    return _accounts(session, is_outside, _("{owner} is no member of {territory} or of one above it in sight"))


def _holds(session: Session) -> ColumnElement[bool]:
    member, today = t.territory_member.c, session.today
    return and_(member.valid_from <= today, or_(member.valid_to.is_(None), member.valid_to > today))


def _two_owners(session: Session) -> _Found:
    """Owner rows that overlap; the database refuses them, and still they are looked for."""
    one, other = t.assignment.alias("one"), t.assignment.alias("other")
    overlapping = (
        select(one.c.account_id)
        .join(other, and_(other.c.account_id == one.c.account_id, other.c.id != one.c.id, other.c.role == "owner"))
        .where(one.c.role == "owner", one.c.valid_from <= other.c.valid_from)
        .where(or_(one.c.valid_to.is_(None), one.c.valid_to > other.c.valid_from))
    )
    return _accounts(session, t.account.c.id.in_(overlapping), _("it has two owners on one day"))


def _places(session: Session, condition: ColumnElement[bool], detail: str) -> _Found:
    """Territories in use for which something holds."""
    place = t.territory.c
    is_used = or_(place.archived_on.is_(None), place.archived_on > session.today)
    rows = session.execute(
        select(place.code, place.name)
        .where(condition, is_used, place.id != territories.unassigned_id(session))
        .order_by(place.tree_left)
    )
    for code, name in rows:
        yield code, name, code, detail


def _without_manager(session: Session) -> _Found:
    """Only where all that lies above is in sight: a manager may stand there."""
    above, place = t.territory.alias("above"), t.territory.c
    is_above = place.tree_left.between(above.c.tree_left, above.c.tree_right)
    managed = exists(_members(session, above, is_above).where(t.territory_member.c.role == "manager"))
    parent = t.territory.alias("parent")
    is_hidden = ~exists(select(parent.c.id).where(parent.c.id == above.c.parent_id))
    cut = exists(select(above.c.id).where(is_above, above.c.parent_id.is_not(None), is_hidden))
    return _places(session, and_(~managed, ~cut), _("neither it nor a territory above it has a manager"))


def _without_members(session: Session) -> _Found:
    below, place = t.territory.alias("below"), t.territory.c
    is_below = below.c.tree_left.between(place.tree_left, place.tree_right)
    return _places(
        session, ~exists(_members(session, below, is_below)), _("nobody works in it or below it")
    )  # fmt: skip


def _members(session: Session, where: Any, condition: ColumnElement[bool]) -> Select[Any]:
    """People who are still here and members of a territory today."""
    member = t.territory_member.c
    return (
        select(member.id)
        .join(where, where.c.id == member.territory_id)
        .join(t.user, t.user.c.id == member.user_id)
        .where(condition, _holds(session), t.user.c.active)
        .correlate(t.territory)
    )


def _sales(session: Session, condition: ColumnElement[bool], detail: str) -> _Found:
    """Open opportunities for which something holds; `detail` may name whoever is credited."""
    sale = t.opportunity.c
    statement = (
        select(sale.code, sale.name, t.territory.c.code, t.user.c.login)
        .select_from(t.opportunity)
        .join(t.user, t.user.c.id == sale.credited_id)
        .outerjoin(t.territory, t.territory.c.id == sale.credited_territory_id)
        .where(sale.status == "open", condition)
        .order_by(sale.code)
    )
    for code, name, place, login in _stream(session, statement):
        yield code, name, place, detail.format(seller=login)


def _sales_of_leavers(session: Session) -> _Found:
    return _sales(session, ~t.user.c.active, _("{seller} has left"))


def _sales_left_behind(session: Session) -> _Found:
    """Credited to somebody who owned the account once and does so no more, with no holdover that says until when."""
    sale, held, holds = t.opportunity.c, t.holdover.c, t.assignment.c
    owned = exists().where(
        holds.account_id == sale.account_id, holds.role == "owner", holds.user_id == sale.credited_id,
        holds.valid_to.is_not(None),
    )  # fmt: skip
    is_held = exists().where(held.opportunity_id == sale.id, held.ended_on.is_(None))
    left_behind = and_(t.user.c.active, sale.owner_id.is_distinct_from(sale.credited_id), owned, ~is_held)
    return _sales(
        session, left_behind, _("{seller} owns the account no more, and no holdover says until when it stays")
    )


def _holdovers(session: Session) -> _Found:
    held, sale = t.holdover.c, t.opportunity.c
    rows = _stream(
        session,
        select(sale.code, sale.name, t.territory.c.code, held.until)
        .select_from(t.holdover)
        .join(t.opportunity, sale.id == held.opportunity_id)
        .outerjoin(t.territory, t.territory.c.id == held.to_territory_id)
        .where(held.ended_on.is_(None), held.until <= session.today)
        .order_by(sale.code),
    )
    for code, name, place, until in rows:
        yield code, name, place, _("it was held over until {day}").format(day=until)


def _plans(session: Session) -> _Found:
    run = t.run.c
    rows = session.execute(
        select(run.key, t.user.c.login, run.effective_on)
        .outerjoin(t.user, t.user.c.id == run.user_id)
        .where(run.status == "scheduled", run.effective_on < session.today)
        .order_by(run.effective_on, run.key)
    )
    for key, login, day in rows:
        yield key, None, None, _("{login} put it off to {day}, and it was not carried out").format(login=login, day=day)


KINDS: Final[dict[str, Callable[[Session], _Found]]] = {
    "account-without-owner": _without_owner,
    "account-without-territory": _without_territory,
    "owner-left": _owner_gone,
    "owner-outside": _owner_outside,
    "two-owners": _two_owners,
    "territory-without-manager": _without_manager,
    "territory-without-members": _without_members,
    "opportunity-of-leaver": _sales_of_leavers,
    "opportunity-left-behind": _sales_left_behind,
    "rule-never-matches": rule_checks.idle,
    "rule-shadowed": rule_checks.shadowed,
    "rule-without-person": rule_checks.without_person,
    "rule-tie": rule_checks.ties,
    "holdover-overdue": _holdovers,
    "plan-overdue": _plans,
}
"""What is looked for, in the order in which it is told."""
