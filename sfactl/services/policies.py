"""The policy in force: what it says, what another would change, and putting one in force."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update

from sfactl.config.places import Places
from sfactl.config.policy import Policy
from sfactl.core.roles import ADMINISTRATION, NOUN_ACTIONS, Scope
from sfactl.db.session import Session
from sfactl.errors import Conflict, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import (
    approval_policy,
    assignment_policy,
    catalogue_policy,
    policy_rules,
    price_policy,
    process_policy,
    quota_policy,
    report_policy,
    stock_policy,
)

Permissions = frozenset[tuple[str, str, str]]
"""Noun, action and scope of each."""


@dataclass(frozen=True)
class Difference:
    """One thing that a policy would change."""

    what: str
    name: str
    now: str | None
    then: str | None


@dataclass(frozen=True)
class Version:
    """A policy that was applied."""

    number: int
    applied_at: object
    user: str | None
    digest: str
    reason: str | None


def permissions_of(policy: Policy) -> dict[str, Permissions]:
    """Each role's permissions, with `*` spelled out.

    Raises:
        UsageFault: a noun or an action that does not exist.
    """
    text = policy.files["roles.toml"]
    return {code: frozenset(_spelled_out(code, role.permissions(), text)) for code, role in policy.roles.items()}


def _spelled_out(role: str, rows: list[tuple[str, str, str]], text: str) -> list[tuple[str, str, str]]:
    found = []
    for noun, action, scope in rows:
        nouns = list(NOUN_ACTIONS) if noun == "*" else [noun]
        for one in nouns:
            known = [str(name) for name in NOUN_ACTIONS.get(one, ())]
            if not known or (action != "*" and action not in known):
                line, column = Places(text).find(["roles", role, "may", noun])
                raise UsageFault(
                    _("{where}: role {role}: there is no permission {noun}.{action}.").format(
                        where=f"roles.toml:{line}:{column}", role=role, noun=one, action=action
                    ),
                    _("Nouns: {nouns}.").format(nouns=", ".join(NOUN_ACTIONS))
                    if not known
                    else _("Actions of {noun}: {actions}.").format(noun=one, actions=", ".join(known)),
                )
            found += [(one, name, scope) for name in (known if action == "*" else [action])]
    _refuse_self_service(role, found)
    return found


def _refuse_self_service(role: str, rows: list[tuple[str, str, str]]) -> None:
    """Who may give himself a role, or change what roles may, has everything: that is said as `all` or not at all."""
    administers = ("access", "edit", Scope.ALL) in rows
    for noun, action, scope in rows:
        if noun == "deputy" and action in ("create", "edit") and scope != Scope.OWN and not administers:
            raise UsageFault(
                _("roles.toml: role {role}: whoever names deputies for others can act as anybody.").format(role=role),
                _("Write {word}, or give access.edit too.").format(word=f'"{action}:own"'),
            )
        if noun in ("access", "policy") and action in ("create", "edit") and scope != Scope.ALL:
            raise UsageFault(
                _("roles.toml: role {role}: {noun}.{action} reaches everything or nothing; its scope is `all`.").format(
                    role=role, noun=noun, action=action
                ),
                _("Write {word}, or take it away.").format(word=f'"{action}:all"'),
            )


def current_files(session: Session) -> dict[str, str]:
    """The files of the policy in force; none before the first."""
    session.actor.require("policy.read")
    row = session.execute(
        select(t.policy_version.c.content).order_by(t.policy_version.c.number.desc()).limit(1)
    ).first()
    return dict(json.loads(row.content)) if row else {}


def versions(session: Session) -> list[Version]:
    """The policies that were applied, newest first."""
    session.actor.require("policy.read")
    rows = session.execute(
        select(
            t.policy_version.c.number, t.policy_version.c.applied_at, t.user.c.login,
            t.policy_version.c.digest, t.policy_version.c.reason,
        )
        .outerjoin(t.user, t.user.c.id == t.policy_version.c.user_id)
        .order_by(t.policy_version.c.number.desc())
    )  # fmt: skip
    return [Version(*row) for row in rows]


def differences(session: Session, policy: Policy) -> list[Difference]:
    """What applying a policy would change: roles' permissions, the calendar, the stages, assignment, quotas."""
    session.actor.require("policy.read")
    wanted = permissions_of(policy)
    held = _held_permissions(session)
    found = [
        Difference("permission", f"{role} {noun}.{action}", now, then)
        for role in sorted(wanted.keys() | held.keys())
        for (noun, action), (now, then) in _changes(held.get(role, frozenset()), wanted.get(role, frozenset()))
    ]
    found += _role_changes(session, policy)
    first_month = session.execute(select(t.workspace.c.fiscal_first_month)).scalar_one()
    if first_month != policy.calendar.fiscal_first_month:
        month = policy.calendar.fiscal_first_month
        found.append(Difference("calendar", "fiscal_first_month", str(first_month), str(month)))
    found += [
        Difference(what, name, now, then) for what, name, now, then in catalogue_policy.differing(session, policy)
    ]
    found += [Difference("report", name, now, then) for name, now, then in report_policy.differing(session, policy)]
    found += _settings(process_policy.said(session), process_policy.saying(policy))
    found += [Difference(*each) for each in approval_policy.differing(session, policy)]
    found += _settings(stock_policy.said(session), stock_policy.saying(policy.stock))
    found += _settings(price_policy.said(session), price_policy.saying(policy.pricing))
    return (
        found + _stage_changes(session, policy) + _assignment_changes(session, policy) + _quota_changes(session, policy)
    )


