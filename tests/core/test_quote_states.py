"""The states of a quote, and the digest of what it promises."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from itertools import pairwise

import pytest

from sfactl.core.quote_digest import Agreed, AgreedLine, quote_digest
from sfactl.core.quote_states import ALLOWED, EDITABLE, State, after_edit, require, require_editable
from sfactl.errors import Conflict

LINE = AgreedLine(1, None, "P-1", None, False, True, 1000, 10000, 9000, 90, 1000, None, False)
AGREED = Agreed("Q-000001", "A-SW1", "USD", date(2026, 6, 1), 30, None, 0, 90, [LINE, replace(LINE, line=2)])


def test_every_state_says_what_may_follow_it():
    assert set(ALLOWED) == set(State)


@pytest.mark.parametrize(
    "way",
    ["draft submitted approved sent accepted", "draft submitted rejected draft", "submitted recalled draft",
     "submitted expired", "approved stale submitted", "sent declined", "sent expired"],
)  # fmt: skip
def test_a_quote_goes_the_ways_that_are_told_of_it(way):
    states = [State(word) for word in way.split()]

    for state, to in pairwise(states):
        require("Q-1", state, to)


@pytest.mark.parametrize(
    ("state", "to"),
    [("draft", "approved"), ("draft", "sent"), ("submitted", "sent"), ("stale", "approved"), ("stale", "sent"),
     ("rejected", "approved"), ("approved", "accepted"), ("expired", "sent"), ("declined", "accepted")],
)  # fmt: skip
def test_no_way_leads_round_the_approval(state, to):
    with pytest.raises(Conflict) as refused:
        require("Q-1", State(state), State(to))

    assert "Q-1" in str(refused.value) and refused.value.hint


def test_what_a_customer_has_is_not_edited():
    for state in set(State) - EDITABLE:
        with pytest.raises(Conflict):
            require_editable("Q-1", state)


def test_a_change_for_the_worse_ends_an_approval_and_one_for_the_better_keeps_it():
    assert after_edit(State.APPROVED, is_worse=True) is State.STALE
    assert after_edit(State.SUBMITTED, is_worse=True) is State.STALE
    assert after_edit(State.APPROVED, is_worse=False) is State.APPROVED
    assert after_edit(State.REJECTED, is_worse=True) is State.DRAFT
    assert after_edit(State.DRAFT, is_worse=True) is State.DRAFT


def test_every_part_of_what_is_promised_changes_the_digest():
    others = {
        "quote": "Q-000001-2", "account": "A-SW2", "currency": "EUR", "valid_until": date(2026, 6, 2),
        "payment_days": 60, "terms": "x", "header_minor": 1, "net_minor": 91, "lines": [LINE],
    }  # fmt: skip
    of_line = {
        "line": 3, "parent_line": 2, "product": "P-2", "feature": "disk", "is_included": True, "is_standard": False,
        "quantity_milli": 2000, "list_e4": 1, "net_e4": 1, "net_minor": 1, "discount_bp": 1, "manual_e4": 9000,
        "is_below_floor": True,
    }  # fmt: skip
    assert set(others) == {field.name for field in fields(Agreed)}
    assert set(of_line) == {field.name for field in fields(AgreedLine)}

    digests = {quote_digest(replace(AGREED, **{key: value})) for key, value in others.items()}
    digests |= {
        quote_digest(replace(AGREED, lines=[replace(LINE, **{key: value}), replace(LINE, line=2)]))
        for key, value in of_line.items()
    }

    assert quote_digest(AGREED) not in digests
    assert len(digests) == len(others) + len(of_line)


def test_the_order_in_which_lines_are_read_changes_nothing():
    assert quote_digest(AGREED) == quote_digest(replace(AGREED, lines=[replace(LINE, line=2), LINE]))
