"""Which rule wins, without a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.config.policy import RangeEntry
from sfactl.core.assignment_rules import Outcome, Rule, condition_of, decide, in_order, verdicts
from sfactl.errors import UsageFault


def rule(code: str, step: int = 0, place: int = 1, priority: int = 0, position: int = 0) -> Rule:
    return Rule(code, step, position, place, f"T{place}", priority, None, None, "")


def test_the_first_step_in_which_a_rule_matches_decides() -> None:
    rules = [rule("a", 1, place=1, priority=9), rule("b", 2, place=2, priority=1)]

    assert decide(rules, 0b11).winner is rules[0]
    assert decide(rules, 0b10).winner is rules[1]
    assert decide(rules, 0b00).winner is None


def test_within_a_step_the_best_priority_wins_and_a_tie_is_never_picked() -> None:
    rules = [rule("a", place=1, priority=2), rule("b", place=2, priority=1), rule("c", place=3, priority=1)]

    assert decide(rules, 0b011).winner is rules[1]
    found = decide(rules, 0b111)
    assert found.winner is None
    assert found.tied == (rules[1], rules[2])


def test_two_rules_of_one_territory_are_one_claim() -> None:
    rules = [rule("a", place=1), rule("b", place=1)]

    assert decide(rules, 0b11).winner is rules[0]


def test_a_territory_from_which_the_account_is_excluded_claims_nothing() -> None:
    rules = [rule("a", 1, place=1), rule("b", 1, place=2), rule("c", 2, place=3)]

    assert decide(rules, 0b111, frozenset({1})).winner is rules[1]
    assert decide(rules, 0b111, frozenset({1, 2})).winner is rules[2]


def test_rules_are_asked_by_step_and_then_as_the_policy_lists_them() -> None:
    rules = [rule("a", 5, position=0), rule("b", 1, position=2), rule("c", 1, position=1)]

    assert [each.code for each in in_order(rules)] == ["c", "b", "a"]


def test_each_loser_is_told_why() -> None:
    rules = [
        rule("no", 0, place=9), rule("barred", 1, place=8), rule("won", 1, place=1, priority=1), rule("same", 1, place=1, priority=1),
        rule("worse", 1, place=2, priority=3), rule("late", 2, place=3),
    ]  # fmt: skip

    found = verdicts(rules, 0b111110, frozenset({8}), {"no": "region = AZ"})

    assert [(each.rule.code, each.outcome) for each in found] == [
        ("no", Outcome.NO_MATCH), ("barred", Outcome.BARRED), ("won", Outcome.WON), ("same", Outcome.LOST),
        ("worse", Outcome.LOST), ("late", Outcome.LOST),
    ]  # fmt: skip
    assert [each.reason for each in found] == [
        "not so: region = AZ", "the account is excluded from T8", "the first that matches", "won comes first in T1",
        "won has a better priority: 1 before 3", "step 1 decides: won, worse",
    ]  # fmt: skip


def test_tied_rules_name_each_other() -> None:
    rules = [rule("a", place=1), rule("b", place=2)]

    assert [(each.outcome, each.reason) for each in verdicts(rules, 0b11, frozenset(), {})] == [
        (Outcome.TIED, "claimed with the same priority by b"), (Outcome.TIED, "claimed with the same priority by a"),
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4), st.integers(0, 2)), max_size=8), st.integers(0, 255),
    st.frozensets(st.integers(1, 4), max_size=2),
)  # fmt: skip
def test_a_decision_is_the_best_claim_of_the_first_step_that_claims(
    said: list[tuple[int, int, int]], mask: int, barred: frozenset[int]
) -> None:
    best = {place: priority for _step, place, priority in said}
    rules = in_order(rule(str(n), step, place, best[place], n) for n, (step, place, _priority) in enumerate(said))

    found = decide(rules, mask, barred)

    standing = [each for n, each in enumerate(rules) if mask >> n & 1 and each.territory_id not in barred]
    step = min((each.step for each in standing), default=None)
    claimants = {each.territory_id for each in standing if each.step == step}
    leading = {place for place in claimants if best[place] == min(best[other] for other in claimants)}
    if len(leading) == 1:
        assert found.winner is next(each for each in standing if each.step == step and each.territory_id in leading)
    else:
        assert found.winner is None
        assert {each.territory_id for each in found.tied} == leading


def test_when_becomes_a_condition_in_words() -> None:
    when = {
        "region": ["AZ", "NM"],
        "segment": "Very large",
        "employees": RangeEntry.model_validate({"from": 10, "to": 50}),
    }

    assert condition_of(when, "not kind = partner or city is empty") == (
        'region in AZ, NM and segment = "Very large" and employees >= 10 and employees < 50'
        " and ((not kind = partner) or city is empty)"
    )
    assert condition_of({}, None) == ""


@pytest.mark.parametrize(
    "when", [{"territory": "SW"}, {"owner": ["sam"]}, {"colour": "red"}, {"region": []}, {"employees": "ten"}]
)
def test_a_rule_cannot_look_at_what_rules_decide_or_at_what_is_not_there(when: dict[str, object]) -> None:
    with pytest.raises(UsageFault):
        condition_of(when, None)
    with pytest.raises(UsageFault):
        condition_of({}, "segment = Large and not owner = sam")
