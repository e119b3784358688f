"""Prices: every worked example of the manual, and what must hold of any quote."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.money import round_half_up
from sfactl.core.price_rules import (
    ORDERED,
    Inversion,
    Method,
    Rule,
    Step,
    Tier,
    What,
    Whom,
    inversions,
)
from sfactl.core.pricing import Header, Line, Listed, Manual, Priced, endings, price, usual_order
from sfactl.errors import UsageFault

TIERS = (Tier(1000, discount_bp=1000), Tier(10000, discount_bp=2000), Tier(20000, discount_bp=3000))


def line(quantity: float = 1, unit: float | None = 100, **more: object) -> Line:
    listed = None if unit is None else Listed("standard", round(unit * 10000))
    return Line(**({"line": 1, "product": "P", "family": "F", "quantity_milli": round(quantity * 1000),
                    "listed": listed} | more))  # type: ignore[arg-type] # fmt: skip


def rule(step: Step, method: Method, key: int = 1, **more: object) -> Rule:
    return Rule(**({"key": key, "code": f"R{key}", "title": "", "step": step, "method": method} | more))  # type: ignore[arg-type]


def priced(*lines: Line, rules: tuple[Rule, ...] = (), **more: object) -> Priced:
    return price(list(lines), rules, currency="USD", **more)  # type: ignore[arg-type]


def schedule(method: Method, tiers: tuple[Tier, ...] = TIERS) -> Rule:
    return rule(Step.SCHEDULE, method, tiers=tiers)


PROMOTION = rule(Step.PROMOTION, Method.AMOUNT, value_e4=300000)


class TestOrder:
    """The order of the steps is the quote's."""

    def test_thirty_off_and_then_a_fifth_leaves_72_of_120(self):
        assert priced(line(1, 120, discount_bp=2000), rules=(PROMOTION,)).net_minor == 7200

    def test_a_fifth_and_then_thirty_off_leaves_66(self):
        order = (Step.CONTRACT, Step.SCHEDULE, Step.SELLER, Step.PROMOTION)

        assert priced(line(1, 120, discount_bp=2000), rules=(PROMOTION,), order=order).net_minor == 6600

    def test_every_step_tells_what_was_before_and_after(self):
        done = priced(line(1, 120, discount_bp=2000), rules=(PROMOTION,))

        assert [(taken.step, taken.before_e4, taken.after_e4) for taken in done.lines[0].steps] == [
            ("list", None, 1200000), ("promotion", 1200000, 900000), ("seller", 900000, 720000),
        ]  # fmt: skip

    def test_an_order_names_each_free_step_once(self):
        words = ["promotion", "seller", "schedule", "contract"]

        assert [*usual_order(words)] == words
        for words in (["promotion"], [*ORDERED, "seller"], ["list", *ORDERED[1:]]):
            with pytest.raises(UsageFault):
                tuple(usual_order(words))


class TestSchedules:
    """Quantities, in half-open bounds."""

    @pytest.mark.parametrize(("method", "comes_to"), [(Method.RANGE, 21000), (Method.SLAB, 23800)])
    def test_thirty_pieces_at_ten(self, method, comes_to):
        assert priced(line(30, 10), rules=(schedule(method),)).net_minor == comes_to

    @pytest.mark.parametrize(("quantity", "comes_to"), [(9, 8100), (10, 8000), (19, 15200), (20, 14000)])
    def test_the_first_quantity_of_a_tier_is_in_it(self, quantity, comes_to):
        assert priced(line(quantity, 10), rules=(schedule(Method.RANGE),)).net_minor == comes_to

    def test_nineteen_pieces_cost_more_than_twenty_and_that_is_offered(self):
        better = priced(line(19, 10), rules=(schedule(Method.RANGE),)).lines[0].better

        assert (better.quantity_milli, better.amount_minor) == (20000, 14000)

    @pytest.mark.parametrize("quantity", [11, 15, 20, 25])
    def test_nothing_is_offered_that_costs_no_less(self, quantity):
        assert priced(line(quantity, 10), rules=(schedule(Method.RANGE),)).lines[0].better is None

    def test_a_range_that_inverts_is_found_when_it_is_loaded(self):
        assert inversions(Method.RANGE, TIERS) == [Inversion(9000, 10000), Inversion(19000, 20000)]
        assert inversions(Method.SLAB, TIERS) == []
        flat = (Tier(1000, price_e4=100000), Tier(10000, price_e4=95000))
        assert inversions(Method.RANGE, flat) == []
        assert inversions(Method.RANGE, (Tier(1000, price_e4=100000), Tier(10000, price_e4=80000))) == [
            Inversion(9000, 10000)
        ]

    def test_slabs_from_zero_divide_what_has_no_pieces(self):
        tiers = (Tier(0, discount_bp=0), Tier(10000, discount_bp=5000))

        assert priced(line(12.5, 10), rules=(schedule(Method.SLAB, tiers),)).net_minor == 10000 + 1250

    def test_pieces_below_the_first_tier_have_the_price_of_before(self):
        tiers = (Tier(5000, discount_bp=5000),)

        assert priced(line(6, 10), rules=(schedule(Method.SLAB, tiers),)).net_minor == 4000 + 1000
        assert priced(line(4, 10), rules=(schedule(Method.RANGE, tiers),)).net_minor == 4000


