"""Accounts and opportunities that nobody has, given to those who may have them, can do it, and have the least to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from sfactl.core.distribution import Choice, Needs, Pool, Seller
from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import assignment_policy, naming, plan_names, territories
from sfactl.services.assignment_policy import AssignmentPolicy
from sfactl.services.narrowing import AccountFilter, narrow

SELLING = "account_manager"
"""The role in a territory that gets accounts; people who are named may have another."""
TOGETHER = 2000
"""So many rows are read at once."""


@dataclass(frozen=True)
class Request:
    """What is to be distributed, and to whom."""

    wanted: AccountFilter = field(default_factory=AccountFilter)
    to: tuple[str, ...] = ()
    "Only these people; everybody who may when it is empty."
    new_since: date | None = None
    "Only what came in since this day."
    opportunities: bool = False
    "Open opportunities that nobody is credited with, too."


def lines(session: Session, request: Request, effective: date) -> Iterator[Line | Left]:
    """Give accounts without an owner, by code, to whoever has the least to do; then opportunities without a seller.

    An opportunity goes to its account's owner, also to one whom the account has just got; only where there is none who
    is still here, to whoever has the fewest open opportunities for his hours.
    """
    session.actor.require("account.reassign")
    run = _Distribution(session, request, effective)
    yield from run.accounts()
    if request.opportunities:
        session.actor.require("opportunity.reassign")
        yield from run.sales()


def pool(session: Session, effective: date, *, to: Sequence[str] = (), leaver: int | None = None) -> Pool:
    """Those who may get accounts on a day, with what they have now.

    Args:
        to: only these people, whatever their role in their territories; account managers otherwise.
        leaver: the key of somebody who gets nothing.
    """
    sellers = _sellers(session, effective, to, leaver)
    policy = assignment_policy.current(session)
    for key, accounts, work in _loads(session, policy):
        if key in sellers:
            sellers[key].accounts, sellers[key].work_e3 = accounts, int(work)
    return _pool(session, effective, sellers, any_role=bool(to))


def sales_pool(session: Session, effective: date, *, to: Sequence[str] = (), leaver: int | None = None) -> Pool:
    """Those who may get opportunities on a day; an open one is a unit of work, and none is too many."""
    sellers = _sellers(session, effective, to, leaver)
    sale = t.opportunity.c
    counts = session.execute(
        select(sale.credited_id, func.count()).where(sale.status == "open", sale.credited_id.is_not(None))
        .group_by(sale.credited_id)
    )  # fmt: skip
    for seller in sellers.values():
        seller.capacity_accounts = None
    for key, count in counts:
        if key in sellers:
            sellers[key].accounts, sellers[key].work_e3 = count, count
    return _pool(session, effective, sellers, any_role=bool(to))


def needs_of(session: Session, account_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """What each of the accounts requires: skill and level; what would be good to have is left out."""
    need = t.account_need.c
    found: dict[int, dict[str, int]] = {}
    rows = session.execute(
        select(need.account_id, t.skill.c.code, need.level)
        .join(t.skill, t.skill.c.id == need.skill_id)
        .where(need.account_id.in_(account_ids), need.weight.is_(None))
    )
    for account_id, skill, level in rows:
        found.setdefault(account_id, {})[skill] = level
    return found


def _sellers(session: Session, effective: date, to: Sequence[str], leaver: int | None) -> dict[int, Seller]:
    """People who are still here and members somewhere, by key."""
    policy = assignment_policy.current(session)
    statement = (
        select(t.user.c.id, t.user.c.login, t.capacity.c.accounts, t.capacity.c.hours, t.capacity.c.id.label("own"))
        .outerjoin(t.capacity, t.capacity.c.user_id == t.user.c.id)
        .where(t.user.c.active, t.user.c.id != (leaver or 0))
        .where(
            t.user.c.id.in_(
                _members(effective, any_role=bool(to)).with_only_columns(t.territory_member.c.user_id).order_by(None)
            )
        )
        .order_by(t.user.c.login)
    )
    if to:
        statement = statement.where(t.user.c.id.in_([naming.find_id(session, t.user, key, code="login") for key in to]))
    rows = session.execute(statement).all()
    skills, last = skills_of_people(session), _last_got(session, effective)
    return {
        row.id: Seller(
            row.id, row.login, skills.get(row.id, {}),
            policy.capacity_accounts if row.accounts is None else row.accounts,
            policy.capacity_hours if row.hours is None else row.hours, last_on=last.get(row.id, 0),
        )
        for row in rows
    }  # fmt: skip


def _pool(session: Session, effective: date, sellers: Mapping[int, Seller], *, any_role: bool) -> Pool:
    members: dict[int, list[int]] = {}
    for place, key in session.execute(_members(effective, any_role=any_role)):
        if key in sellers:
            members.setdefault(place, []).append(key)
    rows = session.execute(select(t.territory.c.id, t.territory.c.parent_id, t.territory.c.code)).all()
    return Pool(
        sellers.values(), members, {row.id: row.parent_id for row in rows}, {row.id: row.code for row in rows}
    )  # fmt: skip


def _members(day: date, *, any_role: bool) -> Select[Any]:
    member = t.territory_member.c
    statement = (
        select(member.territory_id, member.user_id)
        .where(member.valid_from <= day, or_(member.valid_to.is_(None), member.valid_to > day))
        .distinct()
        .order_by(member.territory_id, member.user_id)
    )
    return statement if any_role else statement.where(member.role == SELLING)


def skills_of_people(session: Session) -> dict[int, Needs]:
    """What each person knows: skill and level, by the person's key."""
    found: dict[int, dict[str, int]] = {}
    rows = session.execute(
        select(t.user_skill.c.user_id, t.skill.c.code, t.user_skill.c.level)
        .join(t.skill, t.skill.c.id == t.user_skill.c.skill_id)
    )  # fmt: skip
    for user_id, skill, level in rows:
        found.setdefault(user_id, {})[skill] = level
    return dict(found)


