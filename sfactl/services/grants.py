"""Who has which role, from when to when; roles taken in an emergency; and who may act for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from sqlalchemy import and_, delete, insert, literal, null, or_, select, union_all, update

from sfactl.core.roles import Scope
from sfactl.db import trail
from sfactl.db.session import Session
from sfactl.errors import Conflict, NotAllowed, NotFound, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming, policies

LONGEST_REASON = 500


@dataclass(frozen=True)
class GrantRow:
    """A role, or a deputyship, that somebody has, had or will have."""

    user: str
    user_name: str
    kind: str
    "`role`, `emergency` or `deputy`."
    role: str | None
    deputy_for: str | None
    since: date
    until: date | None
    "The first day on which it no longer holds."
    state: str
    "`current`, `future` or `past`."
    reason: str | None


def find(
    session: Session, *, user: str | None = None, role: str | None = None, everybody: bool = False
) -> list[GrantRow]:
    """Roles and deputyships in sight, by person; those that are over only with `everybody`.

    Raises:
        NotFound: there is no such person.
    """
    session.actor.require("access.read")
    user_id = None if user is None else naming.find_id(session, t.user, user, code="login")
    grant, taken, deputy = t.role_grant.c, t.emergency_grant.c, t.deputy.c
    his, boss, none = t.user.alias("his"), t.user.alias("boss"), null()
    parts = (
        (
            select(grant.user_id, literal("role"), t.role.c.code, none, grant.valid_from, grant.valid_to, grant.reason)
            .select_from(t.role_grant).join(t.role, t.role.c.id == grant.role_id)
        ),
        (
            select(taken.user_id, literal("emergency"), t.role.c.code, none, taken.day, none, taken.reason)
            .select_from(t.emergency_grant).join(t.role, t.role.c.id == taken.role_id)
        ),
        (
            select(
                deputy.deputy_id, literal("deputy"), none, boss.c.login, deputy.valid_from, deputy.valid_to, deputy.reason
            )
            .select_from(t.deputy).join(boss, boss.c.id == deputy.user_id)
        ),
    )  # fmt: skip
    held = union_all(*parts).subquery()
    key, _kind, code, whom, since, _until, _reason = held.c
    statement = select(his.c.login, his.c.name, *list(held.c)[1:]).join(his, his.c.id == key)
    if user_id is not None:
        statement = statement.where(key == user_id)
    if role is not None:
        statement = statement.where(code == role)
    rows = session.execute(statement.order_by(his.c.login, since, code, whom))
    found = [_row(row, access_day(session)) for row in rows]
    return [row for row in found if everybody or row.state != "past"]


def _row(row: Any, today: date) -> GrantRow:
    login, name, kind, role, whom, since, until, reason = row
    if kind == "emergency":
        until = since.fromordinal(since.toordinal() + 1)
    state = "past" if until is not None and until <= today else "current" if since <= today else "future"
    return GrantRow(login, name, kind, role, whom, since, until, state, reason)


def access_day(session: Session) -> date:
    """The date by which access is decided: the person's where the data are a file, the server's, in UTC, on a server."""
    return session.today if session.is_sqlite else session.now.astimezone(UTC).date()


def grant(
    session: Session,
    key: str,
    role: str,
    *,
    since: date | None = None,
    until: date | None = None,
    reason: str | None = None,
) -> None:
    """Give a person a role, from a day on, and until another if one is named; one in force gets the new end.

    Raises:
        UsageFault: there is no such role, it is for emergencies, or the days make no sense.
        Conflict: nobody would be left to administer.
        NotFound: there is no such person.
    """
    session.actor.require("access.edit")
    _require_oneself(session)
    since = since or access_day(session)
    _require_span(since, until)
    user_id = naming.find_id(session, t.user, key, code="login")
    role_id, is_emergency = _role(session, role)
    if is_emergency:
        raise UsageFault(
            _("The role {role} is not granted: it is taken in an emergency.").format(role=role),
            _("`sfactl access break-glass {role} --reason WHY` takes it for today.").format(role=role),
        )
    held = t.role_grant.c
    goes_on = and_(held.valid_from <= since, or_(held.valid_to.is_(None), held.valid_to > since))
    before = session.execute(
        select(held.id, held.valid_to)
        .where(held.user_id == user_id, held.role_id == role_id, or_(goes_on, held.valid_from == since))
        .order_by(held.valid_from.desc())
    ).first()
    if before:
        session.sql.execute(update(t.role_grant).where(held.id == before.id).values(valid_to=until, reason=reason))
        policies.require_administrator(session)
    else:
        session.sql.execute(
            insert(t.role_grant).values(
                user_id=user_id,
                role_id=role_id,
                valid_from=since,
                valid_to=until,
                granted_at=session.now,
                reason=reason,
            )
        )
    session.record(
        "grant", "user", _login(session, user_id), reason=reason,
        before={"role": role, "until": before.valid_to} if before else None,
        after={"role": role, "from": since, "until": until},
    )  # fmt: skip


def revoke(session: Session, key: str, role: str, *, on: date | None = None, reason: str | None = None) -> None:
    """Take a role away from a day on: what is in force ends, what was to come never begins.

    Raises:
        NotFound: there is no such person, or he has no such role.
        Conflict: nobody would be left to administer.
    """
    session.actor.require("access.edit")
    _require_oneself(session)
    day = on or access_day(session)
    user_id = naming.find_id(session, t.user, key, code="login")
    role_id, is_emergency = _role(session, role)
    if is_emergency and _revoke_taken(session, user_id, role_id):
        session.record("revoke", "user", _login(session, user_id), reason=reason, before={"role": role, "taken": day})
        return
    held = t.role_grant.c
    rows = session.execute(
        select(held.id, held.valid_from, held.valid_to).where(
            held.user_id == user_id, held.role_id == role_id, or_(held.valid_to.is_(None), held.valid_to > day)
        )
    ).all()
    if not rows:
        raise NotFound(
            _("{user} does not have the role {role}.").format(user=_login(session, user_id), role=role),
            _("`sfactl access list {user}` shows those they have.").format(user=_login(session, user_id)),
        )
    for row in rows:
        end = max(day, row.valid_from)
        session.sql.execute(update(t.role_grant).where(held.id == row.id).values(valid_to=end))
    policies.require_administrator(session)
    session.record(
        "revoke", "user", _login(session, user_id), reason=reason,
        before={"role": role, "until": rows[0].valid_to}, after={"role": role, "until": day},
    )  # fmt: skip


def _revoke_taken(session: Session, user_id: int, role_id: int) -> int:
    """Take away a role that somebody took in an emergency; that he took it stays in the trail."""
    taken = t.emergency_grant.c
    is_now = and_(taken.user_id == user_id, taken.role_id == role_id, taken.day >= access_day(session))
    return session.run(delete(t.emergency_grant).where(is_now))


def break_glass(session: Session, role: str, *, reason: str) -> None:
    """Take a role for today, oneself, because something cannot wait.

    Raises:
        UsageFault: the role is not for emergencies, or no reason is given.
        NotAllowed: it would be taken for another person.
        Conflict: it is taken already.
    """
    session.actor.require("emergency.create")
    _require_oneself(session)
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise UsageFault(_("Say why, in 1 to {most} characters: --reason TEXT").format(most=LONGEST_REASON))
    role_id, is_emergency = _role(session, role)
    if not is_emergency:
        raise UsageFault(
            _("The role {role} cannot be taken; it is granted by an administrator.").format(role=role),
            _("For emergencies: {roles}.").format(roles=", ".join(_emergency_roles(session)) or "–"),
        )
    if role in session.actor.emergency:
        raise Conflict(_("You have taken the role {role} for today already.").format(role=role))
    day = access_day(session)
    session.sql.execute(
        insert(t.emergency_grant).values(
            user_id=session.actor.user_id, role_id=role_id, day=day, granted_at=session.now, reason=reason
        )
    )
    session.record(trail.BREAK_GLASS, "user", session.actor.login, reason=reason, after={"role": role, "day": day})


def name_deputy(
    session: Session,
    key: str,
    deputy: str,
    *,
    until: date,
    since: date | None = None,
    reason: str | None = None,
) -> None:
    """Let a person act for another until a day; on a server, `access sync` lets him.

    Raises:
        UsageFault: the days make no sense, or somebody would be his own deputy.
        NotFound: there is no such person.
    """
    session.actor.require("deputy.create")
    _require_oneself(session)
    since = since or access_day(session)
    _require_span(since, until)
    user_id = naming.find_id(session, t.user, key, code="login")
    deputy_id = naming.find_id(session, t.user, deputy, code="login")
    if user_id == deputy_id:
        raise UsageFault(_("Nobody is his own deputy."))
    if user_id != session.actor.user_id and session.actor.scope("access.edit") is not Scope.ALL:
        raise NotAllowed(
            _("You name a deputy for yourself; for others an administrator does."), _("Ask them, or an administrator.")
        )
    _end_deputyships(session, user_id, deputy_id, since)
    named = t.deputy.c
    begun = and_(named.user_id == user_id, named.deputy_id == deputy_id, named.valid_from == since)
    if not session.run(update(t.deputy).where(begun).values(valid_to=until, reason=reason)):
        session.sql.execute(
            insert(t.deputy).values(
                user_id=user_id, deputy_id=deputy_id, valid_from=since, valid_to=until, reason=reason
            )
        )
    names = {"deputy": _login(session, deputy_id), "from": since, "until": until}
    session.record("deputy", "user", _login(session, user_id), reason=reason, after=names)


def end_deputy(session: Session, key: str, deputy: str, *, reason: str | None = None) -> None:
    """Let a person act for another no longer.

    Raises:
        NotFound: there is no such person, or he is not the other's deputy.
    """
    session.actor.require("deputy.edit")
    _require_oneself(session)
    user_id = naming.find_id(session, t.user, key, code="login")
    deputy_id = naming.find_id(session, t.user, deputy, code="login")
    names: Mapping[str, object] = {"deputy": _login(session, deputy_id), "until": access_day(session)}
    if not _end_deputyships(session, user_id, deputy_id, access_day(session)):
        raise NotFound(_("{deputy} is not a deputy of {user}.").format(deputy=deputy, user=_login(session, user_id)))
    session.record("deputy", "user", _login(session, user_id), reason=reason, after=names)


def _end_deputyships(session: Session, user_id: int, deputy_id: int, day: date) -> int:
    """End what is in force on the day, and what was to come; returns how many there were."""
    named = t.deputy.c
    of_them = and_(named.user_id == user_id, named.deputy_id == deputy_id, named.valid_to > day)
    count = session.run(update(t.deputy).where(of_them, named.valid_from < day).values(valid_to=day))
    later = and_(of_them, named.valid_from >= day)
    return count + session.run(update(t.deputy).where(later).values(valid_to=named.valid_from))


def _require_oneself(session: Session) -> None:
    """Who acts for another does not change who may do what: it would outlast him."""
    if session.actor.is_acting_for_another:
        raise NotAllowed(
            _("Roles and deputies are changed by people themselves, not by those who act for them."),
            _("Sign in as yourself, without --as."),
        )


def _require_span(since: date, until: date | None) -> None:
    if until is not None and until <= since:
        raise UsageFault(
            _("It would end ({until}) before it begins ({since}).").format(until=until, since=since),
            _("--until is the first day on which it no longer holds."),
        )


def _role(session: Session, code: str) -> tuple[int, bool]:
    rows = session.execute(select(t.role.c.code, t.role.c.id, t.role.c.is_emergency).where(t.role.c.active)).all()
    roles = {row.code: (row.id, row.is_emergency) for row in rows}
    if code not in roles:
        raise UsageFault(
            _("There is no role {role}.").format(role=code), _("Roles: {roles}.").format(roles=", ".join(sorted(roles)))
        )
    return roles[code]


def _emergency_roles(session: Session) -> list[str]:
    is_one = t.role.c.active & t.role.c.is_emergency
    return list(session.execute(select(t.role.c.code).where(is_one).order_by(t.role.c.code)).scalars())


def _login(session: Session, user_id: int) -> str:
    return str(session.execute(select(t.user.c.login).where(t.user.c.id == user_id)).scalar_one())