def _assignment_changes(session: Session, policy: Policy) -> list[Difference]:
    """Who gets which accounts, how work is weighed, and who is told."""
    found = [Difference("rule", code, now, then) for code, now, then in policy_rules.differing(session, policy)]
    return found + _settings(assignment_policy.said(session), assignment_policy.saying(policy.rules))


def _quota_changes(session: Session, policy: Policy) -> list[Difference]:
    """How quotas are spread over their time, and what days count."""
    return _settings(quota_policy.said(session), quota_policy.saying(policy.quotas))


def _settings(held: Mapping[str, str], wanted: Mapping[str, str]) -> list[Difference]:
    """What differs of settings by dotted name."""
    return [
        Difference(key.partition(".")[0], key.partition(".")[2], held.get(key), wanted.get(key))
        for key in sorted(held.keys() | wanted.keys())
        if held.get(key) != wanted.get(key)
    ]


def _role_changes(session: Session, policy: Policy) -> list[Difference]:
    """Roles that begin or cease to be for emergencies."""
    held = dict(session.execute(select(t.role.c.code, t.role.c.is_emergency).where(t.role.c.active)).all())
    return [
        Difference("emergency", code, str(held.get(code, False)).lower(), str(role.emergency).lower())
        for code, role in sorted(policy.roles.items())
        if held.get(code, False) != role.emergency
    ]


def _changes(now: Permissions, then: Permissions) -> list[tuple[tuple[str, str], tuple[str | None, str | None]]]:
    before = {(noun, action): scope for noun, action, scope in now}
    after = {(noun, action): scope for noun, action, scope in then}
    keys = sorted(before.keys() | after.keys())
    return [(key, (before.get(key), after.get(key))) for key in keys if before.get(key) != after.get(key)]


def _stage_changes(session: Session, policy: Policy) -> list[Difference]:
    held = {
        (
            row.process,
            row.code,
        ): f"{row.name}, {row.probability_bp // 100} %, {row.category}, {row.position}{_stuck_after(row.stuck_after)}"
        for row in session.execute(
            select(t.process.c.code.label("process"), t.stage)
            .join(t.process, t.process.c.id == t.stage.c.process_id)
            .where(t.stage.c.active)
        )
    }
    wanted = {
        (
            process.code,
            stage.code,
        ): f"{stage.name}, {stage.probability} %, {stage.category}, {position}{_stuck_after(stage.stuck_after)}"
        for process in policy.processes
        for position, stage in enumerate(process.stage)
    }
    return [
        Difference("stage", f"{key[0]} {key[1]}", held.get(key), wanted.get(key))
        for key in sorted(held.keys() | wanted.keys())
        if held.get(key) != wanted.get(key)
    ]


