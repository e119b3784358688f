"""Trees of territories drawn up beside the active one: made, changed, shown and put away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select, update

from sfactl.core.plans import header_of
from sfactl.core.text import match_key
from sfactl.db.session import Session
from sfactl.errors import Conflict, NotFound, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import naming, plan_members, plan_memberships, plan_territories
from sfactl.services.territory_files import ROLES, MemberLine, NodeLine, Placement


@dataclass(frozen=True)
class PlanRow:
    """A planned tree in a list."""

    code: str
    name: str
    status: str
    "draft, active or archived."
    by: str
    created_at: datetime
    territories: int
    accounts: int
    "Accounts that it puts somewhere by name."
    activated_on: date | None
    run: str | None


@dataclass(frozen=True)
class PlannedNode:
    """A territory of a planned tree."""

    code: str
    name: str
    parent: str | None
    kind: str | None
    priority: int

    @property
    def fields(self) -> dict[str, Any]:
        """The same in the words of a plan."""
        return {"name": self.name, "parent": self.parent, "kind": self.kind, "priority": self.priority}


PLAN_OPTION: Final = "planned_tree"
"""Under this name an activation says which planned tree it is about."""
Person = tuple[str, str, str]
"""Territory, login and role."""


@dataclass(frozen=True)
class PlannedTree:
    """A planned tree with all that it says but for single accounts."""

    id: int
    code: str
    status: str
    nodes: Mapping[str, PlannedNode]
    given_up: Mapping[str, str]
    "Territories that go, and which gets what lies in them."
    people: frozenset[Person] = field(default_factory=frozenset)

    def place_of(self, code: str) -> str:
        """Where that goes which lies in a territory now; itself where it stays."""
        seen = {code}
        while code in self.given_up and self.given_up[code] not in seen:
            code = self.given_up[code]
            seen.add(code)
        return code

    def problems(self) -> list[str]:
        """What keeps it from being the active tree."""
        known = self.nodes.keys() | {UNASSIGNED}
        found = [
            _("{code} lies below {parent}, which is not there").format(code=node.code, parent=node.parent)
            for node in self.nodes.values()
            if node.parent is not None and node.parent not in self.nodes
        ]
        found += [_("{code} lies below itself").format(code=code) for code in self.nodes if self._is_looped(code)]
        found += [
            _("{code} goes into {into}, which is not there").format(code=code, into=into)
            for code, into in self.given_up.items()
            if self.place_of(code) not in known
        ]
        return sorted(found)

    def _is_looped(self, code: str) -> bool:
        above, seen = self.nodes[code].parent, set()
        while above is not None and above in self.nodes and above not in seen:
            if above == code:
                return True
            seen.add(above)
            above = self.nodes[above].parent
        return False


@dataclass(frozen=True)
class Change:
    """What is to be different in a planned tree; what is None, or empty, stays."""

    add: str | None = None
    move: str | None = None
    drop: str | None = None
    name: str | None = None
    kind: str | None = None
    priority: int | None = None
    under: str | None = None
    into: str | None = None
    staff: tuple[Person, ...] = ()
    unstaff: tuple[tuple[str, str], ...] = ()
    "Territory and login."
    place: tuple[tuple[str, str], ...] = ()
    "Account and territory."


def find(session: Session, *, limit: int = 0) -> list[PlanRow]:
    """Planned trees in sight, by code."""
    session.actor.require("territory_plan.read")
    plan, node, placed = t.territory_plan.c, t.territory_plan_node.c, t.territory_plan_account.c
    territories = select(func.count()).where(node.plan_id == plan.id, node.into_code.is_(None)).scalar_subquery()
    accounts = select(func.count()).where(placed.plan_id == plan.id).scalar_subquery()
    statement = (
        select(
            plan.code, plan.name, plan.status, t.user.c.login, plan.created_at, territories, accounts,
            plan.activated_on, plan.run_key,
        )
        .select_from(t.territory_plan)
        .join(t.user, t.user.c.id == plan.user_id)
        .order_by(plan.code)
    )  # fmt: skip
    if limit:
        statement = statement.limit(limit)
    return [PlanRow(*row) for row in session.execute(statement)]


def load(session: Session, key: str) -> PlannedTree:
    """A planned tree by code.

    Raises:
        NotFound: there is none, or it is not the person's to see.
    """
    session.actor.require("territory_plan.read")
    plan_id = naming.find_id(session, t.territory_plan, key)
    row = session.execute(select(t.territory_plan).where(t.territory_plan.c.id == plan_id)).one()
    node, member = t.territory_plan_node.c, t.territory_plan_member.c
    rows = session.execute(select(t.territory_plan_node).where(node.plan_id == plan_id).order_by(node.code)).all()
    people = session.execute(
        select(member.node_code, t.user.c.login, member.role)
        .join(t.user, t.user.c.id == member.user_id)
        .where(member.plan_id == plan_id)
    )
    return PlannedTree(
        plan_id, row.code, row.status,
        {
            each.code: PlannedNode(each.code, each.name, each.parent_code, each.kind, each.priority)
            for each in rows if each.into_code is None
        },
        {each.code: each.into_code for each in rows if each.into_code is not None},
        frozenset((place, login, role) for place, login, role in people),
    )  # fmt: skip


def create(session: Session, code: str, *, name: str | None = None) -> PlanRow:
    """A planned tree that is, for now, as the active one.

    Raises:
        Conflict: the code is taken.
        UsageFault: it cannot be used.
    """
    from sfactl.transfer.cleaning import LONGEST_CODE

    session.actor.require("territory_plan.create")
    if not code or len(code) > LONGEST_CODE or any(c.isspace() or not c.isprintable() for c in code):
        raise UsageFault(
            _("“{code}” is no code.").format(code=code),
            _("Use at most {most} characters without blanks.").format(most=LONGEST_CODE),
        )
    taken = select(t.territory_plan.c.id).where(func.lower(t.territory_plan.c.code) == code.lower())
    if session.execute(taken).first():
        raise Conflict(_("There is a planned tree {code} already.").format(code=code), _("Choose another code."))
    session.sql.execute(
        insert(t.territory_plan).values(
            code=code, name=name or code, status="draft", user_id=session.actor.user_id, created_at=session.now
        )
    )
    plan_id = session.execute(select(t.territory_plan.c.id).where(t.territory_plan.c.code == code)).scalar_one()
    _copy_active(session, plan_id)
    session.record("create", "territory_plan", code, after={"name": name or code})
    return next(row for row in find(session) if row.code == code)


def _copy_active(session: Session, plan_id: int) -> None:
    active = plan_territories.current(session)
    nodes = [
        {"plan_id": plan_id, "code": code, "name": held.fields["name"], "parent_code": held.fields["parent"],
         "kind": held.fields["kind"], "priority": held.fields["priority"]}
        for code, held in active.items()
        if code != UNASSIGNED and held.fields["archived_on"] is None
    ]  # fmt: skip
    if nodes:
        session.sql.execute(insert(t.territory_plan_node), nodes)
    kept = {node["code"] for node in nodes}
    held_by = plan_memberships.current(session, plan_members.KIND).values()
    people = {
        (each.place, each.user, each.role or "")
        for each in held_by
        if each.place in kept and each.holds_after(session.today)
    }  # fmt: skip
    _staff(session, plan_id, sorted(people))


def _staff(session: Session, plan_id: int, people: Sequence[Person]) -> None:
    logins = dict(session.execute(select(t.user.c.login, t.user.c.id)).all())
    rows = [
        {"plan_id": plan_id, "node_code": place, "user_id": logins[login], "role": role}
        for place, login, role in people
    ]  # fmt: skip
    if rows:
        session.sql.execute(insert(t.territory_plan_member), rows)


def _draft(session: Session, key: str) -> PlannedTree:
    """A planned tree that can still be changed.

    Raises:
        NotFound: there is none, or it is not the person's to see.
        Conflict: it is active or archived.
    """
    session.actor.require("territory_plan.edit")
    plan = load(session, key)
    if plan.status != "draft":
        raise Conflict(
            _("{code} is no draft: it is {status}.").format(code=plan.code, status=plan.status),
            _("`sfactl territory plan new` draws up another one."),
        )
    return plan


def edit(session: Session, key: str, change: Change, *, reason: str | None = None) -> PlannedTree:
    """Change a planned tree.

    Raises:
        NotFound: there is no such planned tree, territory, person or account.
        UsageFault: nothing is said, or it cannot be done.
        Conflict: it is no draft any more, or a code is taken.
    """
    plan = _draft(session, key)
    nodes = [each for each in (change.add, change.move, change.drop) if each is not None]
    if len(nodes) > 1 or not (nodes or change.staff or change.unstaff or change.place):
        raise UsageFault(
            _("A planned tree is changed by one of --add, --move and --drop, or by --staff, --unstaff and --place.")
        )
    if change.add is not None:
        _add(session, plan, change)
    if change.move is not None:
        _move(session, plan, change)
    if change.drop is not None:
        _drop(session, plan, change.drop, change.into)
    _change_people(session, plan, change)
    for account, place in change.place:
        _place(session, plan, account, place)
    after = load(session, plan.code)
    _refuse_problems(after)
    said = {name: value for name, value in vars(change).items() if value}
    session.record("edit", "territory_plan", plan.code, reason=reason, after=said)
    return after


def _refuse_problems(plan: PlannedTree) -> None:
    problems = plan.problems()
    if problems:
        raise UsageFault("\n".join(f"{problem}." for problem in problems[:20]))


def _node(plan: PlannedTree, name: str) -> str:
    """A territory of the planned tree, by code or name."""
    if name in plan.nodes or name == UNASSIGNED:
        return name
    found = [node.code for node in plan.nodes.values() if match_key(name) in (match_key(node.name), node.code.lower())]
    if len(found) != 1:
        raise naming.not_found(t.territory, name)
    return found[0]


def _under(plan: PlannedTree, name: str | None) -> str | None:
    return None if name is None else _node(plan, name)


def _add(session: Session, plan: PlannedTree, change: Change) -> None:
    code = change.add or ""
    taken = code in plan.nodes or code in plan_territories.current(session).keys() - plan.given_up.keys()
    if taken or plan_territories.unusable(code):
        raise Conflict(_("{code} is taken, or cannot be a code.").format(code=code), _("Choose another code."))
    node = t.territory_plan_node.c
    session.sql.execute(
        delete(t.territory_plan_node).where(node.plan_id == plan.id, node.code == code)
    )  # fmt: skip
    session.sql.execute(
        insert(t.territory_plan_node).values(
            plan_id=plan.id, code=code, name=change.name or code, parent_code=_under(plan, change.under),
            kind=change.kind, priority=change.priority or 0,
        )
    )  # fmt: skip


def _move(session: Session, plan: PlannedTree, change: Change) -> None:
    """Another parent for a territory, and what else is said of it."""
    said = {"name": change.name, "kind": change.kind, "priority": change.priority}
    values = {name: value for name, value in said.items() if value is not None}
    code = _node(plan, change.move or "")
    node = t.territory_plan_node.c
    changed = update(t.territory_plan_node).where(node.plan_id == plan.id, node.code == code)
    session.sql.execute(changed.values(**values, parent_code=_under(plan, change.under)))


def _drop(session: Session, plan: PlannedTree, name: str, into: str | None) -> None:
    """A territory that goes: what lies in it and below it, and who works there, goes to another one, or the one above."""
    code = _node(plan, name)
    if code == UNASSIGNED:
        raise UsageFault(_("{code} holds what has no territory, and stays where it is.").format(code=UNASSIGNED))
    heir = _node(plan, into) if into is not None else plan.nodes[code].parent or UNASSIGNED
    if heir == code:
        raise UsageFault(_("{code} cannot go into itself.").format(code=code))
    node = t.territory_plan_node.c
    is_its = node.plan_id == plan.id
    below = update(t.territory_plan_node).where(is_its, node.parent_code == code, node.code != heir)
    session.sql.execute(below.values(parent_code=None if heir == UNASSIGNED else heir))
    raised = update(t.territory_plan_node).where(is_its, node.parent_code == code)
    session.sql.execute(raised.values(parent_code=plan.nodes[code].parent))
    if code in plan_territories.current(session):
        gone = update(t.territory_plan_node).where(is_its, node.code == code)
        session.sql.execute(gone.values(into_code=heir, parent_code=None))
    else:
        session.sql.execute(delete(t.territory_plan_node).where(is_its, node.code == code))
    heirs = update(t.territory_plan_node).where(is_its, node.into_code == code, node.code != heir)
    session.sql.execute(heirs.values(into_code=heir))
    _bequeath(session, plan, code, heir)


def _bequeath(session: Session, plan: PlannedTree, code: str, heir: str) -> None:
    """Accounts that were put into a territory, and its people, go to another one."""
    placed, member = t.territory_plan_account.c, t.territory_plan_member.c
    stays = (placed.plan_id == plan.id, placed.node_code == code)
    session.sql.execute(update(t.territory_plan_account).where(*stays).values(node_code=heir))
    session.sql.execute(
        delete(t.territory_plan_member).where(member.plan_id == plan.id, member.node_code == code)
    )  # fmt: skip
    if heir != UNASSIGNED:
        come = {(heir, login, role) for place, login, role in plan.people if place == code}
        _staff(session, plan.id, sorted(come - plan.people))


def _change_people(session: Session, plan: PlannedTree, change: Change) -> None:
    member = t.territory_plan_member.c
    for place, user, role in change.staff:
        if role not in ROLES:
            raise UsageFault(_("There is no role {role} in territories.").format(role=role), ", ".join(ROLES))
        login = _login(session, user)
        if (_node(plan, place), login, role) not in plan.people:
            _staff(session, plan.id, [(_node(plan, place), login, role)])
    for place, user in change.unstaff:
        user_id = naming.find_id(session, t.user, user, code="login")
        its = (member.plan_id == plan.id, member.node_code == _node(plan, place), member.user_id == user_id)
        if not session.run(delete(t.territory_plan_member).where(*its)):
            raise NotFound(_("{user} does not work in {territory}.").format(user=user, territory=place))


def _login(session: Session, user: str) -> str:
    key = naming.find_id(session, t.user, user, code="login")
    return str(session.execute(select(t.user.c.login).where(t.user.c.id == key)).scalar_one())


def _place(session: Session, plan: PlannedTree, account: str, place: str) -> None:
    account_id = naming.find_id(session, t.account, account)
    _put_accounts(session, plan.id, [(account_id, _node(plan, place), None)])


def _put_accounts(session: Session, plan_id: int, rows: Sequence[tuple[int, str, int | None]]) -> None:
    placed = t.territory_plan_account.c
    for first in range(0, len(rows), 2000):
        part = rows[first : first + 2000]
        its = (placed.plan_id == plan_id, placed.account_id.in_([account_id for account_id, _code, _owner in part]))
        session.sql.execute(delete(t.territory_plan_account).where(*its))
        session.sql.execute(
            insert(t.territory_plan_account),
            [
                {"plan_id": plan_id, "account_id": account_id, "node_code": code, "owner_id": owner}
                for account_id, code, owner in part
            ],
        )


@dataclass(frozen=True)
class Files:
    """What files say of a planned tree."""

    nodes: Sequence[NodeLine] = ()
    members: Sequence[MemberLine] = ()
    accounts: Sequence[Placement] = ()


def put(session: Session, key: str, files: Files, *, reason: str | None = None) -> PlannedTree:
    """Add what files say to a planned tree: territories they name, all people of those, accounts they place.

    Raises:
        NotFound: there is no such planned tree.
        UsageFault: a territory is not in it, or the tree would not be one.
        Conflict: it is no draft any more.
    """
    plan = _draft(session, key)
    for line in files.nodes:
        _put_node(session, plan.id, line)
    plan = load(session, plan.code)
    _refuse_problems(plan)
    for code in plan.given_up.keys() & {line.code for line in files.nodes}:
        _bequeath(session, load(session, plan.code), code, plan.place_of(code))
    _require_known(plan, [line.territory for line in files.members] + [line.territory for line in files.accounts])
    _put_members(session, plan.id, files.members)
    _put_placements(session, plan.id, files.accounts)
    counts = {"territories": len(files.nodes), "members": len(files.members), "accounts": len(files.accounts)}
    session.record("load", "territory_plan", plan.code, reason=reason, after=counts)
    return load(session, plan.code)


def _put_node(session: Session, plan_id: int, line: NodeLine) -> None:
    node = t.territory_plan_node.c
    session.sql.execute(delete(t.territory_plan_node).where(node.plan_id == plan_id, node.code == line.code))
    session.sql.execute(
        insert(t.territory_plan_node).values(
            plan_id=plan_id, code=line.code, name=line.name, kind=line.kind, priority=line.priority,
            parent_code=None if line.into else line.parent, into_code=line.into,
        )
    )  # fmt: skip


def _require_known(plan: PlannedTree, codes: Sequence[str]) -> None:
    unknown = sorted(set(codes) - plan.nodes.keys() - {UNASSIGNED})
    if unknown:
        raise UsageFault(
            _("These are not in the planned tree: {codes}.").format(codes=", ".join(unknown[:20])),
            _("Add them with `sfactl territory plan edit`, or in the file of territories."),
        )


def _put_members(session: Session, plan_id: int, lines: Sequence[MemberLine]) -> None:
    """The people of the territories that the lines name, in place of those that the plan had there."""
    places = {line.territory for line in lines}
    member = t.territory_plan_member.c
    for code in sorted(places):
        session.sql.execute(
            delete(t.territory_plan_member).where(member.plan_id == plan_id, member.node_code == code)
        )  # fmt: skip
    _staff(session, plan_id, sorted({(line.territory, line.user, line.role) for line in lines}))


def _put_placements(session: Session, plan_id: int, lines: Sequence[Placement]) -> None:
    owners = dict(session.execute(select(t.user.c.login, t.user.c.id)).all())
    for first in range(0, len(lines), 2000):
        part = lines[first : first + 2000]
        codes = [line.account for line in part]
        keys = dict(session.execute(select(t.account.c.code, t.account.c.id).where(t.account.c.code.in_(codes))).all())
        rows = [(keys[line.account], line.territory, owners.get(line.owner or "")) for line in part]
        _put_accounts(session, plan_id, rows)


def archive(session: Session, key: str, *, reason: str | None = None) -> PlanRow:
    """Put a planned tree away; it stays to be looked at.

    Raises:
        NotFound: there is none, or it is not the person's to see.
        Conflict: it is archived already, or its activation waits for its day.
    """
    session.actor.require("territory_plan.edit")
    plan = load(session, key)
    if plan.status == "archived":
        raise Conflict(_("{code} is archived already.").format(code=plan.code))
    waiting = _waiting_activation(session, plan.code)
    if waiting is not None:
        raise Conflict(
            _("{run} waits to activate {code}.").format(run=waiting, code=plan.code),
            _("First: sfactl plan cancel {run}").format(run=waiting),
        )
    changed = update(t.territory_plan).where(t.territory_plan.c.id == plan.id).values(status="archived")
    session.sql.execute(changed)
    session.record(
        "archive", "territory_plan", plan.code, reason=reason, before={"status": plan.status},
        after={"status": "archived"},
    )  # fmt: skip
    return next(row for row in find(session) if row.code == plan.code)


def _waiting_activation(session: Session, code: str) -> str | None:
    """The key of a run in sight that will activate a planned tree on its day."""
    run = t.run.c
    waiting = select(run.key, run.said).where(run.status == "scheduled", run.said.is_not(None))
    for row in session.execute(waiting):
        if match_key(str(header_of(row.said).options.get(PLAN_OPTION, ""))) == match_key(code):
            return str(row.key)
    return None