def _last_got(session: Session, effective: date) -> dict[int, int]:
    """The number of the day on which each person last got an account."""
    holds = t.assignment.c
    rows = session.execute(
        select(holds.user_id, func.max(holds.valid_from))
        .where(holds.role == "owner", holds.user_id.is_not(None), holds.valid_from <= effective)
        .group_by(holds.user_id)
    )
    return {key: day.toordinal() for key, day in rows}


def _loads(session: Session, policy: AssignmentPolicy) -> Iterator[Any]:
    """Each owner's number of accounts and the work that they ask for."""
    account = t.account.c
    return iter(
        session.execute(
            select(account.owner_id, func.count(), func.sum(policy.work()))
            .where(account.owner_id.is_not(None))
            .group_by(account.owner_id)
        )
    )


class _Distribution:
    """One distribution, while it goes through its rows."""

    def __init__(self, session: Session, request: Request, effective: date) -> None:
        self._session = session
        self._request = request
        self._day = effective
        self._names = plan_names.load(session)
        self._policy = assignment_policy.current(session)
        self._pool = pool(session, effective, to=request.to)
        self._unassigned = territories.unassigned_id(session)
        self._named = {naming.find_id(session, t.user, key, code="login") for key in request.to}
        self._got: dict[int, int] = {}
        "New owners of accounts that have opportunities without a seller."

    def accounts(self) -> Iterator[Line | Left]:
        for part in self._session.execute(self._unowned()).partitions(TOGETHER):
            needs = needs_of(self._session, [row.id for row in part])
            for row in part:
                yield self._account(row, needs.get(row.id, {}))

    def _unowned(self) -> Select[Any]:
        account, sale = t.account.c, t.opportunity.c
        waits = select(sale.id).where(_has_no_seller(), sale.account_id == account.id).exists()
        statement = select(
            account.id, account.code, account.territory_id, self._policy.work().label("work"), waits.label("waits")
        ).where(account.owner_id.is_(None))  # fmt: skip
        return self._narrowed(statement, account.created_at, account.territory_id).order_by(account.code)

    def _narrowed(self, statement: Select[Any], came_at: Any, territory: ColumnElement[Any]) -> Select[Any]:
        statement = narrow(
            self._session, statement, self._request.wanted, owner=t.account.c.owner_id, territory=territory
        )  # fmt: skip
        if self._request.new_since is not None:
            since = datetime.combine(self._request.new_since, time(), self._session.now.tzinfo)
            statement = statement.where(came_at >= since)
        return statement.execution_options(yield_per=TOGETHER)

    def _account(self, row: Any, needs: Needs) -> Line | Left:
        if row.territory_id == self._unassigned:
            return Left("account", row.code, _("it lies in no territory"))
        chosen = self._pool.place(
            row.territory_id, needs, row.work, self._day.toordinal()
        )  # fmt: skip
        if chosen.seller is None:
            return Left("account", row.code, chosen.reason)
        if row.waits and self._request.opportunities:
            self._got[row.id] = chosen.seller.key
        place = self._names.code(row.territory_id)
        before, after = {"owner": None, "territory": place}, {"owner": chosen.login, "territory": place}
        return Line("account", row.code, before, after, "distribution")

    def sales(self) -> Iterator[Line | Left]:
        free = sales_pool(self._session, self._day, to=self._request.to)
        here = set(self._session.execute(select(t.user.c.id).where(t.user.c.active)).scalars())
        for part in self._session.execute(self._unsold()).partitions(TOGETHER):
            needs = needs_of(self._session, [row.account_id for row in part])
            for row in part:
                chosen = self._seller(row, needs.get(row.account_id, {}), free, here)
                yield self._sale(row, chosen)

    def _unsold(self) -> Select[Any]:
        sale = t.opportunity.c
        statement = (
            select(sale.code, sale.account_id, sale.territory_id, sale.credited_territory_id, t.account.c.owner_id)
            .select_from(t.opportunity)
            .outerjoin(t.account, t.account.c.id == sale.account_id)
            .where(_has_no_seller())
        )
        return self._narrowed(statement, sale.created_at, sale.territory_id).order_by(sale.code)

    def _seller(self, row: Any, needs: Needs, free: Pool, here: set[int]) -> Choice | str:
        owner = self._got.get(row.account_id, row.owner_id)
        if owner in here:
            login = self._names.logins[owner]
            is_meant = not self._named or owner in self._named
            return login if is_meant else Choice(None, _("its account is {owner}'s").format(owner=login))
        if row.territory_id == self._unassigned:
            return Choice(None, _("it lies in no territory"))
        return free.place(row.territory_id, needs, 1, self._day.toordinal())

    def _sale(self, row: Any, chosen: Choice | str) -> Line | Left:
        login = chosen if isinstance(chosen, str) else chosen.login
        if isinstance(chosen, Choice) and login is None:
            return Left("opportunity", row.code, chosen.reason)
        place = self._names.code(row.credited_territory_id)
        before, after = {"seller": None, "territory": place}, {"seller": login, "territory": place}
        return Line("opportunity", row.code, before, after, "distribution")


def _has_no_seller() -> ColumnElement[bool]:
    return and_(t.opportunity.c.credited_id.is_(None), t.opportunity.c.status == "open")