def _stuck_after(days: int) -> str:
    return "" if days == 30 else f", stuck after {days} days"


def apply(session: Session, policy: Policy, *, reason: str | None = None) -> int:
    """Put a policy in force, whole, and return its number.

    Raises:
        Conflict: nobody would be left who may grant roles and change the policy.
    """
    session.actor.require("policy.edit")
    before = _held_permissions(session)
    wanted = permissions_of(policy)
    _put_roles(session, policy, wanted)
    _put_processes(session, policy)
    assignment_policy.put(session, policy.rules)
    policy_rules.put(session, policy)
    report_policy.put(session, policy)
    quota_policy.put(session, policy)
    stock_policy.put(session, policy.stock)
    process_policy.put(session, policy)
    catalogue_policy.put(session, policy)
    price_policy.put(session, policy.pricing)
    approval_policy.put(session, policy)
    session.sql.execute(update(t.workspace).values(fiscal_first_month=policy.calendar.fiscal_first_month))
    number = (session.execute(select(func.max(t.policy_version.c.number))).scalar() or 0) + 1
    session.sql.execute(
        insert(t.policy_version).values(
            number=number, applied_at=session.now, user_id=session.actor.user_id, digest=policy.digest,
            content=json.dumps(dict(policy.files), ensure_ascii=False), reason=reason,
        )
    )  # fmt: skip
    _drop_roles(session, policy, wanted)
    session.record(
        "apply", "policy", str(number), reason=reason,
        before={"permissions": _as_lists(before)}, after={"permissions": _as_lists(wanted), "digest": policy.digest},
    )  # fmt: skip
    return number


def apply_and_check(session: Session, policy: Policy, *, reason: str | None = None) -> int:
    """Put a policy in force unless nobody would be left to administer; errors as of `apply` and `require_administrator`."""
    number = apply(session, policy, reason=reason)
    require_administrator(session)
    return number


def require_administrator(session: Session) -> None:
    """Refuse a change after which nobody who can sign in may administer the workspace, today and for good.

    Raises:
        Conflict: with the names of the permissions that nobody would have.
    """
    today = session.today
    held = set(
        session.execute(
            select(t.role_permission.c.noun + "." + t.role_permission.c.action)
            .join(t.role, t.role.c.id == t.role_permission.c.role_id)
            .join(t.role_grant, t.role_grant.c.role_id == t.role.c.id)
            .join(t.user, t.user.c.id == t.role_grant.c.user_id)
            .join(t.user_identity, t.user_identity.c.user_id == t.user.c.id)
            .where(t.role_permission.c.scope == Scope.ALL, t.role.c.active, ~t.role.c.is_emergency, t.user.c.active)
            .where(t.role_grant.c.valid_from <= today, t.role_grant.c.valid_to.is_(None))
        ).scalars()
    )
    missing = [name for name in ADMINISTRATION if name not in held]
    if missing:
        raise Conflict(
            _("Nobody would be left who may do this: {permissions}.").format(permissions=", ".join(missing)),
            _("Leave an active person who can sign in and has these permissions on everything."),
        )


def administers(session: Session, user_id: int) -> bool:
    """Whether a person may give roles to others."""
    grant, permission = t.role_grant.c, t.role_permission.c
    found = session.execute(
        select(permission.id)
        .join(t.role_grant, grant.role_id == permission.role_id)
        .where(grant.user_id == user_id, grant.valid_to.is_(None), permission.noun == "access")
        .where(permission.action == "edit")
    )
    return found.first() is not None


