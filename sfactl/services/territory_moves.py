"""Plans that change the tree: nodes moved, renamed, merged and split, and who works in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, select

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.errors import Conflict, NotFound, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.territories import UNASSIGNED
from sfactl.services import naming, plan_members, plan_memberships, plan_teams, territory_tree
from sfactl.services.plan_memberships import Membership
from sfactl.services.plan_territories import NAME, Held, current

CAUSE = "territory"


@dataclass(frozen=True)
class Move:
    """Territories that are to lie below another, each with all below it; at the top where none is named."""

    territories: tuple[str, ...]
    under: str | None = None


@dataclass(frozen=True)
class Edit:
    """What a territory is to be called; what is None stays."""

    territory: str
    name: str | None = None
    kind: str | None = None
    priority: int | None = None


@dataclass(frozen=True)
class Merge:
    """Territories that are to be one with another, which gets all that they have."""

    territories: tuple[str, ...]
    into: str


@dataclass(frozen=True)
class Part:
    """A new territory that gets some accounts of an old one."""

    code: str
    name: str
    condition: str | None = None
    "Which accounts, as `services.conditions` reads it; those that a file names where there is none."


@dataclass(frozen=True)
class Split:
    """A territory of which parts are to be territories of their own; what no part gets, stays."""

    territory: str
    parts: tuple[Part, ...]
    placed: Mapping[str, str] | None = None
    "Account to part, both by code, as a file says."
    is_below: bool = False
    "The parts lie below the territory, not beside it."


@dataclass(frozen=True)
class Join:
    """Somebody is to work in a territory."""

    territory: str
    user: str
    role: str = "account_manager"
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Leave:
    """Somebody is to work in a territory no longer; in no role, or in one."""

    territory: str
    user: str
    role: str | None = None
    on: date | None = None


def code_of(session: Session, name: str) -> str:
    """The code of a territory that a person names, while it is in use.

    Raises:
        NotFound: there is none, or it is not the person's to see.
        Conflict: it is archived.
    """
    key = naming.find_id(session, t.territory, name)
    row = session.execute(select(t.territory.c.code, t.territory.c.archived_on).where(t.territory.c.id == key)).one()
    if row.archived_on is not None:
        raise Conflict(
            _("{code} is archived since {day}.").format(code=row.code, day=row.archived_on),
            _("`sfactl territory list --archived` shows what is."),
        )
    code: str = row.code
    return code


def _changeable(session: Session, name: str) -> str:
    code = code_of(session, name)
    if code == UNASSIGNED:
        raise UsageFault(_("{code} holds what has no territory, and stays where it is.").format(code=UNASSIGNED))
    return code


def move(session: Session, request: Move, effective: date) -> Iterator[Line | Left]:
    """Territories that come to lie below another one.

    Raises:
        NotFound: one is not there, or not the person's to see.
        UsageFault: it would lie below itself.
    """
    session.actor.require("territory.edit")
    here = current(session)
    under = None if request.under is None else code_of(session, request.under)
    if under is None:
        territory_tree.require_whole(session)
    for name in dict.fromkeys(request.territories):
        code = _changeable(session, name)
        if under is not None and code in _above(here, under):
            raise UsageFault(_("{code} would lie below itself.").format(code=code))
        if here[code].fields["parent"] == under:
            yield Left(NAME, code, _("it lies there already"))
        else:
            yield changed(here, code, {"parent": under}, effective)


def _above(here: Mapping[str, Held], code: str) -> list[str]:
    """A territory and what lies above it."""
    found = [code]
    while (parent := here[found[-1]].fields["parent"]) in here and parent not in found:
        found.append(parent)
    return found


def changed(here: Mapping[str, Held], code: str, after: Mapping[str, Any], since: date) -> Line:
    """A line that changes fields of a territory."""
    before = {name: here[code].fields[name] for name in after}
    return Line(NAME, code, before, dict(after), CAUSE, since)


def edit(session: Session, request: Edit, effective: date) -> Iterator[Line | Left]:
    """A territory that is renamed, or gets another kind or priority.

    Raises:
        UsageFault: nothing is said that could change.
    """
    session.actor.require("territory.edit")
    here = current(session)
    code = _changeable(session, request.territory)
    said = {"name": request.name, "kind": request.kind, "priority": request.priority}
    if not any(value is not None for value in said.values()):
        raise UsageFault(_("Nothing is said that could change."), _("Say --name, --kind or --priority."))
    after = {
        name: value for name, value in said.items() if value is not None and value != here[code].fields[name]
    }  # fmt: skip
    if after:
        yield changed(here, code, after, effective)
    else:
        yield Left(NAME, code, _("it is so already"))


def merge(session: Session, request: Merge, effective: date) -> Iterator[Line | Left]:
    """All that lies in some territories goes to another, and they are archived; what was booked stays theirs.

    Raises:
        NotFound: one is not there, or not the person's to see.
        UsageFault: a territory would go into itself or into one below it.
    """
    for permission in ("territory.edit", "account.reassign"):
        session.actor.require(permission)
    here = current(session)
    into = code_of(session, request.into)
    given_up = list(dict.fromkeys(_changeable(session, name) for name in request.territories))
    if into in given_up:
        raise UsageFault(_("{code} cannot go into itself.").format(code=into), _("Leave it out."))
    inside = [code for code in given_up if code in _above(here, into)]
    if inside:
        raise UsageFault(
            _("{code} cannot go into {into}, which lies in it.").format(code=inside[0], into=into),
            _("Move {into} elsewhere first.").format(into=into),
        )
    yield from _given_up(here, dict.fromkeys(given_up, into), effective)
    yield from contents(session, dict.fromkeys(given_up, into), effective)


def _given_up(here: Mapping[str, Held], into: Mapping[str, str], effective: date) -> Iterator[Line]:
    for code, held in here.items():
        parent = held.fields["parent"]
        if code in into:
            yield changed(here, code, {"archived_on": effective.isoformat()}, effective)
        elif parent is not None and parent in into and held.fields["archived_on"] is None:
            yield changed(here, code, {"parent": into[parent]}, effective)


def contents(session: Session, into: Mapping[str, str], effective: date) -> Iterator[Line | Left]:
    """Accounts, open opportunities, members and teams of some territories go to others."""
    yield from _people(session, into, effective)
    yield from teams(session, into, effective)
    rows = session.execute(
        accounts().where(t.territory.c.code.in_(sorted(into))).execution_options(yield_per=2000)
    )  # fmt: skip
    for code, owner, place in rows:
        yield account_line(code, owner, place, owner, into[place], effective)
    rows = session.execute(
        opportunities().where(t.territory.c.code.in_(sorted(into))).execution_options(yield_per=2000)
    )  # fmt: skip
    for code, seller, place in rows:
        yield opportunity_line(code, seller, place, into[place], effective)


def accounts() -> Select[Any]:
    """Code, owner and territory of accounts in sight, by code."""
    account = t.account.c
    return (
        select(account.code, t.user.c.login, t.territory.c.code)
        .select_from(t.account)
        .join(t.territory, t.territory.c.id == account.territory_id)
        .outerjoin(t.user, t.user.c.id == account.owner_id)
        .order_by(account.code)
    )


def opportunities() -> Select[Any]:
    """Code, seller and credited territory of open opportunities in sight, by code."""
    opportunity = t.opportunity.c
    return (
        select(opportunity.code, t.user.c.login, t.territory.c.code)
        .select_from(t.opportunity)
        .join(t.territory, t.territory.c.id == opportunity.credited_territory_id)
        .outerjoin(t.user, t.user.c.id == opportunity.credited_id)
        .where(opportunity.status == "open")
        .order_by(opportunity.code)
    )


def account_line(code: str, owner: str | None, place: str, to: str | None, into: str, since: date) -> Line:
    """An account that goes to a territory, and perhaps to somebody else."""
    return Line(
        "account", code, {"owner": owner, "territory": place}, {"owner": to, "territory": into}, CAUSE, since
    )  # fmt: skip


def opportunity_line(code: str, seller: str | None, place: str, into: str, since: date) -> Line:
    """An open opportunity whose figure is another territory's from now on."""
    before = {"seller": seller, "territory": place}
    return Line("opportunity", code, before, {"seller": seller, "territory": into}, CAUSE, since)


