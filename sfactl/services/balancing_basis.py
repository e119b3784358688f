"""The problem of a balance, read as the person sees it.

Who may have an account is said to the solver by its territory. Whoever has an account now may keep it, wherever he works: it
lies in a territory of its own then, `SW + eve`. So does an account that a scenario puts into a part of a territory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from sfactl.core import skill_words
from sfactl.core.balancing import Account, Need, Person, Problem
from sfactl.core.balancing_measures import may_have
from sfactl.core.balancing_reasons import stays_with
from sfactl.core.plans import Left
from sfactl.core.workload import minutes
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import (
    assignment_policy,
    balancing_accounts,
    balancing_people,
    balancing_splits,
    balancing_why,
    distribution,
    naming,
    plan_names,
    territory_tree,
    workspaces,
)
from sfactl.services.balancing_accounts import Kin
from sfactl.services.balancing_people import Seller, Sellers
from sfactl.services.balancing_request import Basis, Held, Kept, Request
from sfactl.services.moves import Now

Skills = Mapping[str, Mapping[str, int]]


def read(session: Session, request: Request, effective: date) -> Basis:
    """The problem of a team, a territory or all in sight.

    Raises:
        NotFound: a team, territory, person or account is not there, or not the person's to see.
        UsageFault: there is nobody, or nothing, to balance.
    """
    session.actor.require("account.reassign")
    return _Reading(session, request, effective).basis()


class _Reading:
    """One problem, while it is read."""

    def __init__(self, session: Session, request: Request, effective: date) -> None:
        self._session, self._request, self._day = session, request, effective
        self._policy = assignment_policy.current(session)
        self._names = plan_names.load(session)
        self._nodes = territory_tree.nodes(session, effective)
        self._area = balancing_people.area_of(session, self._nodes, _top(session, request))
        people = Sellers(session, request, effective, self._policy, self._area)
        self._sellers = people.read()
        self._left, self._idle, self._gone = people.left, people.idle, people.leavers()
        self._stays: dict[str, str] = {}
        self._lacking: dict[str, str] = {}
        self._served = {each.login: self._below(each) for each in self._sellers}
        self._able: dict[int, frozenset[str]] = {}
        self._areas: dict[str, frozenset[str]] = {}
        "Logins of those who may have the accounts of what the solver takes for a territory."
        self._logins = {each.key: each.login for each in self._sellers}

    def basis(self) -> Basis:
        if not self._sellers:
            raise UsageFault(
                _("Nobody who could have accounts takes part."),
                _("Account managers of a territory do, and the sellers of a team; --with USER adds somebody."),
            )
        currency = workspaces.current(self._session).currency
        rows = self._rows(currency)
        accounts, kin = self._accounts(rows)
        if not accounts:
            raise UsageFault(_("There are no accounts to balance."), _("--unowned adds those that nobody has."))
        self._left += self._others()
        people = self._people(rows)
        accounts, torn = self._tied(people, accounts, {row.code: kin.parts.get(row.id) for row in rows})
        usual = tuple(each.login for each in self._sellers if each.is_usual)
        return Basis(
            Problem(people, accounts, self._request.limits),
            {row.code: _held(row) for row in rows}, {each.login: each.homes for each in self._sellers}, self._served,
            tuple(self._left), self._names, currency, Kept(self._stays, self._lacking, kin.divided, torn, usual),
            self._request.is_together, {each.login: each.full_e3 for each in self._sellers}, self._leavers(),
        )  # fmt: skip

    def _tied(
        self, people: Sequence[Person], accounts: tuple[Account, ...], parts: Mapping[str, str | None]
    ) -> tuple[tuple[Account, ...], tuple[str, ...]]:
        """The accounts with the families that hold together, and those that do not."""
        accounts, torn = _untied(people, accounts, {code: name for code, name in parts.items() if name is not None})
        accounts, torn_parts = _untied(people, accounts, {})
        return _staying(accounts, self._stays), tuple(sorted({*torn, *torn_parts}))

    def _leavers(self) -> tuple[Person, ...]:
        return tuple(Person(each.login, max(minutes(each.hours_e3), 1)) for each in self._gone)

    def _below(self, seller: Seller) -> frozenset[int]:
        return frozenset(key for home in seller.homes for key in territory_tree.below(self._nodes, home))

    def _rows(self, currency: str) -> list[Any]:
        places = self._area.keys if self._request.team is None else frozenset().union(*self._served.values())
        return balancing_accounts.rows(self._session, self._request, self._policy, currency, self._owners(), places)

    def _owners(self) -> list[int]:
        return [each.key for each in (*self._sellers, *self._gone)]

    def _others(self) -> list[Left]:
        """The accounts that are meant and take no part, and why."""
        found = balancing_accounts.others(
            self._session, self._request, self._owners(), self._idle, self._area.keys
        )  # fmt: skip
        return [Left("account", row.code, self._why_out(row, self._owners())) for row in found]

    def _why_out(self, row: Any, owners: Sequence[int]) -> str:
        if row.owner_id is None and not self._request.has_unowned:
            return balancing_why.nobodys()
        if row.owner_id is not None and row.owner_id not in owners:
            return balancing_why.of_somebody_else(self._names.login(row.owner_id) or "")
        return balancing_why.lies_elsewhere(self._names.code(row.territory_id))

    def _people(self, rows: Sequence[Any]) -> tuple[Person, ...]:
        """The people as the solver sees them: their hours less what their other accounts ask for."""
        other = balancing_people.elsewhere(self._session, self._sellers, rows, self._policy)
        skills, areas = self._skills(), self._of_each()
        return tuple(
            Person(
                each.login, max(minutes(each.hours_e3 - other.get(each.key, (0, 0))[1]), 1),
                areas[each.login], skills[each.login], each.position,
                most_accounts=_less(each.most_accounts, other.get(each.key, (0, 0))[0]),
            )
            for each in self._sellers
        )  # fmt: skip

    def _skills(self) -> Skills:
        known = distribution.skills_of_people(self._session)
        return {each.login: known.get(each.key, {}) for each in self._sellers}

    def _accounts(self, rows: Sequence[Any]) -> tuple[tuple[Account, ...], Kin]:
        keys = [row.id for row in rows]
        needs, kin = balancing_accounts.needs(self._session, keys), balancing_accounts.kin(self._session, keys)
        asked = balancing_accounts.asked(self._session, self._request.locked)
        _require_owners_here(rows, asked, self._gone)
        locked = balancing_accounts.locked(self._session, asked, rows, kin.parts, self._day)
        parts, skills = self._parts(rows), self._skills()
        families = kin.whole if self._request.is_together else kin.parts
        found = []
        for row in rows:
            may = self._may(row, parts) | ({self._logins[row.owner_id]} if row.owner_id in self._logins else set())
            if not may:
                self._left.append(Left("account", row.code, _("nobody who takes part works where it lies")))
                continue
            wanted = self._wanted(
                row, needs.get(row.id, {}), {login: skills[login] for login in may}, locked.get(row.id)
            )
            if wanted is not None:
                found.append(self._account(row, self._named(row, may, parts), wanted, families.get(row.id)))
        return tuple(found), kin

    def _account(self, row: Any, territory: str, needs: Mapping[str, Need], family: str | None) -> Account:
        return Account(
            row.code, territory, minutes(int(row.work)), int(row.revenue), int(row.potential), int(row.pipeline),
            self._names.login(row.owner_id), row.code in self._stays, self._stays.get(row.code, ""), family, needs,
            balancing_accounts.place_of(row, self._request.places), max(self._policy.calls_of(row.segment), 1),
        )  # fmt: skip

    def _wanted(self, row: Any, needs: Mapping[str, Need], may: Skills, lock: str | None) -> Mapping[str, Need] | None:
        """What an account needs of whoever has it, as a wish where nobody knows it; nothing where it takes no part."""
        owner = self._logins.get(row.owner_id)
        unknown = _unknown(needs, [may[owner]] if lock and owner else list(may.values()))
        if not self._takes_part(row, owner, lock, unknown):
            return None
        return {name: Need(need.level, need.weight) for name, need in needs.items()} if unknown else needs

    def _takes_part(self, row: Any, owner: str | None, lock: str | None, unknown: str | None) -> bool:
        """Whether an account takes part; what is to be known of it is noted.

        One that is locked, or requires what nobody knows who may have it, stays with its owner, or with nobody. Only where
        its owner leaves does it go to somebody who does not know what it requires.
        """
        said = lock or unknown
        if said is None:
            return True
        if unknown and not lock and owner is None and row.owner_id is not None:
            self._lacking[row.code] = unknown
            return True
        if owner is not None:
            self._stays[row.code] = said
        if owner is None or not lock:
            self._left.append(Left("account", row.code, said))
        return owner is not None

    def _parts(self, rows: Sequence[Any]) -> Mapping[int, frozenset[str]]:
        """For accounts of territories that a scenario splits, who is to have them."""
        found: dict[int, frozenset[str]] = {}
        for split in self._request.scenario.splits:
            found |= balancing_splits.parts(self._session, rows, self._logins, split)
        return found

    def _may(self, row: Any, parts: Mapping[int, frozenset[str]]) -> set[str]:
        """Logins of those who may have an account, as far as territories say."""
        able = self._able_in(row.territory_id)
        return set(able & parts[row.id] if row.id in parts else able)

    def _able_in(self, place: int) -> frozenset[str]:
        """Logins of those who may have the accounts of a territory."""
        if place not in self._able:
            everybody = self._request.is_across and place in self._area.keys
            found = (login for login, places in self._served.items() if everybody or place in places)
            self._able[place] = frozenset(found)
        return self._able[place]

    def _named(self, row: Any, may: set[str], parts: Mapping[int, frozenset[str]]) -> str:
        """What the solver takes for the territory of an account."""
        usual, code = self._may(row, parts), self._names.code(row.territory_id) or ""
        told = [code, *sorted(may - usual)] if row.id not in parts else [code, *sorted(may)]
        name = " + ".join(told)
        self._areas[name] = frozenset(may)
        return name

    def _of_each(self) -> dict[str, frozenset[str]]:
        """By login, what the solver takes for the territories whose accounts he may have."""
        return {login: frozenset(name for name, able in self._areas.items() if login in able) for login in self._served}


def _unknown(needs: Mapping[str, Need], those: Sequence[Mapping[str, int]]) -> str | None:
    """What an account requires that nobody of these knows, in words; nothing when somebody does."""
    required = {name: need.level for name, need in sorted(needs.items()) if need.is_required}
    if not those or any(all(has.get(name, 0) >= level for name, level in required.items()) for has in those):
        return None
    return _("nobody who may have it knows {skills}").format(skills=skill_words.listed(required.items()))


def _top(session: Session, request: Request) -> int | None:
    """The territory that a balance is about; of a team, the team's; none where it is about everything."""
    if request.team is None:
        return naming.find_id_or_none(session, t.territory, request.territory)
    session.actor.require("team.read")
    team = naming.find_id(session, t.team, request.team)
    return int(session.execute(select(t.team.c.territory_id).where(t.team.c.id == team)).scalar_one())