def _held_permissions(session: Session) -> dict[str, Permissions]:
    rows = session.execute(
        select(t.role.c.code, t.role_permission.c.noun, t.role_permission.c.action, t.role_permission.c.scope)
        .join(t.role, t.role.c.id == t.role_permission.c.role_id)
        .where(t.role.c.active)
    )
    held: dict[str, set[tuple[str, str, str]]] = {}
    for code, noun, action, scope in rows:
        held.setdefault(code, set()).add((noun, action, scope))
    return {code: frozenset(rows) for code, rows in held.items()}


def _put_roles(session: Session, policy: Policy, wanted: Mapping[str, Permissions]) -> None:
    """Roles and what they gain. What they lose goes last: on PostgreSQL a right that is gone holds at once."""
    for code, role in policy.roles.items():
        values = {"code": code, "title": role.title, "is_emergency": role.emergency, "active": True}
        changed = session.run(update(t.role).where(t.role.c.code == code).values(values))
        if not changed:
            session.sql.execute(insert(t.role).values(values))
    keys = _role_keys(session)
    held = _held_permissions(session)
    for code, rows in wanted.items():
        scopes = {(noun, action): scope for noun, action, scope in held.get(code, ())}
        for noun, action, scope in sorted(rows - held.get(code, frozenset())):
            values = {"role_id": keys[code], "noun": noun, "action": action, "scope": scope}
            if (noun, action) in scopes:
                session.sql.execute(
                    update(t.role_permission).where(_is_permission(keys[code], noun, action)).values(values)
                )
            else:
                session.sql.execute(insert(t.role_permission).values(values))


def _drop_roles(session: Session, policy: Policy, wanted: Mapping[str, Permissions]) -> None:
    keys = _role_keys(session)
    for code, rows in _held_permissions(session).items():
        kept = {(noun, action) for noun, action, _scope in wanted.get(code, ())}
        for noun, action, _scope in rows:
            if (noun, action) not in kept:
                session.sql.execute(delete(t.role_permission).where(_is_permission(keys[code], noun, action)))
    session.sql.execute(update(t.role).where(t.role.c.code.not_in(policy.roles)).values(active=False))


def _role_keys(session: Session) -> dict[str, int]:
    return {row.code: row.id for row in session.execute(select(t.role.c.code, t.role.c.id))}


def _is_permission(role_id: int, noun: str, action: str) -> ColumnElement[bool]:
    columns = t.role_permission.c
    return and_(columns.role_id == role_id, columns.noun == noun, columns.action == action)


def _put_processes(session: Session, policy: Policy) -> None:
    session.sql.execute(update(t.stage).values(active=False))
    for process in policy.processes:
        found = session.execute(select(t.process.c.id).where(t.process.c.code == process.code)).scalar()
        if found is None:
            found = session.sql.execute(
                insert(t.process).values(code=process.code, name=process.name).returning(t.process.c.id)
            ).scalar_one()
        known: dict[str, int] = {
            row.code: row.id
            for row in session.execute(select(t.stage.c.code, t.stage.c.id).where(t.stage.c.process_id == found))
        }
        for position, stage in enumerate(process.stage):
            values = {
                "process_id": found, "code": stage.code, "name": stage.name, "position": position,
                "probability_bp": stage.probability * 100, "category": stage.category, "status": stage.status,
                "guidance": stage.guidance, "active": True, "stuck_after": stage.stuck_after,
            }  # fmt: skip
            if stage.code in known:
                session.sql.execute(update(t.stage).where(t.stage.c.id == known[stage.code]).values(values))
            else:
                session.sql.execute(insert(t.stage).values(values))


def _as_lists(permissions: Mapping[str, Permissions]) -> dict[str, list[str]]:
    return {
        role: [f"{noun}.{action}:{scope}" for noun, action, scope in sorted(rows)]
        for role, rows in sorted(permissions.items())
    }