def _people(session: Session, into: Mapping[str, str], effective: date) -> Iterator[Line]:
    """Members end where they are, and begin where they go unless they are there already."""
    held = plan_memberships.current(session, plan_members.KIND, {*into, *into.values()})
    there = {member.same for member in held.values() if member.place not in into and member.holds_after(effective)}
    for member in held.values():
        if member.place in into and member.holds_after(effective):
            yield plan_memberships.ended(plan_members.KIND, member, effective)
            yield from _begins(member, into[member.place], effective, there)


def _begins(member: Membership, place: str, effective: date, there: set[Any]) -> Iterator[Line]:
    if (place, member.user, member.role) not in there:
        there.add((place, member.user, member.role))
        began = max(member.valid_from, effective)
        new = Membership(place, member.user, member.role, began, member.valid_to)
        yield plan_memberships.line(plan_members.KIND, new, new.valid_to, is_new=True)


def teams(session: Session, into: Mapping[str, str], effective: date) -> Iterator[Line]:
    """Teams of some territories that go to others."""
    for code, (_key, fields) in plan_teams.current(session).items():
        place = fields["territory"]
        if place is not None and place in into:
            yield Line("team", code, {"territory": place}, {"territory": into[place]}, CAUSE, effective)


def split(session: Session, request: Split, effective: date) -> Iterator[Line | Left]:
    """Parts of a territory become territories of their own, with the accounts that a condition or a file gives them.

    The territory's managers manage the parts too; owners of a part's accounts who work in the territory work in the
    part as well.

    Raises:
        NotFound: the territory or an account is not there, or not the person's to see.
        UsageFault: a condition cannot be read, or a part is named twice.
        Conflict: there is a territory of a part's code.
    """
    for permission in ("territory.edit", "territory.create", "account.reassign"):
        session.actor.require(permission)
    territory_tree.require_whole(session)
    here = current(session)
    code = _changeable(session, request.territory)
    _require_different(request.parts)
    parent = code if request.is_below else here[code].fields["parent"]
    for part in request.parts:
        like = {**here[code].fields, "name": part.name, "parent": parent}
        yield new_territory(here, part.code, like, effective)
    owners: dict[str, set[str]] = {part.code: set() for part in request.parts}
    for account, owner, part_code in _parted(session, code, request):
        yield account_line(account, owner, code, owner, part_code, effective)
        owners[part_code].add(owner or "")
    for opportunity, seller, part_code in _opportunities_of_parts(session, code, request):
        yield opportunity_line(opportunity, seller, code, part_code, effective)
    yield from _staff(session, code, owners, effective)