class TestBlocks:
    """Boxes of 10 for 1 and of 50 for 3."""

    BOXES = (Tier(10000, price_e4=10000), Tier(50000, price_e4=30000))

    def block(self, overage_e4: int | None = 500) -> Rule:
        return rule(Step.LIST, Method.BLOCK, tiers=self.BOXES, overage_e4=overage_e4)

    @pytest.mark.parametrize(("quantity", "comes_to"), [(7, 100), (10, 100), (11, 300), (50, 300), (60, 350)])
    def test_the_smallest_box_that_holds_all_is_paid(self, quantity, comes_to):
        done = priced(line(quantity, 100), rules=(self.block(),))

        assert (done.net_minor, done.list_minor) == (comes_to, comes_to)

    def test_more_than_the_largest_box_is_refused_where_no_more_is_sold(self):
        with pytest.raises(UsageFault, match="not sold in such a quantity") as refused:
            priced(line(51, 100), rules=(self.block(None),))

        assert "50" in refused.value.hint


class TestWhoWins:
    """One rule a step; the others are kept."""

    def test_nearer_then_narrower_then_larger_quantity_then_newer_then_first(self):
        better_and_worse = [
            {"whom": Whom.CONTRACT}, {"whom": Whom.CUSTOMER}, {"whom": Whom.SEGMENT}, {"whom": Whom.TERRITORY},
            {"product": "P"}, {"family": "F"}, {"min_milli": 500}, {"valid_from": date(2026, 5, 1)},
            {"valid_from": date(2026, 1, 1), "key": 10}, {"valid_from": date(2026, 1, 1), "key": 11},
        ]  # fmt: skip
        rules = [
            rule(**({"step": Step.CONTRACT, "method": Method.PRICE, "value_e4": 10000, "key": n} | more))  # type: ignore[arg-type]
            for n, more in enumerate(better_and_worse)
        ]
        for best in range(len(rules)):
            done = priced(line(), rules=tuple(reversed(rules[best:])))

            taken, *lost = done.lines[0].steps[1:]
            assert taken.rule == rules[best].code
            assert [loser.rule for loser in lost] == [other.code for other in rules[best + 1 :]]

    def test_the_losers_say_by_what_they_lost(self):
        rules = (
            rule(Step.PROMOTION, Method.PERCENT, 1, discount_bp=500, product="P"),
            rule(Step.PROMOTION, Method.PERCENT, 2, discount_bp=9000, family="F"),
        )

        done = priced(line(), rules=rules)

        assert done.net_minor == 9500
        assert [(taken.rule, taken.lost_by) for taken in done.lines[0].steps[1:]] == [("R1", None), ("R2", "what")]

    @pytest.mark.parametrize("other", [{"product": "Q"}, {"family": "G"}, {"min_milli": 1001}, {"max_milli": 1000}])
    def test_a_rule_of_something_else_does_nothing(self, other):
        assert (
            priced(line(), rules=(rule(Step.PROMOTION, Method.PERCENT, discount_bp=500, **other),)).net_minor == 10000
        )

    def test_a_rule_knows_how_narrow_it_is(self):
        said = [rule(Step.CONTRACT, Method.PRICE, **more).what for more in ({"product": "P"}, {"family": "F"}, {})]

        assert said == [What.PRODUCT, What.FAMILY, What.ALL]


class TestRounding:
    """Half-up, once a line."""

    def test_a_line_is_rounded_and_the_total_is_the_sum(self):
        done = priced(line(9.5, 124.75))

        assert (done.lines[0].net_minor, done.net_minor, done.lines[0].net_e4) == (118513, 118513, 1247500)

    def test_two_halves_of_a_cent_are_two_cents(self):
        assert priced(line(1, 0.005), line(1, 0.005, line=2)).net_minor == 2

    @pytest.mark.parametrize(("currency", "minor"), [("JPY", 1), ("USD", 125), ("BHD", 1250)])
    def test_a_currency_has_the_places_it_has(self, currency, minor):
        assert price([line(1, 1.2495)], (), currency=currency).net_minor in (minor, minor - 1, 1250)
        assert price([line(1, 1.25)], (), currency=currency).net_minor == minor

    def test_more_than_can_be_kept_is_refused(self):
        with pytest.raises(UsageFault, match="more than can be kept"):
            priced(line(10**12, 10**9))


