"""What is wrong with the assignment rules: those that do nothing, and accounts that several territories claim alike.

Only whoever sees all rules and all accounts is told: over a part of them, a rule could seem to match nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, and_, func, select

from sfactl.core import assignment_rules as ladder
from sfactl.core.assignment_rules import Rule
from sfactl.core.roles import Scope
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import rules

_Found = Iterator[tuple[str, str | None, str | None, str]]
_TOGETHER: Final = 2000
_KEPT: Final = "rule coverage"


@dataclass(frozen=True)
class _Coverage:
    """How many accounts each set of rules matches."""

    rules: list[Rule]
    counts: Mapping[int, int]
    "Set of rules, as bits, to accounts."

    def matched(self, n: int) -> int:
        """How many accounts the n-th rule matches."""
        return sum(count for mask, count in self.counts.items() if mask >> n & 1)

    def has_a_say(self, rule: Rule) -> bool:
        """Whether the rule decides one account at least, or ties over it."""
        decisions = (ladder.decide(self.rules, mask) for mask in self.counts)
        return any(rule is each.winner or rule in each.tied for each in decisions)

    def tied(self) -> dict[int, tuple[Rule, ...]]:
        """Sets of rules that lead to a tie, and which of them tie."""
        decided = {mask: ladder.decide(self.rules, mask).tied for mask in self.counts}
        return {mask: tied for mask, tied in decided.items() if tied}


def _coverage(session: Session) -> _Coverage:
    """One look at all accounts, whatever the number of rules; kept for the checks that follow in the same snapshot."""
    if _KEPT not in session.info:
        session.info[_KEPT] = _look(session)
    kept: _Coverage = session.info[_KEPT]
    return kept


def _look(session: Session) -> _Coverage:
    if not _sees_everything(session):
        return _Coverage([], {})
    found = rules.load(session)
    if not found:
        return _Coverage([], {})
    masks = rules.masks(session, found, t.account)
    rows = session.execute(select(func.count(), *masks).select_from(t.account).group_by(*masks))
    return _Coverage(found, {rules.mask_of(row, len(found)): row[0] for row in rows})


def _sees_everything(session: Session) -> bool:
    return all(session.actor.scope(name) is Scope.ALL for name in ("rule.read", "account.read"))


def idle(session: Session) -> _Found:
    """Rules that match no account."""
    coverage = _coverage(session)
    for n, rule in enumerate(coverage.rules):
        if not coverage.matched(n):
            yield rule.code, None, rule.territory, _("no account is so: {condition}").format(condition=rule.condition)


def shadowed(session: Session) -> _Found:
    """Rules that match accounts, each of which goes by an earlier step, an earlier rule of the territory or a better priority."""
    coverage = _coverage(session)
    for n, rule in enumerate(coverage.rules):
        count = coverage.matched(n)
        if count and not coverage.has_a_say(rule):
            yield (
                rule.code,
                None,
                rule.territory,
                _("earlier rules claim all {count} accounts that it matches").format(count=count),
            )


def without_person(session: Session) -> _Found:
    """Rules that name somebody who has left."""
    rule, person = t.assignment_rule.c, t.user.c
    rows = session.execute(
        select(rule.code, t.territory.c.code, person.login)
        .select_from(t.assignment_rule)
        .join(t.user, person.id == rule.user_id)
        .outerjoin(t.territory, t.territory.c.id == rule.territory_id)
        .where(~person.active)
        .order_by(rule.step, rule.position)
    )
    for code, place, login in rows:
        yield code, None, place, _("{person} has left").format(person=login)


def ties(session: Session) -> _Found:
    """Accounts that rules of several territories claim with one priority, unless people placed or excluded them."""
    coverage = _coverage(session)
    tied = coverage.tied()
    if not tied:
        return
    for row in session.execute(_placed_by_rules(session, coverage.rules).execution_options(yield_per=_TOGETHER)):
        claiming = tied.get(rules.mask_of(row, len(coverage.rules)))
        if claiming:
            said = ", ".join(f"{rule.code} ({rule.territory})" for rule in claiming)
            yield row.code, row.name, row.place, _("claimed alike by {rules}").format(rules=said)


def _placed_by_rules(session: Session, found: list[Rule]) -> Select[Any]:
    account, holds, barred = t.account.c, t.assignment.c, t.rule_exclusion.c
    is_open = and_(holds.account_id == account.id, holds.role == "owner", holds.valid_to.is_(None))
    is_barred = select(barred.id).where(barred.account_id == account.id).exists()
    return (
        select(account.code, account.name, t.territory.c.code.label("place"), *rules.masks(session, found, t.account))
        .select_from(t.account)
        .join(t.assignment, is_open)
        .outerjoin(t.territory, t.territory.c.id == account.territory_id)
        .where(holds.cause != "manual", ~is_barred)
        .order_by(account.code)
    )
