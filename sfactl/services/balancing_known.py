"""What is to be known of a balance: what was assumed, what the data do not say, what stays, and what was not proven."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sfactl.core.balancing import WHOLE, Aim, Answer, Goal
from sfactl.core.balancing_checks import some
from sfactl.core.balancing_figures import goal_name
from sfactl.i18n import _
from sfactl.services.balancing_request import Basis


@dataclass(frozen=True)
class KnownRow:
    """Something to be known, and of how many accounts, people or goals."""

    what: str
    count: int
    names: str
    "The first of them."


def rows(basis: Basis, goals: Sequence[Goal], answer: Answer) -> list[KnownRow]:
    """All that is to be known, what stays and is left alone first."""
    found = (*_stays(basis), *_left(basis), *_lacking(basis), *_families(basis), *_data(basis), *_places(basis, goals))
    return [*found, *_unproven(answer)]


def _row(what: str, names: Sequence[str]) -> Iterator[KnownRow]:
    if names:
        yield KnownRow(what, len(names), some(names))


def _by_reason(reasons: Iterable[tuple[str, str]], what: str) -> Iterator[KnownRow]:
    """A row a reason; `reasons` are pairs of a reason and a name."""
    for reason, pairs in groupby(sorted(reasons), key=lambda pair: pair[0]):
        yield from _row(what.format(reason=reason), [name for _reason, name in pairs])


def _stays(basis: Basis) -> Iterator[KnownRow]:
    is_left = {each.key for each in basis.left}
    stays = ((reason, code) for code, reason in basis.kept.stays.items() if code not in is_left)
    yield from _by_reason(stays, _("Accounts that stay: {reason}"))


def _left(basis: Basis) -> Iterator[KnownRow]:
    for entity, what in (("account", _("Accounts left alone: {reason}")), ("user", _("People left alone: {reason}"))):
        yield from _by_reason(((each.reason, each.key) for each in basis.left if each.entity == entity), what)


def _lacking(basis: Basis) -> Iterator[KnownRow]:
    pairs: Mapping[str, str] = basis.kept.lacking
    yield from _by_reason(
        ((reason, code) for code, reason in pairs.items()), _("Accounts that go to somebody all the same: {reason}")
    )


def _families(basis: Basis) -> Iterator[KnownRow]:
    kept = basis.kept
    if kept.divided:
        what = (
            _("Families of several owners, put together where one person may have them")
            if basis.is_together
            else _("Families of several owners: each owner's part stays whole; --together puts them together")
        )
        yield KnownRow(what, kept.divided, "")
    yield from _row(_("Families that nobody may have as a whole: their accounts go one by one"), kept.torn)


def _data(basis: Basis) -> Iterator[KnownRow]:
    held = basis.held
    codes = [account.key for account in basis.problem.accounts]
    yield from _row(
        _("Accounts whose hours are those that the policy says of their segment"),
        [code for code in codes if held[code].is_usual],
    )
    yield from _row(_("People whose hours are those that the policy says"), basis.kept.usual_people)
    yield from _row(
        _("Accounts with revenue in another currency, which counts nothing"),
        [code for code in codes if held[code].is_foreign],
    )


def _places(basis: Basis, goals: Sequence[Goal]) -> Iterator[KnownRow]:
    """What lies nowhere, where travel counts."""
    if not any(goal.aim is Aim.TRAVEL for goal in goals):
        return
    accounts = [account.key for account in basis.problem.accounts if account.position is None]
    people = [person.key for person in basis.problem.people if person.position is None]
    yield from _row(_("Accounts without a place: no travel counts for them"), accounts)
    yield from _row(_("People without a place: no travel counts for them"), people)


def _unproven(answer: Answer) -> Iterator[KnownRow]:
    for each in answer.outcomes:
        name = goal_name(each.goal)
        if not each.is_proven:
            said = _("Not proven best: it may be better by {percent} percent at most").format(
                percent=f"{each.gap_bp * 100 / WHOLE:.2f}"
            )  # fmt: skip
            yield KnownRow(said, 1, name)
        if each.given_bp:
            said = _("Given up for the goals after it: {percent} percent").format(
                percent=f"{each.given_bp * 100 / WHOLE:.2f}"
            )  # fmt: skip
            yield KnownRow(said, 1, name)