def _untied(
    people: Sequence[Person], accounts: Sequence[Account], parts: Mapping[str, str]
) -> tuple[tuple[Account, ...], tuple[str, ...]]:
    """The accounts, and the families that nobody may have as a whole: in place of those, their parts hold together.

    Args:
        parts: account's code to its part of the family.
    """
    members: dict[str, list[Account]] = {}
    for account in accounts:
        if account.family is not None:
            members.setdefault(account.family, []).append(account)
    torn = {name for name, those in members.items() if not any(_may_have_all(each, those) for each in people)}
    return tuple(
        replace(each, family=parts.get(each.key)) if each.family in torn else each for each in accounts
    ), tuple(sorted(torn))


def _may_have_all(person: Person, accounts: Sequence[Account]) -> bool:
    return all(
        may_have(person, account) and (not account.is_locked or account.owner == person.key) for account in accounts
    )


def _staying(accounts: Sequence[Account], stays: dict[str, str]) -> tuple[Account, ...]:
    """The accounts; where one of a family stays with its owner, so do the others that he has, which is noted."""
    first: dict[tuple[str, str | None], str] = {}
    for account in accounts:
        if account.is_locked and account.family is not None:
            first.setdefault((account.family, account.owner), account.key)
    found = []
    for account in accounts:
        relative = first.get((account.family or "", account.owner))
        if relative is not None and not account.is_locked:
            stays[account.key] = stays_with(relative, stays[relative])
        found.append(account if relative is None else replace(account, is_locked=True, why_locked=stays[account.key]))
    return tuple(found)


def _require_owners_here(rows: Sequence[Any], asked: frozenset[int], gone: Sequence[Seller]) -> None:
    """Refuse to keep an account with somebody who leaves."""
    logins = {each.key: each.login for each in gone}
    for row in rows:
        if row.id in asked and row.owner_id in logins:
            raise UsageFault(
                _("{account} cannot stay with {user}, who leaves.").format(account=row.code, user=logins[row.owner_id]),
                _("Leave out --lock {account}, or --without {user}.").format(
                    account=row.code, user=logins[row.owner_id]
                ),
            )


def _less(most: int | None, count: int) -> int | None:
    return None if most is None else max(most - count, 0)


def _held(row: Any) -> Held:
    now = Now(row.id, row.code, row.owner_id, row.territory_id, row.began)
    return Held(
        now, row.name, row.segment, int(row.revenue), int(row.work), bool(row.is_usual), bool(row.is_foreign)
    )  # fmt: skip