class TestHeader:
    """A discount on all of it."""

    def test_twenty_off_180_and_200_is_a_discount_of_a_tenth(self):
        done = priced(
            line(2, 100, discount_bp=1000), line(2, 100, line=2), header=Header(amount_minor=2000)
        )  # fmt: skip

        assert (done.list_minor, done.lines_minor, done.net_minor) == (40000, 38000, 36000)
        assert done.discount == Fraction(1, 10) and done.discount_bp == 1000

    def test_it_is_split_to_the_cent(self):
        done = priced(*(line(1, 33.33, line=n) for n in (1, 2, 3)), header=Header(amount_minor=100))

        assert [one.header_minor for one in done.lines] == [34, 33, 33]
        assert sum(one.net_minor for one in done.lines) == done.net_minor == 9899

    def test_a_share_follows_the_lines(self):
        assert priced(line(2, 100), header=Header(discount_bp=1250)).net_minor == 17500

    def test_more_than_there_is_cannot_be_taken_off(self):
        with pytest.raises(UsageFault, match="more than the quote comes to"):
            priced(line(1, 1), header=Header(amount_minor=101))


class TestManual:
    """A price set by hand."""

    def test_it_stands_for_the_rules_and_nothing_is_taken_off_again(self):
        done = priced(line(2, 120, discount_bp=2000, manual=Manual(500000)), rules=(PROMOTION,)).lines[0]

        assert (done.net_minor, done.base_e4, done.list_minor, done.is_base_changed) == (10000, 900000, 24000, False)
        assert [(taken.step, taken.after_e4) for taken in done.steps] == [
            ("list", 1200000), ("promotion", 900000), ("manual", 500000),
        ]  # fmt: skip

    def test_it_is_kept_and_flagged_when_what_the_rules_give_changed(self):
        asked = line(2, 120, manual=Manual(500000, base_e4=900000))

        same = priced(asked, rules=(PROMOTION,)).lines[0]
        changed = priced(asked).lines[0]

        assert (same.is_base_changed, same.net_minor) == (False, 10000)
        assert (changed.is_base_changed, changed.net_minor) == (True, 10000)


class TestQuantities:
    """A changed quantity asks every rule again, downwards too."""

    def test_what_a_larger_quantity_gave_is_taken_back(self):
        rules = (
            rule(Step.CONTRACT, Method.PRICE, 1, value_e4=800000, min_milli=10000),
            rule(Step.PROMOTION, Method.PERCENT, 2, discount_bp=1000, min_milli=5000, max_milli=20000),
        )
        asked = line(12, 100)

        units = [
            priced(replace(asked, quantity_milli=quantity), rules=rules).lines[0].net_e4 // 100
            for quantity in (12000, 20000, 9000, 4000)
        ]  # fmt: skip

        assert units == [7200, 8000, 9000, 10000]


class TestFloor:
    """The least that something may cost."""

    FLOOR = rule(Step.FLOOR, Method.PERCENT, 9, discount_bp=1500)

    @pytest.mark.parametrize(("discount_bp", "is_below"), [(1500, False), (1501, True)])
    def test_a_price_below_it_is_flagged_and_kept(self, discount_bp, is_below):
        done = priced(line(1, 100, discount_bp=discount_bp), rules=(self.FLOOR,)).lines[0]

        assert (done.is_below_floor, done.floor_e4) == (is_below, 850000)
        assert done.net_minor == 10000 - discount_bp

    def test_a_discount_on_all_of_it_does_not_lead_below_it_unnoticed(self):
        done = priced(line(1, 100, discount_bp=1000), rules=(self.FLOOR,), header=Header(discount_bp=1000)).lines[0]

        assert done.is_below_floor


class TestLists:
    """Where the list price comes from."""

    def test_a_price_in_another_currency_is_converted_to_four_places(self):
        listed = Listed("standard", 1000000, "EUR", 1_100_000_000)

        done = priced(line(3, None, listed=listed)).lines[0]

        assert (done.list_e4, done.net_minor) == (1100000, 33000)
        assert [(taken.step, taken.rule, taken.after_e4) for taken in done.steps] == [
            ("list", "standard", 1000000), ("exchange", "EUR", 1100000),
        ]  # fmt: skip

    def test_what_has_no_price_is_named(self):
        with pytest.raises(UsageFault, match="Line 1: P has no price"):
            priced(line(1, None))

    def test_what_is_in_the_bundles_price_costs_nothing(self):
        done = priced(line(1, 100), line(4, None, line=2, is_included=True))

        assert (done.net_minor, done.lines[1].net_minor, done.list_minor) == (10000, 0, 10000)


