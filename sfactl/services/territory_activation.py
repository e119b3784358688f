"""A planned tree compared with the active one, and made the active one by a plan."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from sfactl.core.money import Money, split
from sfactl.core.periods import Unit
from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.errors import Conflict
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import (
    plan_members,
    plan_memberships,
    plan_planned_trees,
    territory_plans,
    territory_tree,
    workspaces,
)
from sfactl.services import territory_moves as moves
from sfactl.services.plan_memberships import Membership
from sfactl.services.plan_territories import Held, current
from sfactl.services.quota_loads import in_force
from sfactl.services.territory_plans import PlannedTree


@dataclass(frozen=True)
class Activate:
    """The planned tree that is to be the active one."""

    plan: str


def activate(session: Session, request: Activate, effective: date) -> Iterator[Line | Left]:
    """All that makes the active tree what a planned one says; territories that the plan does not know stay.

    Raises:
        NotFound: there is no such planned tree.
        Conflict: it is no draft, or cannot be a tree.
    """
    for permission in ("territory.edit", "territory.create", "account.reassign", "territory_plan.edit"):
        session.actor.require(permission)
    territory_tree.require_whole(session)
    plan = territory_plans.load(session, request.plan)
    if plan.status != "draft":
        raise Conflict(_("{code} is no draft: it is {status}.").format(code=plan.code, status=plan.status))
    problems = plan.problems()
    if problems:
        raise Conflict("\n".join(f"{problem}." for problem in problems[:20]), _("Mend the planned tree first."))
    here = current(session)
    yield from _nodes(plan, here, effective)
    yield from _people(session, plan, here, effective)
    yield from moves.teams(session, _heirs(plan), effective)
    yield from _accounts(session, plan, effective)
    yield from _sales(session, plan, effective)
    before, after = {"status": "draft"}, {"status": "active"}
    yield Line(plan_planned_trees.NAME, plan.code, before, after, moves.CAUSE, effective)


def _heirs(plan: PlannedTree) -> dict[str, str]:
    return {code: plan.place_of(code) for code in plan.given_up}


def _nodes(plan: PlannedTree, here: Mapping[str, Held], effective: date) -> Iterator[Line]:
    """New territories first, so that what lies below them can name them."""
    is_new = {code for code in plan.nodes if code not in here or here[code].fields["archived_on"] is not None}
    for code in sorted(is_new):
        yield moves.new_territory(here, code, plan.nodes[code].fields, effective)
    for code, node in plan.nodes.items():
        changed = {} if code in is_new else _differing(here[code].fields, node.fields)
        if changed:
            yield moves.changed(here, code, changed, effective)
    for code in plan.given_up:
        if code in here and here[code].fields["archived_on"] is None:
            yield moves.changed(here, code, {"archived_on": effective.isoformat()}, effective)
    yield from _orphans(plan, here, effective)


def _differing(now: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in then.items() if now[name] != value}


def _orphans(plan: PlannedTree, here: Mapping[str, Held], effective: date) -> Iterator[Line]:
    """Territories that came into being since the plan was drawn up, below one that it gives up."""
    for code, held in here.items():
        parent = held.fields["parent"]
        is_known = code in plan.nodes or code in plan.given_up or held.fields["archived_on"] is not None
        if not is_known and parent is not None and parent in plan.given_up:
            heir = plan.place_of(parent)
            yield moves.changed(here, code, {"parent": None if heir == UNASSIGNED else heir}, effective)


def _people(session: Session, plan: PlannedTree, here: Mapping[str, Held], effective: date) -> Iterator[Line]:
    """Who comes and who goes, in the territories that the plan knows."""
    places = [code for code in here if code in plan.nodes or code in plan.given_up]
    held = [
        each for each in plan_memberships.current(session, plan_members.KIND, places).values()
        if each.holds_after(effective)
    ]  # fmt: skip
    for member in held:
        if member.same not in plan.people:
            yield plan_memberships.ended(plan_members.KIND, member, effective)
    there = {member.same for member in held}
    for place, login, role in sorted(plan.people - there):
        member = Membership(place, login, role, effective)
        yield plan_memberships.line(plan_members.KIND, member, None, is_new=True)


def _accounts(session: Session, plan: PlannedTree, effective: date) -> Iterator[Line]:
    """Accounts that the plan puts somewhere by name, and all those in territories that it gives up."""
    placed, owner = t.territory_plan_account.c, t.user.alias("new_owner")
    rows = session.execute(
        moves.accounts()
        .add_columns(placed.node_code, owner.c.login)
        .outerjoin(t.territory_plan_account, _is_placed(plan))
        .outerjoin(owner, owner.c.id == placed.owner_id)
        .where(or_(placed.id.is_not(None), t.territory.c.code.in_(sorted(plan.given_up))))
        .execution_options(yield_per=2000)
    )
    for code, held_by, place, said, new_owner in rows:
        into, to = plan.place_of(said or place), new_owner or held_by
        if (into, to) != (place, held_by):
            yield moves.account_line(code, held_by, place, to, into, effective)


def _is_placed(plan: PlannedTree) -> ColumnElement[bool]:
    placed = t.territory_plan_account.c
    return and_(placed.account_id == t.account.c.id, placed.plan_id == plan.id)


def _sales(session: Session, plan: PlannedTree, effective: date) -> Iterator[Line]:
    """Open opportunities follow their accounts where both have the same territory, and leave what is given up."""
    rows = session.execute(_with_account(moves.opportunities(), plan).execution_options(yield_per=2000))
    for code, seller, place, home, said in rows:
        into = plan.place_of((said or place) if home == place else place)
        if into != place:
            yield moves.opportunity_line(code, seller, place, into, effective)


def _with_account(statement: Select[Any], plan: PlannedTree) -> Select[Any]:
    """Open opportunities with their account's territory and the one that the plan puts it into, if they matter here."""
    home, placed = t.territory.alias("home"), t.territory_plan_account.c
    return (
        statement.add_columns(home.c.code.label("home"), placed.node_code)
        .outerjoin(t.account, t.account.c.id == t.opportunity.c.account_id)
        .outerjoin(home, home.c.id == t.account.c.territory_id)
        .outerjoin(t.territory_plan_account, _is_placed(plan))
        .where(or_(placed.id.is_not(None), t.territory.c.code.in_(sorted(plan.given_up))))
    )


