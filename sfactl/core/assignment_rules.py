"""Which rule places an account: steps in order, the first of each territory, the best priority, and never a silent pick."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

from sfactl.core import conditions
from sfactl.core.conditions import All, Op, Tree
from sfactl.errors import UsageFault
from sfactl.i18n import _

DECIDED: Final = frozenset({"territory", "owner"})
"""Fields that no rule may look at, because rules decide them: else a second run could undo the first."""


@dataclass(frozen=True)
class Rule:
    """A rule of the policy in force."""

    code: str
    step: int
    position: int
    territory_id: int
    territory: str
    priority: int
    "The territory's; the lower, the better."
    owner_id: int | None
    owner: str | None
    condition: str
    "In the language of conditions; empty where it matches every account."

    @property
    def tree(self) -> Tree | None:
        """What must hold; None where nothing must."""
        return conditions.parse(self.condition) if self.condition else None


@dataclass(frozen=True)
class Decision:
    """What the rules say of one account: a rule that won, several that tie, or nothing."""

    winner: Rule | None = None
    tied: tuple[Rule, ...] = ()


class Outcome(StrEnum):
    """What became of a rule, for one account."""

    WON = "won"
    TIED = "tied"
    LOST = "lost"
    "It matched, and another went first."
    BARRED = "excluded"
    NO_MATCH = "no match"


@dataclass(frozen=True)
class Verdict:
    """What became of one rule, and why."""

    rule: Rule
    outcome: Outcome
    reason: str


def in_order(rules: Iterable[Rule]) -> list[Rule]:
    """The rules as they are asked: by step, then as the policy lists them."""
    return sorted(rules, key=lambda rule: (rule.step, rule.position))


def decide(rules: Sequence[Rule], matching: int, barred: frozenset[int] = frozenset()) -> Decision:
    """The decision for an account.

    Args:
        rules: in order.
        matching: bit n is set where the condition of the rule at n holds.
        barred: keys of territories that may not claim the account.
    """
    for claims in _claims(rules, matching, barred):
        best = min(rule.priority for rule in claims)
        first = [rule for rule in claims if rule.priority == best]
        return Decision(winner=first[0]) if len(first) == 1 else Decision(tied=tuple(first))
    return Decision()


def _claims(rules: Sequence[Rule], matching: int, barred: frozenset[int]) -> Iterator[list[Rule]]:
    """Of each step in which something matches, the first matching rule of each territory."""
    standing = (
        rule for n, rule in enumerate(rules) if matching >> n & 1 and rule.territory_id not in barred
    )  # fmt: skip
    for _step, of_step in groupby(standing, key=lambda rule: rule.step):
        first: dict[int, Rule] = {}
        for rule in of_step:
            first.setdefault(rule.territory_id, rule)
        yield list(first.values())


def verdicts(rules: Sequence[Rule], matching: int, barred: frozenset[int], failed: Mapping[str, str]) -> list[Verdict]:
    """What became of each rule.

    Args:
        failed: of each rule that does not match, by its code, which of its conditions do not hold.
    """
    decision = decide(rules, matching, barred)
    first = next(_claims(rules, matching, barred), [])
    return [
        _verdict(rule, bool(matching >> n & 1), rule.territory_id in barred, decision, first, failed)
        for n, rule in enumerate(rules)
    ]


def _verdict(
    rule: Rule, matches: bool, is_barred: bool, decision: Decision, first: Sequence[Rule], failed: Mapping[str, str]
) -> Verdict:
    if not matches:
        return Verdict(rule, Outcome.NO_MATCH, _("not so: {condition}").format(condition=failed.get(rule.code, "")))
    if is_barred:
        return Verdict(
            rule, Outcome.BARRED, _("the account is excluded from {territory}").format(territory=rule.territory)
        )
    if rule is decision.winner:
        return Verdict(rule, Outcome.WON, _("the first that matches"))
    if rule in decision.tied:
        others = ", ".join(other.code for other in decision.tied if other is not rule)
        return Verdict(rule, Outcome.TIED, _("claimed with the same priority by {rules}").format(rules=others))
    return Verdict(rule, Outcome.LOST, _why_lost(rule, first))


def _why_lost(rule: Rule, first: Sequence[Rule]) -> str:
    """Why a rule that matches claims nothing, given those that claim."""
    if rule.step > first[0].step:
        return _("step {step} decides: {rules}").format(
            step=first[0].step, rules=", ".join(each.code for each in first)
        )
    same = next((each for each in first if each.territory_id == rule.territory_id and each is not rule), None)
    if same:
        return _("{rule} comes first in {territory}").format(rule=same.code, territory=rule.territory)
    best = min(first, key=lambda each: each.priority)
    return _("{rule} has a better priority: {best} before {own}").format(
        rule=best.code, best=best.priority, own=rule.priority
    )


def condition_of(when: Mapping[str, Any], where: str | None) -> str:
    """The condition of a rule as text; `when` holds, per field, a value, a list, or `from` and `to`.

    Raises:
        UsageFault: a field that does not exist or that rules decide, or a value that does not fit.
    """
    items = [part for name, wanted in when.items() for part in of_field(name, wanted)]
    if where is not None:
        tree = conditions.parse(where)
        for one in conditions.fields(tree):
            _require_free(one.field)
        items += conditions.parts(tree)
    if not items:
        return ""
    return conditions.said(items[0] if len(items) == 1 else All(tuple(items)))


def of_field(name: str, wanted: Any) -> list[Tree]:
    """What one entry of `when` asks for; errors as of `condition_of`."""
    _require_free(name)
    if isinstance(wanted, str | int):
        return [conditions.compare(name, Op.EQUAL, [str(wanted)])]
    if isinstance(wanted, list):
        return [conditions.compare(name, Op.IN, [str(each) for each in wanted])]
    bounds = ((Op.AT_LEAST, wanted.lowest), (Op.LESS, wanted.to))
    return [conditions.compare(name, op, [str(bound)]) for op, bound in bounds if bound is not None]


def _require_free(name: str) -> None:
    if name in DECIDED:
        raise UsageFault(
            _("A rule cannot look at {field}, because rules decide it.").format(field=name),
            _("Use fields that say what the account is: segment, industry, region, postal_code …"),
        )
