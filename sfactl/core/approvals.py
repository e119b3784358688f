"""Which rules of approval an offer reaches, and which of them are asked next: functions of values.

A rule asks from its bound on, whatever stands above it: who agrees to less is asked first. So an offer that is better in
every measure reaches no rule that the other did not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from sfactl.core.money import round_half_up

LOWER_IS_WORSE: Final = frozenset({"margin"})
IN_PERCENT: Final = frozenset({"discount", "line_discount", "margin"})
"""Measures that are compared as they are shown: with two decimals, rounded half-up."""


@dataclass(frozen=True)
class Rule:
    """Who must agree from when on; bounds in the measure's own unit."""

    code: str
    measure: str
    lowest: Fraction | None = None
    "Included."
    highest: Fraction | None = None
    "Excluded."
    step: int = 1
    quorum: int = 1


def compared(measure: str, value: Fraction | None) -> Fraction | None:
    """A measure as rules compare it, which is how people read it: 9.99996 % is 10.00 %."""
    return value if value is None or measure not in IN_PERCENT else Fraction(round_half_up(value * 100), 100)


def is_reached(rule: Rule, measures: Mapping[str, Fraction | None]) -> bool:
    """Whether an offer with these measures needs agreement by the rule; a margin that nobody knows does."""
    value = compared(rule.measure, measures.get(rule.measure))
    if rule.measure in LOWER_IS_WORSE:
        return value is None or (rule.highest is not None and value < rule.highest)
    return value is not None and rule.lowest is not None and value >= rule.lowest


def reached(rules: Iterable[Rule], measures: Mapping[str, Fraction | None]) -> list[Rule]:
    """The rules that an offer reaches, in the order of their steps."""
    return sorted((rule for rule in rules if is_reached(rule, measures)), key=lambda rule: (rule.step, rule.code))


def is_no_worse(one: Mapping[str, Fraction], other: Mapping[str, Fraction]) -> bool:
    """Whether an offer is in every measure as good as another, or better."""
    return all(one[name] >= value if name in LOWER_IS_WORSE else one[name] <= value for name, value in other.items())


def chosen(found: Iterable[tuple[int, int]], own: frozenset[int], quorum: int) -> tuple[int, ...]:
    """Who is asked: of those who have the role, the nearest, and as many levels further up as the quorum needs.

    Args:
        found: key of a person, and how deep in the tree the territory lies for which he has the role.
        own: people whose offer it is: none of them is asked.
    """
    levels: dict[int, list[int]] = {}
    for person, depth in found:
        if person not in own:
            levels.setdefault(depth, []).append(person)
    asked: list[int] = []
    for depth in sorted(levels, reverse=True):
        if len(asked) >= quorum:
            break
        asked += sorted(set(levels[depth]) - set(asked))
    return tuple(asked)