@dataclass(frozen=True)
class CompareRow:
    """A territory itself, without those below it, as it is and as the plan would have it."""

    territory: str
    name: str
    change: str | None
    "new, gone, moved, changed, or nothing."
    accounts: int
    accounts_then: int
    revenue: Money
    "Yearly revenue of the accounts, in the workspace's currency."
    revenue_then: Money
    pipeline: Money
    pipeline_then: Money
    quota: Money
    "Of the fiscal year: the territory's own, else its people's."
    quota_then: Money
    "With the share that goes along with the accounts' revenue."
    come: tuple[str, ...]
    go: tuple[str, ...]
    currency: str


_Logins = tuple[str, ...]


@dataclass(frozen=True)
class _Sum:
    """What one territory has, or all together."""

    accounts: int
    revenue: int
    pipeline: int
    quota: int


@dataclass
class _Sums:
    """What territories have, now or then, by code."""

    accounts: Counter[str] = field(default_factory=Counter)
    revenue: Counter[str] = field(default_factory=Counter)
    pipeline: Counter[str] = field(default_factory=Counter)
    quota: Counter[str] = field(default_factory=Counter)

    def of(self, code: str) -> _Sum:
        """What one of them has."""
        return _Sum(self.accounts[code], self.revenue[code], self.pipeline[code], self.quota[code])


def compare(session: Session, key: str) -> list[CompareRow]:
    """What a planned tree would change, territory by territory, in the order of the planned tree.

    Raises:
        NotFound: there is no such planned tree.
    """
    plan = territory_plans.load(session, key)
    currency = workspaces.current(session).currency
    here = current(session)
    now, then = _weighed(session, plan, currency)
    come, go = _comings(session, plan)
    return [
        _compared(
            (code, plan.nodes[code].name if code in plan.nodes else here[code].fields["name"]),
            _change(plan, here, code), (now.of(code), then.of(code)), (come.get(code, ()), go.get(code, ())), currency,
        )
        for code in _order(plan, here)
    ]  # fmt: skip


