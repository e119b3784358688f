"""Conditions as text: what is read, what is refused and where, and that nothing a person types breaks the reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.conditions import (
    FIELDS,
    LONGEST,
    MOST_NESTED,
    ORDERED,
    All,
    Comparison,
    Either,
    Kind,
    Not,
    Op,
    Tree,
    fields,
    parse,
    parts,
    said,
)
from sfactl.errors import UsageFault

SYMBOLS = (
    "segment", "name", "employees", "territory", "=", "!=", "<", "<=", "in", "not", "and", "or", "(", ")", ",", "is",
    "empty", "starts", "with", "contains", "'a b'", '"', "'", "Large", "10", "-1.5", "!", "%", ";", "--",
)  # fmt: skip


def comparisons() -> st.SearchStrategy[Tree]:
    words = st.sampled_from(["segment", "region", "name", "code"])
    values = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=6)
    numbers = st.integers(-(10**6), 10**6).map(str)
    one = [
        st.builds(lambda f, op, v: Comparison(f, op, (v,)), words, st.sampled_from([*ORDERED, Op.EQUAL, Op.UNEQUAL, Op.STARTS, Op.CONTAINS]), values),
        st.builds(lambda f, v: Comparison(f, Op.IN, tuple(v)), words, st.lists(values, min_size=1, max_size=3)),
        st.builds(lambda f, op, v: Comparison(f, op, (v,)), st.sampled_from(["employees", "annual_revenue"]), st.sampled_from([*ORDERED, Op.EQUAL]), numbers),
        st.builds(lambda f: Comparison(f, Op.EMPTY), st.sampled_from(list(FIELDS))),
    ]  # fmt: skip
    return st.one_of(*one)


def trees() -> st.SearchStrategy[Tree]:
    several = st.lists
    return st.recursive(
        comparisons(),
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(lambda items: All(tuple(items)), several(inner, min_size=2, max_size=3)),
            st.builds(lambda items: Either(tuple(items)), several(inner, min_size=2, max_size=3)),
        ),
        max_leaves=6,
    )


@given(trees())
def test_a_condition_written_out_reads_back_as_it_was(tree: Tree) -> None:
    assert parse(said(tree)) == tree


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(SYMBOLS), max_size=25).map(" ".join)))
def test_whatever_is_typed_is_read_or_refused_in_words(text: str) -> None:
    try:
        tree = parse(text)
    except UsageFault as fault:
        assert fault.message
    else:
        assert all(one.field in FIELDS for one in fields(tree))


def test_not_binds_closest_and_or_last() -> None:
    found = parse("not kind = partner and region = AZ or city = Mesa")

    kind, region, city = (
        Comparison(f, Op.EQUAL, (v,)) for f, v in (("kind", "partner"), ("region", "AZ"), ("city", "Mesa"))
    )
    assert found == Either((All((Not(kind), region)), city))


def test_a_list_ends_where_its_commas_end() -> None:
    found = parse('segment in Large, \'Very large\' AND NOT city in (Mesa,"San ""Jo""")')

    assert parts(found) == (
        Comparison("segment", Op.IN, ("Large", "Very large")), Not(Comparison("city", Op.IN, ("Mesa", 'San "Jo"'))),
    )  # fmt: skip


def test_emptiness_and_negated_words_are_negations() -> None:
    assert parse("owner is not empty") == Not(Comparison("owner", Op.EMPTY))
    assert parse("region not in AZ, NM") == Not(Comparison("region", Op.IN, ("AZ", "NM")))


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("", 1, "a field"),
        ("segmant = Large", 1, "there is no field segmant"),
        ("segment Large", 9, "starts with"),
        ("segment = ", 11, "a value"),
        ("segment = Large Medium", 17, "`and`, `or` or the end"),
        ("segment = 'Large", 11, "a closing '"),
        ("segment = ''", 1, "not empty"),
        ("(segment = Large", 17, "`)`"),
        ("employees > many", 1, "a number"),
        ("annual_revenue > 1e9", 1, "a number"),
        ("territory > SW", 1, "not compared with `>`"),
        ("employees contains 1", 1, "not compared with `contains`"),
        ("segment is Large", 12, "`empty`"),
        ("segment ! Large", 9, "`!=`"),
        ("region = a\x00b", 1, "can be seen"),
        ("employees > 1" + "0" * 14, 1, "a number"),
    ],
)
def test_a_fault_names_the_character_and_what_was_expected(text: str, column: int, expected: str) -> None:
    with pytest.raises(UsageFault) as caught:
        parse(text)

    assert f"character {column}:" in caught.value.message
    assert expected in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "(" * (MOST_NESTED + 1) + "segment = a" + ")" * (MOST_NESTED + 1),
        "not " * 900 + "segment = a",
        "segment = " + "a" * LONGEST,
        " or ".join(["a" * 9 + " = b"] * 300),
        "segment in " + ",".join("a" * 501),
        "segment=a" + " or segment=a" * 250,
    ],
)
def test_what_is_too_large_is_refused(text: str) -> None:
    with pytest.raises(UsageFault):
        parse(text)


@pytest.mark.parametrize("field", [name for name, kind in FIELDS.items() if kind is Kind.TEXT])
def test_text_may_be_ordered_as_postal_codes_are(field: str) -> None:
    assert parse(f"{field} >= 850 and {field} < 86") == All(
        (Comparison(field, Op.AT_LEAST, ("850",)), Comparison(field, Op.LESS, ("86",)))
    )