def _require_different(parts: Sequence[Part]) -> None:
    codes = [part.code for part in parts]
    if not codes:
        raise UsageFault(_("A split needs parts."), _("Say --part CODE --where CONDITION, or --accounts FILE."))
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise UsageFault(_("{code} is named twice.").format(code=twice))


def new_territory(here: Mapping[str, Held], code: str, fields: Mapping[str, Any], since: date) -> Line:
    """A territory that is not there yet; one that is archived is taken into use again.

    Raises:
        Conflict: it is there, and in use.
    """
    after = {**{name: fields.get(name) for name in ("name", "parent", "kind")}, "priority": fields.get("priority") or 0}
    held = here.get(code)
    if held is None:
        return Line(NAME, code, None, after, CAUSE, since)
    if held.fields["archived_on"] is None:
        raise Conflict(_("There is a territory {code} already.").format(code=code), _("Choose another code."))
    return changed(here, code, {**after, "archived_on": None}, since)


def _parted(session: Session, code: str, request: Split) -> Iterator[tuple[str, str | None, str]]:
    """Account, owner and part of the accounts that leave a territory."""
    if request.placed is not None:
        yield from _placed(session, code, request.placed)
        return
    number = _part_number(session, request.parts)
    statement = accounts().add_columns(number.label("part")).where(t.territory.c.code == code, number.is_not(None))
    for account, owner, _place, part in session.execute(statement.execution_options(yield_per=2000)):
        yield account, owner, request.parts[part].code