def _compared(
    name: tuple[str, str], change: str | None, sums: tuple[_Sum, _Sum], people: tuple[_Logins, _Logins], currency: str
) -> CompareRow:
    now, then = sums
    return CompareRow(
        territory=name[0], name=name[1], change=change, accounts=now.accounts, accounts_then=then.accounts,
        revenue=Money(now.revenue, currency), revenue_then=Money(then.revenue, currency),
        pipeline=Money(now.pipeline, currency), pipeline_then=Money(then.pipeline, currency),
        quota=Money(now.quota, currency), quota_then=Money(then.quota, currency),
        come=people[0], go=people[1], currency=currency,
    )  # fmt: skip


def _order(plan: PlannedTree, here: Mapping[str, Held]) -> list[str]:
    """The codes of the planned tree as it is walked, then what goes, then what the plan does not know."""
    below: dict[str | None, list[str]] = {}
    for code in sorted(plan.nodes, reverse=True):
        below.setdefault(plan.nodes[code].parent, []).append(code)
    found: list[str] = []
    work = list(below.get(None, []))
    while work:
        code = work.pop()
        found.append(code)
        work += below.get(code, [])
    others = [code for code, held in here.items() if held.fields["archived_on"] is None and code not in plan.nodes]
    return found + sorted(others, key=lambda code: (code not in plan.given_up, code))


def _change(plan: PlannedTree, here: Mapping[str, Held], code: str) -> str | None:
    if code in plan.given_up:
        return "gone"
    if code not in plan.nodes:
        return None
    if code not in here or here[code].fields["archived_on"] is not None:
        return "new"
    differing = _differing(here[code].fields, plan.nodes[code].fields)
    if "parent" in differing:
        return "moved"
    return "changed" if differing else None


def _comings(session: Session, plan: PlannedTree) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Who comes to each territory, and who goes."""
    held = plan_memberships.current(session, plan_members.KIND).values()
    now = {(each.place, each.user) for each in held if each.holds_after(session.today)}
    now = {(place, user) for place, user in now if place in plan.nodes or place in plan.given_up}
    then = {(place, user) for place, user, _role in plan.people}
    return _by_place(then - now), _by_place(now - then)


def _by_place(pairs: set[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for place, user in sorted(pairs):
        found[place] = (*found.get(place, ()), user)
    return found


def _weighed(session: Session, plan: PlannedTree, currency: str) -> tuple[_Sums, _Sums]:
    """Accounts, revenue, pipeline and quota of each territory, now and then."""
    now, then = _Sums(), _Sums()
    shifted: dict[str, Counter[str]] = {}
    for place, said, accounts, revenue in session.execute(_account_sums(plan, currency)):
        into = plan.place_of(said or place)
        now.accounts[place] += accounts
        then.accounts[into] += accounts
        now.revenue[place] += int(revenue)
        then.revenue[into] += int(revenue)
        shifted.setdefault(place, Counter())[into] += int(revenue)
    for place, home, said, amount in session.execute(_pipeline_sums(plan, currency)):
        now.pipeline[place] += int(amount)
        then.pipeline[plan.place_of((said or place) if home == place else place)] += int(amount)
    for place, quota in _quotas(session, currency).items():
        now.quota[place] = quota
        for into, part in _shared(quota, shifted.get(place, Counter()), plan.place_of(place)):
            then.quota[into] += part
    return now, then


def _shared(quota: int, shifted: Counter[str], home: str) -> Sequence[tuple[str, int]]:
    """A quota divided by where the revenue of a territory's accounts goes; whole where there is none."""
    if sum(shifted.values()) <= 0:
        return [(home, quota)]
    places = sorted(shifted)
    return list(zip(places, split(quota, [shifted[place] for place in places]), strict=True))


def _account_sums(plan: PlannedTree, currency: str) -> Select[Any]:
    account, placed, place = t.account.c, t.territory_plan_account.c, t.territory.c.code
    amount = case((account.currency == currency, func.coalesce(account.annual_revenue_minor, 0)), else_=0)
    return (
        select(place, placed.node_code, func.count(), func.sum(amount))
        .select_from(t.account)
        .join(t.territory, t.territory.c.id == account.territory_id)
        .outerjoin(t.territory_plan_account, _is_placed(plan))
        .group_by(place, placed.node_code)
    )


