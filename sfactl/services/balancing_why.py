"""Why an account goes, stays or takes no part: in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from sfactl.core import balancing, balancing_measures, balancing_reasons, skill_words
from sfactl.core.balancing import Account, Aim, Alternative, Answer, Goal, Person, goal_of
from sfactl.core.balancing_figures import gains_text
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import conditions, naming
from sfactl.services.balancing_request import Basis, Request


@dataclass(frozen=True)
class WhyRow:
    """Somebody who might have an account, and what would come of it."""

    user: str | None
    decision: str
    why: str


@dataclass(frozen=True)
class Reasons:
    """Why an account that moves does."""

    gains: str
    against: str
    "Who would be the next best, and why he is not the one; empty where there is nobody."

    @property
    def text(self) -> str:
        """Both in one line."""
        return "; ".join(filter(None, (self.gains, self.against)))


def of_moves(basis: Basis, answer: Answer) -> dict[str, Reasons]:
    """By account that moves, what it gains and why the next best is not the one."""
    told = _Told(basis)
    return {move.account: Reasons(told.gained(move), told.against(move.neighbour)) for move in answer.moves}


class _Told:
    """Says in words what a move comes to."""

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._people = {person.key: person for person in basis.problem.people}
        self._leavers = {person.key for person in basis.leavers}
        self._accounts = {account.key: account for account in basis.problem.accounts}
        self._families: dict[str, list[Account]] = {}
        for account in basis.problem.accounts:
            if account.family is not None:
                self._families.setdefault(account.family, []).append(account)

    def gained(self, move: balancing.Move) -> str:
        """What a move gains; first of all that its owner leaves, or did not know what is required, or that nobody does."""
        account = self._accounts[move.account]
        lacks = self._lacked(self._people.get(move.before or ""), account)
        parts = (
            self._left(move.before),
            self._basis.kept.lacking.get(move.account),
            lacks,
            self._said(_but_moving(move.gains)),
        )
        return "; ".join(filter(None, parts))

    def _left(self, owner: str | None) -> str | None:
        """That an account has to go to somebody, in any case."""
        if owner is None:
            return _("nobody had it")
        return _("{user} leaves").format(user=owner) if owner in self._leavers else None

    def _lacked(self, owner: Person | None, account: Account) -> str | None:
        """What an owner does not know that the account requires, else a relative of it."""
        if owner is None:
            return None
        for each in (account, *self._families.get(account.family or "", ())):
            if missing := balancing_measures.missing_skill(owner, each):
                said = skill_words.not_known(owner.key, missing)
                return said if each is account else balancing_reasons.of_relative(each.key, said)
        return None

    def against(self, other: Alternative | None) -> str:
        """Why somebody else is not the one."""
        if other is None:
            return ""
        return _("not {user}: {reason}").format(user=other.person, reason=self.reason(other))

    def reason(self, other: Alternative, account: Account | None = None) -> str:
        """Which limit is in the way, else what would be better and worse; of an account that has a family, for all of it."""
        if other.obstacle:
            return other.obstacle
        said = self._said(other.gains) or _("no better")
        if account is None or account.family is None:
            return said
        return _("with its family {family}: {reason}").format(family=account.family, reason=said)

    def _said(self, gains: Mapping[str, int]) -> str:
        return gains_text(gains, self._basis.currency)


def _but_moving(gains: Mapping[str, int]) -> dict[str, int]:
    """What a move gains, but for that it is one."""
    return {goal: gain for goal, gain in gains.items() if goal_of(goal).aim is not Aim.DISRUPTION}


def absent(session: Session, request: Request, basis: Basis, account: str) -> list[WhyRow]:
    """Why an account takes no part; nothing where it does.

    Raises:
        NotFound: there is no such account, or it is not the person's to see.
    """
    key, code = _named(session, account)
    if any(each.key == code for each in basis.problem.accounts):
        return []
    owner = session.execute(select(t.account.c.owner_id).where(t.account.c.id == key)).scalar_one()
    login = basis.names.login(owner)
    return [WhyRow(login, _("takes no part"), _why_absent(session, request, basis, key, code, login))]


def _named(session: Session, account: str) -> tuple[int, str]:
    key = naming.find_id(session, t.account, account)
    return key, session.execute(select(t.account.c.code).where(t.account.c.id == key)).scalar_one()


def _why_absent(
    session: Session, request: Request, basis: Basis, key: int, name: str, owner: str | None
) -> str:  # fmt: skip
    left = next((each.reason for each in basis.left if (each.entity, each.key) == ("account", name)), None)
    if left is not None:
        return left
    if owner is None and not request.has_unowned:
        return nobodys()
    if owner is not None and owner not in {person.key for person in (*basis.problem.people, *basis.leavers)}:
        return of_somebody_else(owner)
    if request.where is not None and not _holds(session, key, request.where):
        return _("the condition of --where does not hold for it")
    place = session.execute(select(t.account.c.territory_id).where(t.account.c.id == key)).scalar_one()
    return lies_elsewhere(basis.names.code(place))


def nobodys() -> str:
    """Why an account of nobody takes no part."""
    return _("nobody has it; --unowned shares such accounts out, too")


def of_somebody_else(user: str) -> str:
    """Why an account of somebody takes no part who takes none."""
    return _("{user} has it, who takes no part").format(user=user)


def lies_elsewhere(territory: str | None) -> str:
    """Why an account takes no part that lies elsewhere; a territory out of sight is not named."""
    if territory is None:
        return _("it lies elsewhere")
    return _("it lies in {territory}, which is not balanced").format(territory=territory)


def _holds(session: Session, key: int, where: str) -> bool:
    found = session.execute(select(t.account.c.id).where(t.account.c.id == key, conditions.parse(session, where)))
    return found.first() is not None


def rows(session: Session, basis: Basis, goals: Sequence[Goal], answer: Answer, account: str) -> list[WhyRow]:
    """Why an account that takes part is with whom it is, and not with each of the others.

    Raises:
        NotFound: there is no such account, or it is not the person's to see.
    """
    _key, code = _named(session, account)
    told = _Told(basis)
    move = next((each for each in answer.moves if each.account == code), None)
    first = _gets(told, move) if move else _stays(basis, answer.owners[code], code)
    return [first, *_others(told, basis, goals, answer, code)]


def _gets(told: _Told, move: balancing.Move) -> WhyRow:
    return WhyRow(move.after, _("gets it"), told.gained(move) or _("nothing is better with somebody else"))


def _stays(basis: Basis, owner: str, code: str) -> WhyRow:
    why = basis.kept.stays.get(code) or _("nothing is better with somebody else")
    return WhyRow(owner, _("keeps it"), why)


def _others(told: _Told, basis: Basis, goals: Sequence[Goal], answer: Answer, code: str) -> Iterator[WhyRow]:
    problem = basis.problem
    account = next(each for each in problem.accounts if each.key == code)
    found = balancing_reasons.alternatives(problem, goals, answer, [code], most=len(problem.people))
    for each in found[code]:
        yield WhyRow(each.person, _("may not") if each.obstacle else _("not better"), told.reason(each, account))
