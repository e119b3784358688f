"""Plans that give accounts to other people or territories: those that a filter finds, or those of a file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, and_, select

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import assignments, families, moving_along, naming, plan_names
from sfactl.services.moving_along import Along, Move
from sfactl.services.narrowing import AccountFilter, narrow
from sfactl.services.plan_names import Names

BATCH: Final = 2000

_account = t.account.c


@dataclass(frozen=True)
class Request:
    """Accounts that a filter finds, and where they are to go."""

    wanted: AccountFilter
    to: str | None = None
    to_territory: str | None = None
    has_families: bool = False
    along: Along = field(default_factory=Along)
    cause: str = "manual"


class Now(NamedTuple):
    """An account as it is."""

    account_id: int
    code: str
    owner: int | None
    place: int
    began: date | None
    "Since when it has been so."


def lines(session: Session, request: Request, effective: date) -> Iterator[Line | Left]:
    """The accounts that a filter finds, given to somebody else or put elsewhere, with what goes along.

    Raises:
        NotFound: a person or a territory is not there, or not in sight.
        UsageFault: the new owner does not work here any more, or nothing is said of where accounts are to go.
    """
    session.actor.require("account.reassign")
    if request.to is None and request.to_territory is None:
        raise UsageFault(
            _("It is not said to whom or where the accounts go."), _("Add --to USER or --to-territory TERRITORY.")
        )
    names = plan_names.load(session)
    to_owner = active_person(session, request.to)
    to_place = naming.find_id_or_none(session, t.territory, request.to_territory)
    for batch in chosen(session, request.wanted, has_families=request.has_families):
        moves = [
            Move(
                now.account_id, now.code, now.owner, now.owner if request.to is None else to_owner,
                now.place, to_place or now.place, None, request.cause,
            )
            for now in batch
        ]  # fmt: skip
        yield from planned(session, zip(batch, moves, strict=True), request.along, effective, names)


def chosen(session: Session, wanted: AccountFilter, *, has_families: bool = False) -> Iterator[list[Now]]:
    """Accounts that a filter finds, by code, some at a time."""
    keys = narrow(session, select(_account.id), wanted, owner=_account.owner_id, territory=_account.territory_id)
    if wanted.is_unowned:
        keys = keys.where(_account.owner_id.is_(None))
    statement = select_now().where(_account.id.in_(families.of(keys) if has_families else keys)).order_by(_account.code)
    for rows in session.execute(statement.execution_options(yield_per=BATCH)).partitions(BATCH):
        yield [Now(*row) for row in rows]


def select_now() -> Select[Any]:
    """Accounts as they are: the columns of `Now`."""
    holds = t.assignment.c
    is_its = and_(holds.account_id == _account.id, assignments.is_open())
    columns = (_account.id, _account.code, _account.owner_id, _account.territory_id, holds.valid_from)
    return select(*columns).select_from(t.account).outerjoin(t.assignment, is_its)


def planned(
    session: Session, pairs: Iterable[tuple[Now, Move]], along: Along, effective: date, names: Names
) -> Iterator[Line | Left]:
    """The lines of moves that change something and may be; the others are left alone."""
    due: list[Move] = []
    for now, move in pairs:
        if (now.owner, now.place) == (move.to_owner, move.to_place):
            continue
        if now.began is not None and now.began > (move.since or effective):
            reason = _("changed hands on {day}, after the day from which this is to hold").format(day=now.began)
            yield Left("account", now.code, reason)
            continue
        due.append(move)
    yield from moving_along.lines(session, due, along, effective, names)


def active_person(session: Session, key: str | None) -> int | None:
    """The person that somebody means, who must be active.

    Raises:
        NotFound: there is none.
        UsageFault: he does not work here any more.
    """
    if key is None:
        return None
    user_id = naming.find_id(session, t.user, key, code="login")
    login, active = session.execute(select(t.user.c.login, t.user.c.active).where(t.user.c.id == user_id)).one()
    if not active:
        raise UsageFault(_("{user} is not active.").format(user=login), _("Name somebody who works here."))
    return user_id