def _pipeline_sums(plan: PlannedTree, currency: str) -> Select[Any]:
    sale, placed, home = t.opportunity.c, t.territory_plan_account.c, t.territory.alias("home")
    return (
        select(t.territory.c.code, home.c.code, placed.node_code, func.sum(sale.amount_minor))
        .select_from(t.opportunity)
        .join(t.territory, t.territory.c.id == sale.credited_territory_id)
        .outerjoin(t.account, t.account.c.id == sale.account_id)
        .outerjoin(home, home.c.id == t.account.c.territory_id)
        .outerjoin(t.territory_plan_account, _is_placed(plan))
        .where(sale.status == "open", sale.currency == currency)
        .group_by(t.territory.c.code, home.c.code, placed.node_code)
    )


def _quotas(session: Session, currency: str) -> dict[str, int]:
    """The revenue quota of each territory in the running fiscal year: its own where one is set, else its people's."""
    quota, year = t.quota.c, workspaces.current(session).calendar.containing(session.today, Unit.YEAR)
    own = case((and_(quota.user_id.is_(None), quota.team_id.is_(None)), quota.amount_minor))
    people = case((quota.user_id.is_not(None), quota.amount_minor))
    rows = session.execute(
        select(t.territory.c.code, func.sum(own), func.sum(people))
        .join(t.territory, t.territory.c.id == quota.territory_id)
        .where(quota.measure == "revenue", quota.product_family.is_(None), quota.currency == currency)
        .where(quota.starts_on >= year.start, quota.starts_on < year.end, in_force(t.quota))
        .group_by(t.territory.c.code)
    )
    return {code: int(people if own is None else own) for code, own, people in rows}


def summed(rows: Sequence[CompareRow]) -> CompareRow | None:
    """All rows together: what goes from one territory comes to another."""
    if not rows:
        return None
    now = _Sum(*(sum(each) for each in zip(*map(_now, rows), strict=True)))
    then = _Sum(*(sum(each) for each in zip(*map(_then, rows), strict=True)))
    come, go = {user for row in rows for user in row.come}, {user for row in rows for user in row.go}
    people = (tuple(sorted(come - go)), tuple(sorted(go - come)))
    return _compared(("", _("Total")), None, (now, then), people, rows[0].currency)


def _now(row: CompareRow) -> tuple[int, int, int, int]:
    return row.accounts, row.revenue.minor, row.pipeline.minor, row.quota.minor


def _then(row: CompareRow) -> tuple[int, int, int, int]:
    return row.accounts_then, row.revenue_then.minor, row.pipeline_then.minor, row.quota_then.minor


@dataclass(frozen=True)
class PlannedRow:
    """A territory of a planned tree as it will be."""

    code: str
    name: str
    parent: str | None
    kind: str | None
    change: str | None
    into: str | None
    "Which territory gets what lies in it, for one that goes."
    manager: str | None
    members: int
    accounts: int
    "Accounts in the territory itself, as they lie and as the plan puts them today."
    depth: int


def planned(session: Session, key: str) -> list[PlannedRow]:
    """A planned tree, each territory before those below it; last the ones that it gives up.

    Raises:
        NotFound: there is no such planned tree.
    """
    plan = territory_plans.load(session, key)
    here = current(session)
    _now, then = _weighed(session, plan, workspaces.current(session).currency)
    managers = {place: login for place, login, role in sorted(plan.people, reverse=True) if role == "manager"}
    people = Counter(place for place, _login in {(place, login) for place, login, _role in plan.people})
    depths: dict[str, int] = {}
    rows = []
    for code in _order(plan, here):
        node = plan.nodes.get(code)
        if node is None and code not in plan.given_up:
            continue
        depths[code] = depths.get(node.parent or "", -1) + 1 if node else 0
        fields = node.fields if node else here[code].fields
        rows.append(
            PlannedRow(
                code, fields["name"], node.parent if node else None, fields["kind"], _change(plan, here, code),
                plan.given_up.get(code), managers.get(code), people[code], then.accounts[code], depths[code],
            )
        )  # fmt: skip
    return rows