SHARES = st.integers(0, 10000)
_TIERS = st.lists(st.tuples(st.integers(0, 50), SHARES), min_size=1, max_size=4, unique_by=lambda one: one[0]).map(
    lambda said: tuple(Tier(start * 1000, discount_bp=share) for start, share in sorted(said))
)
_PERCENT = st.builds(
    lambda step, share, key: rule(step, Method.PERCENT, key, discount_bp=share),
    st.sampled_from([Step.CONTRACT, Step.PROMOTION]), SHARES, st.integers(1, 9),
)  # fmt: skip
_AMOUNT = st.builds(
    lambda value, key: rule(Step.PROMOTION, Method.AMOUNT, key, value_e4=value),
    st.integers(0, 10**7),
    st.integers(1, 9),
)
_PRICE = st.builds(
    lambda value, key: rule(Step.CONTRACT, Method.PRICE, key, value_e4=value), st.integers(0, 10**7), st.integers(1, 9)
)
_SCHEDULE = st.builds(
    lambda method, tiers: rule(Step.SCHEDULE, method, 20, tiers=tiers),
    st.sampled_from([Method.RANGE, Method.SLAB]), _TIERS,
)  # fmt: skip
RULES = st.lists(st.one_of(_PERCENT, _AMOUNT, _PRICE, _SCHEDULE), max_size=5, unique_by=lambda one: one.key)
LINES = st.lists(
    st.builds(
        lambda quantity, unit, share: (quantity, unit, share), st.integers(1, 10**6), st.integers(0, 10**8), SHARES
    ),
    min_size=1,
    max_size=5,
).map(
    lambda said: [
        Line(n, "P", quantity, Listed("standard", unit), "F", share)
        for n, (quantity, unit, share) in enumerate(said, 1)
    ]
)  # fmt: skip
ORDERS = st.sampled_from(list(permutations(ORDERED)))


@given(LINES, RULES, ORDERS, st.one_of(st.none(), SHARES))
def test_the_total_is_the_sum_of_its_lines_and_nothing_is_below_zero(lines, rules, order, header_bp):
    done = price(lines, rules, currency="USD", order=order, header=Header(header_bp))

    assert done.net_minor == sum(one.net_minor for one in done.lines)
    assert done.list_minor == sum(one.list_minor for one in done.lines)
    assert done.header_minor == sum(one.header_minor for one in done.lines)
    assert all(one.net_minor >= 0 and one.header_minor >= 0 for one in done.lines)


@given(LINES, RULES, ORDERS, st.one_of(st.none(), SHARES))
def test_every_step_begins_where_the_one_before_ends_and_the_last_ends_at_the_net_amount(
    lines, rules, order, header_bp
):
    done = price(lines, rules, currency="USD", order=order, header=Header(header_bp))

    for asked, one in zip(lines, done.lines, strict=True):
        ends = endings(one.net_e4, asked.quantity_milli, one.amount_minor, one.net_minor, 100)
        taken = [step for step in (*one.steps, *ends) if step.lost_by is None]
        assert taken[0].before_e4 is None and taken[-1].after_e4 == one.net_minor * 100
        assert all(step.after_e4 == after.before_e4 for step, after in pairwise(taken))


@given(LINES, RULES, ORDERS)
def test_the_order_is_kept_and_no_discount_is_taken_twice(lines, rules, order):
    done = price(lines, rules, currency="USD", order=order)

    for one in done.lines:
        taken = [step.step for step in one.steps if step.lost_by is None]
        assert taken[0] is Step.LIST
        assert [step for step in order if step in taken[1:]] == taken[1:]
        assert len(set(taken)) == len(taken)
        applied = [step.rule for step in one.steps if step.lost_by is None and step.rule]
        assert len(set(applied)) == len(applied)


@given(LINES, st.lists(_PERCENT, max_size=6), ORDERS)
def test_shares_come_to_their_product_whatever_their_order(lines, rules, order):
    done = price(lines, rules, currency="USD", order=order)

    for asked, one in zip(lines, done.lines, strict=True):
        exact = Fraction(asked.listed.unit_e4 * asked.quantity_milli, 10**7)
        for step in (Step.CONTRACT, Step.PROMOTION):
            winner = min((rule for rule in rules if rule.step is step), key=lambda rule: rule.rank, default=None)
            exact *= Fraction(10000 - (winner.discount_bp if winner else 0), 10000)
        exact *= Fraction(10000 - asked.discount_bp, 10000)
        assert one.net_minor == round_half_up(exact * 100)


@given(LINES, RULES, ORDERS)
def test_the_same_quote_costs_the_same_in_whatever_order_its_rules_are_read(lines, rules, order):
    assert price(lines, rules, currency="USD", order=order) == price(lines, rules[::-1], currency="USD", order=order)
