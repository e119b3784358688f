"""A plan by which all that somebody has goes to others when he leaves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from sfactl.core.distribution import Pool
from sfactl.core.holdovers import taken_over
from sfactl.core.plans import Left, Line
from sfactl.core.roles import Scope
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import (
    approvals,
    assignment_policy,
    distribution,
    moves,
    moving_along,
    naming,
    plan_approvals,
    plan_members,
    plan_memberships,
    plan_names,
    plan_team_members,
)  # fmt: skip
from sfactl.services.moves import Now
from sfactl.services.moving_along import Along, Holdover, Move
from sfactl.services.narrowing import AccountFilter

CAUSE = "leaver"

_opportunity, _activity = t.opportunity.c, t.activity.c


@dataclass(frozen=True)
class Request:
    """Who leaves, and who gets what he has: a person, his manager, or whoever has the least to do."""

    leaver: str
    to: str | None = None
    to_manager: bool = False
    is_distributed: bool = False
    along: Along = field(default_factory=Along)


def lines(session: Session, request: Request, effective: date) -> Iterator[Line | Left]:
    """Accounts with what goes along, other open opportunities and shares, other planned activities, what he is asked to
    agree to, and memberships.

    Raises:
        NotFound: there is no such person.
        UsageFault: it is not said who gets what he has, or that person does not work here any more.
    """
    session.actor.require("account.reassign")
    leaver = naming.find_id(session, t.user, request.leaver, code="login")
    leaving = _Leaving(session, request, effective, leaver, _receiver(session, request, leaver))
    yield from leaving.accounts()
    yield from leaving.sales()
    yield from leaving.shares()
    yield from leaving.activities()
    yield from leaving.approvals()
    yield from leaving.memberships()
    yield from leaving.teams()


def _receiver(session: Session, request: Request, leaver: int) -> int | None:
    """Who gets everything; None where it is distributed."""
    if (request.to is not None) + request.to_manager + request.is_distributed != 1:
        raise UsageFault(
            _("It is not said who gets what {user} has.").format(user=request.leaver),
            _("Add one of --to USER, --to-manager and --distribute."),
        )
    if request.is_distributed:
        return None
    receiver = _manager(session, leaver) if request.to_manager else moves.active_person(session, request.to)
    if receiver == leaver:
        raise UsageFault(_("{user} cannot hand over to himself.").format(user=request.leaver), _("Name somebody else."))
    return receiver


def _manager(session: Session, leaver: int) -> int:
    """The nearest person above somebody who is still here."""
    seen, at = {leaver}, leaver
    while True:
        row = session.execute(select(t.user.c.manager_id).where(t.user.c.id == at)).one()
        if row.manager_id is None or row.manager_id in seen:
            raise UsageFault(_("There is no active manager."), _("Name somebody with --to USER."))
        at = row.manager_id
        seen.add(at)
        if session.execute(select(t.user.c.active).where(t.user.c.id == at)).scalar_one():
            return int(at)


class _Leaving:
    """One person's leaving, while it goes through what he has."""

    def __init__(self, session: Session, request: Request, effective: date, leaver: int, receiver: int | None) -> None:
        self._session, self._day, self._leaver, self._receiver = session, effective, leaver, receiver
        self._along = request.along
        self._names = plan_names.load(session)
        self._login = self._names.logins[leaver]
        self._policy = assignment_policy.current(session)
        self._here = set(session.execute(select(t.user.c.id).where(t.user.c.active, t.user.c.id != leaver)).scalars())
        self._got: dict[int, int] = {}
        "New owners of accounts, where they are distributed."
        self._pools: dict[str, Pool] = {}

    def _pool(self, kind: str) -> Pool:
        if kind not in self._pools:
            make = distribution.pool if kind == "accounts" else distribution.sales_pool
            self._pools[kind] = make(self._session, self._day, leaver=self._leaver)
        return self._pools[kind]

    def accounts(self) -> Iterator[Line | Left]:
        for batch in moves.chosen(self._session, AccountFilter(owner=self._login)):
            needs = distribution.needs_of(self._session, [now.account_id for now in batch])
            work = self._work([now.account_id for now in batch]) if self._receiver is None else {}
            due: list[tuple[Now, Move]] = []
            for now in batch:
                to = self._receiver or self._placed(now, needs.get(now.account_id, {}), work.get(now.account_id, 0))
                if isinstance(to, str):
                    yield Left("account", now.code, to)
                else:
                    due.append((now, self._move(now, to)))
            yield from moves.planned(self._session, due, self._along, self._day, self._names)

    def _work(self, keys: list[int]) -> Mapping[int, int]:
        account = t.account.c
        rows = self._session.execute(select(account.id, self._policy.work()).where(account.id.in_(keys)))
        return {row[0]: int(row[1]) for row in rows}

    def _placed(self, now: Now, needs: Mapping[str, int], work: int) -> int | str:
        """Who gets an account, or why nobody does."""
        choice = self._pool("accounts").place(now.place, needs, work, self._day.toordinal())
        if choice.seller is None:
            return choice.reason
        self._got[now.account_id] = choice.seller.key
        return choice.seller.key

    def _move(self, now: Now, to: int) -> Move:
        return Move(now.account_id, now.code, now.owner, to, now.place, now.place, None, CAUSE)

    def sales(self) -> Iterator[Line | Left]:
        """Open opportunities that he sells to accounts of others."""
        if self._along.holdover is Holdover.EXEMPT:
            return
        rows = self._session.execute(
            select(_opportunity.code, _opportunity.account_id, _opportunity.owner_id, _opportunity.territory_id, _opportunity.credited_territory_id)
            .where(_opportunity.status == "open", _opportunity.credited_id == self._leaver)
            .where(or_(_opportunity.owner_id.is_(None), _opportunity.owner_id != self._leaver))
            .order_by(_opportunity.code)
        ).all()  # fmt: skip
        for row in rows:
            to = self._receiver or self._seller(row)
            if isinstance(to, str):
                yield Left("opportunity", row.code, to)
            else:
                place = row.credited_territory_id
                yield moving_along.sale_line(row.code, (self._leaver, place), (to, place), CAUSE, self._names)

    def _seller(self, row: Any) -> int | str:
        """The account's owner, if he is still here; else whoever has the fewest."""
        if row.owner_id in self._here:
            return int(row.owner_id)
        choice = self._pool("sales").place(row.territory_id, {}, 1, self._day.toordinal())
        return choice.seller.key if choice.seller else choice.reason

    def shares(self) -> Iterator[Line | Left]:
        """His revenue shares in open opportunities that others sell."""
        split = t.opportunity_split.c
        rows = self._session.execute(
            select(_opportunity.id, _opportunity.code, _opportunity.credited_id)
            .join(t.opportunity_split, split.opportunity_id == _opportunity.id)
            .where(split.user_id == self._leaver, split.kind == "revenue", _opportunity.status == "open")
            .where(_opportunity.credited_id != self._leaver)
            .order_by(_opportunity.code)
        ).all()
        for key, code, seller in rows:
            before = moving_along.shares_of(self._session, [key])[key]
            after = taken_over(before, self._leaver, self._receiver or seller)
            yield from moving_along.share_lines(code, before, after, CAUSE, self._names)

    def activities(self) -> Iterator[Line | Left]:
        """What he planned, but for what goes along with his accounts."""
        if not self._along.has_activities:
            return
        account = t.account.c
        rows = self._session.execute(
            select(_activity.id, _activity.account_id, account.owner_id)
            .outerjoin(t.account, account.id == _activity.account_id)
            .where(_activity.owner_id == self._leaver, _activity.done_on.is_(None))
            .where(or_(account.id.is_(None), account.owner_id.is_(None), account.owner_id != self._leaver))
            .order_by(_activity.id)
        ).all()
        for number, _account_id, owner in rows:
            to = self._receiver or (owner if owner in self._here else None)
            if to is None:
                yield Left("activity", f"#{number}", _("its account has no owner who is still here"))
            else:
                yield moving_along.activity_line(number, self._leaver, to, CAUSE, self._names)

    def approvals(self) -> Iterator[Line | Left]:
        """What he is asked to agree to and has not answered: another one is asked, who may agree to it."""
        if not self._session.actor.may("approval.read"):
            return
        may_hand_over = self._session.actor.scope("approval.edit") is Scope.ALL
        for asked in plan_approvals.pending(self._session, t.approval.c.approver_id == self._leaver):
            to = approvals.instead_of(self._session, asked.quote_id, asked.rule_id, self._leaver, self._receiver)
            if not may_hand_over:
                yield Left("approval", asked.key, _("your role may not hand it over"))
            elif to is None:
                yield Left("approval", asked.key, _("nobody else has the role that must agree to it"))
            else:
                yield plan_approvals.line(asked, self._login, self._names.login(to), CAUSE)

    def memberships(self) -> Iterator[Line | Left]:
        """His places in territories and teams end on the day."""
        for kind in (plan_members.KIND, plan_team_members.KIND):
            for member in plan_memberships.current(self._session, kind).values():
                if member.user == self._login and member.holds_after(self._day):
                    yield plan_memberships.ended(kind, member, self._day)._replace(cause=CAUSE)

    def teams(self) -> Iterator[Line | Left]:
        """Teams that he leads are led by whoever gets what he has; by nobody where it is distributed."""
        team = t.team.c
        to = self._names.login(self._receiver)
        rows = self._session.execute(select(team.code).where(team.lead_id == self._leaver).order_by(team.code))
        for code in rows.scalars():
            yield Line("team", code, {"lead": self._login}, {"lead": to}, CAUSE)
