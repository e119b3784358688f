"""A new workspace: tables, policy, the territory for what has none, and its first administrator."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from sfactl.config.policy import Policy
from sfactl.core.actor import Actor
from sfactl.core.money import minor_digits
from sfactl.core.roles import PERMISSIONS, Scope
from sfactl.core.text import match_key
from sfactl.db import migrate
from sfactl.db.connect import os_login
from sfactl.db.session import Session, system_session
from sfactl.db.url import DatabaseUrl
from sfactl.errors import Conflict
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import policies, territory_tree, users

WHY_UNSCOPED = "a workspace is made before anybody has rights in it"


@dataclass(frozen=True)
class Plan:
    """What a new workspace is to be."""

    name: str
    currency: str
    administrator: str
    "Login of the first administrator."
    identity: str | None = None
    "How the system knows him: his account on this machine, or his PostgreSQL role; the login when nothing is said."


def create(url: DatabaseUrl, plan: Plan, policy: Policy, *, now: datetime) -> None:
    """Make the tables and the first rows of a workspace.

    Raises:
        Conflict: the database holds a workspace already.
        UsageFault: the currency does not exist, or the administrator's name cannot be a role.
        Unavailable: the database cannot be reached or written.
    """
    minor_digits(plan.currency)
    if not url.is_sqlite:
        users.require_role_name(plan.identity or plan.administrator)
    migrate.upgrade(url)
    nobody_yet = Actor(0, plan.administrator, plan.administrator, signed_in_as=plan.administrator)
    with system_session(url, WHY_UNSCOPED, nobody_yet, now) as session:
        if session.execute(select(t.workspace.c.id)).first():
            raise Conflict(
                _("There is a workspace in {url} already.").format(url=url),
                _("Name another database, or use this one."),
            )
        session.actor = _first_administrator(session, url, plan)
        session.sql.execute(insert(t.workspace).values(name=plan.name, currency=plan.currency, created_at=now))
        session.sql.execute(insert(t.territory).values(_unassigned(now)))
        territory_tree.replant(session)
        policies.apply(session, policy, reason="init")
        role = session.execute(select(t.role.c.id).where(t.role.c.code == "admin")).scalar_one()
        session.sql.execute(
            insert(t.role_grant).values(
                user_id=session.actor.user_id, role_id=role, valid_from=session.today, granted_at=now, reason="init"
            )
        )
        policies.require_administrator(session)
        session.record("create", "workspace", plan.name, after={"currency": plan.currency})


def _first_administrator(session: Session, url: DatabaseUrl, plan: Plan) -> Actor:
    key = session.sql.execute(
        insert(t.user)
        .values(
            login=plan.administrator, name=plan.administrator, name_key=match_key(plan.administrator), active=True,
            created_at=session.now, updated_at=session.now, version=1,
        )
        .returning(t.user.c.id)
    ).scalar_one()  # fmt: skip
    kind, name = ("os", plan.identity or os_login()) if url.is_sqlite else ("postgresql", plan.identity)
    session.sql.execute(insert(t.user_identity).values(user_id=key, kind=kind, name=name or plan.administrator))
    everything = dict.fromkeys(PERMISSIONS, Scope.ALL)
    return Actor(key, plan.administrator, plan.administrator, ("admin",), everything, signed_in_as=plan.administrator)


def _unassigned(now: datetime) -> dict[str, object]:
    return {
        "code": UNASSIGNED, "name": UNASSIGNED, "name_key": match_key(UNASSIGNED), "priority": 0,
        "tree_left": 1, "tree_right": 2, "depth": 0, "created_at": now, "updated_at": now, "version": 1,
    }  # fmt: skip