def _part_number(session: Session, parts: Sequence[Part]) -> ColumnElement[int | None]:
    """The first part whose condition holds for an account, as SQL."""
    from sfactl.services import conditions

    whens = [
        (conditions.parse(session, part.condition), n) if part.condition else (false(), n)
        for n, part in enumerate(parts)
    ]
    return case(*whens, else_=None)


def _placed(session: Session, code: str, placed: Mapping[str, str]) -> Iterator[tuple[str, str | None, str]]:
    rows = session.execute(accounts().where(t.territory.c.code == code).execution_options(yield_per=2000))
    elsewhere = set(placed)
    for account, owner, _place in rows:
        if account in placed:
            elsewhere.discard(account)
            yield account, owner, placed[account]
    if elsewhere:
        raise UsageFault(
            _("{account} does not lie in {code}.").format(account=min(elsewhere), code=code),
            _("A split takes accounts of the territory itself, not of those below it."),
        )


def _opportunities_of_parts(session: Session, code: str, request: Split) -> Iterator[tuple[str, str | None, str]]:
    """Open opportunities of the territory whose accounts go to a part."""
    statement = (
        opportunities()
        .join(t.account, t.account.c.id == t.opportunity.c.account_id)
        .where(t.territory.c.code == code, t.account.c.territory_id == t.territory.c.id)
    )
    if request.placed is not None:
        rows = session.execute(statement.add_columns(t.account.c.code).execution_options(yield_per=2000))
        for opportunity, seller, _place, account in rows:
            if account in request.placed:
                yield opportunity, seller, request.placed[account]
        return
    number = _part_number(session, request.parts)
    rows = session.execute(statement.add_columns(number).where(number.is_not(None)).execution_options(yield_per=2000))
    for opportunity, seller, _place, part in rows:
        yield opportunity, seller, request.parts[part].code


def _staff(
    session: Session, code: str, owners: Mapping[str, set[str]], effective: date
) -> Iterator[Line]:  # fmt: skip
    """Who manages a territory manages its parts; who works accounts of a part works there."""
    held = plan_memberships.current(session, plan_members.KIND, [code])
    members = [each for each in held.values() if each.holds_after(effective)]
    for part, logins in owners.items():
        there: set[Any] = set()
        for member in members:
            if member.role == "manager" or (member.role == "account_manager" and member.user in logins):
                yield from _begins(member, part, effective, there)


def join(session: Session, request: Join, effective: date) -> Iterator[Line | Left]:
    """Somebody begins to work in a territory.

    Raises:
        NotFound: there is no such territory or person.
        UsageFault: it would end before it begins.
    """
    session.actor.require("territory.edit")
    session.actor.require("territory.create")
    code, login = code_of(session, request.territory), _login(session, request.user)
    member = Membership(code, login, request.role, request.since or effective, request.until)
    if member.valid_to is not None and member.valid_to <= member.valid_from:
        raise UsageFault(_("It would end before it begins."))
    held = plan_memberships.current(session, plan_members.KIND, [code])
    if any(each.same == member.same and each.holds_after(member.valid_from) for each in held.values()):
        yield Left(plan_members.KIND.name, member.key, _("he is a member already"))
    else:
        yield plan_memberships.line(plan_members.KIND, member, member.valid_to, is_new=True)


def leave(session: Session, request: Leave, effective: date) -> Iterator[Line | Left]:
    """Somebody ends to work in a territory.

    Raises:
        NotFound: there is no such territory or person, or he does not work there.
    """
    session.actor.require("territory.edit")
    code, login = code_of(session, request.territory), _login(session, request.user)
    day = request.on or effective
    held = plan_memberships.current(session, plan_members.KIND, [code]).values()
    mine = [
        each for each in held
        if each.user == login and each.role == (request.role or each.role) and each.holds_after(day)
    ]  # fmt: skip
    if not mine:
        raise NotFound(_("{user} does not work in {territory}.").format(user=login, territory=code))
    yield from (plan_memberships.ended(plan_members.KIND, member, day) for member in mine)


def _login(session: Session, name: str) -> str:
    key = naming.find_id(session, t.user, name, code="login")
    return str(session.execute(select(t.user.c.login).where(t.user.c.id == key)).scalar_one())
