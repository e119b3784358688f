"""The discount that the database compares is the one that people are shown, to the basis point."""

from __future__ import annotations

import sqlite3
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.approvals import compared
from sfactl.db import agreement_sql

sums = st.integers(0, 10**14)


@pytest.fixture(scope="module")
def engine() -> sqlite3.Connection:
    """An engine without data."""
    return sqlite3.connect(":memory:")


@given(listed=sums, net=sums)
def test_a_discount_is_rounded_half_up_as_it_is_shown(engine: sqlite3.Connection, listed: int, net: int) -> None:
    said = engine.execute(f"SELECT {agreement_sql.discount_bp('?1', '?2')}", (listed, net)).fetchone()[0]

    off = Fraction(max(listed - net, 0) * 100, listed) if listed else Fraction(0)
    assert Fraction(said, 100) == compared("discount", off)


@given(listed=st.integers(1, 10**14), net=sums, more=st.integers(0, 10**14))
def test_a_higher_price_is_never_a_larger_discount(
    engine: sqlite3.Connection, listed: int, net: int, more: int
) -> None:
    question = f"SELECT {agreement_sql.discount_bp('?1', '?2')} >= {agreement_sql.discount_bp('?1', '?3')}"

    assert engine.execute(question, (listed, net, net + more)).fetchone() == (1,)
