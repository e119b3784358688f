"""What a reply says: the sender's own first line is the verdict, and nothing else is."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.approvals import LOWER_IS_WORSE, Rule, chosen, is_no_worse, reached
from sfactl.core.replies import Verdict, answer

QUOTED = "\n\nOn Tue, 20 May 2026 at 09:00, Sales\n<sales@x.example> wrote:\n> APPROVE\n> REJECT\n"


@pytest.mark.parametrize(
    ("text", "verdict", "comment"),
    [
        ("APPROVE", Verdict.APPROVE, ""),
        ("\n\n  *Approved.* \r\nfine by me\r\nnot this" + QUOTED, Verdict.APPROVE, "fine by me"),
        ("reject\n\ntoo low", Verdict.REJECT, "too low"),
        ("Aprobado", Verdict.APPROVE, ""),
        ("¡APROBAR!\nbien", Verdict.APPROVE, "bien"),
        ("Rechazado\nmuy bajo", Verdict.REJECT, "muy bajo"),
        ("rechazar", Verdict.REJECT, ""),
        ("Confirmado\n1 de junio", Verdict.APPROVE, "1 de junio"),
        ("On Tue, Sales wrote:\n> please\nReject\nno" + QUOTED, Verdict.REJECT, "no"),
        ("> REJECT\nAPPROVE", Verdict.APPROVE, ""),
        ("APPROVE\n-- \nMike\nREJECT", Verdict.APPROVE, ""),
        ("APPROVE\n-----Original Message-----\nFrom: x\nREJECT", Verdict.APPROVE, ""),
        ("Aprobado\n\nEl mar, 20 may 2026, Ventas escribió:\n> algo", Verdict.APPROVE, ""),
        ("APPROVE only if the customer pays", None, ""),
        ("I do not APPROVE", None, ""),
        ("approve reject", None, ""),
        ("yes", None, ""),
        ("", None, ""),
        (QUOTED, None, ""),
        ("From: mike\nTo: sales\nAPPROVE", None, ""),
    ],
)
def test_the_first_line_of_ones_own_is_the_verdict(text: str, verdict: Verdict | None, comment: str) -> None:
    said = answer(text)

    assert said.verdict is verdict
    if verdict:
        assert said.comment == comment


def test_a_comment_holds_nothing_that_a_reader_obeys() -> None:
    said = answer("APPROVE\n\x1b[31mred\x07 " + "x" * 5000)

    assert "\x1b" not in said.comment
    assert len(said.comment) <= 1000


@given(st.text(max_size=300))
def test_no_text_makes_reading_fail(text: str) -> None:
    answer(text)


MEASURES = ("discount", "line_discount", "margin", "terms", "below_floor")
shares = st.one_of(
    st.fractions(Fraction(0), Fraction(100), max_denominator=100), st.fractions(Fraction(0), Fraction(100))
)
rules = st.lists(
    st.builds(
        Rule, st.text("abc", min_size=1, max_size=3), st.sampled_from(MEASURES), shares, shares, st.integers(1, 4)
    ),
    max_size=8,
)
offers = st.fixed_dictionaries(dict.fromkeys(MEASURES, shares))


@given(rules, offers, offers)
def test_a_better_price_never_needs_more_agreement(
    table: list[Rule], one: dict[str, Fraction], other: dict[str, Fraction]
) -> None:
    better = {
        name: max(one[name], other[name]) if name in LOWER_IS_WORSE else min(one[name], other[name])
        for name in MEASURES
    }

    assert is_no_worse(better, one)
    assert {id(rule) for rule in reached(table, better)} <= {id(rule) for rule in reached(table, one)}


def test_a_bound_is_included_and_an_unknown_margin_is_asked_about() -> None:
    ten = Rule("ten", "discount", Fraction(10))
    thin = Rule("thin", "margin", highest=Fraction(40))

    assert reached([ten], {"discount": Fraction(10)}) == [ten]
    assert reached([ten], {"discount": Fraction(999, 100)}) == []
    assert reached([ten], {"discount": Fraction(999_996, 100_000)}) == [ten], "it is shown as 10.00 %"
    assert reached([ten], {"discount": Fraction(9_994, 1000)}) == [], "it is shown as 9.99 %"
    assert reached([thin], {"margin": None}) == [thin]
    assert reached([thin], {"margin": Fraction(40)}) == []
    assert reached([thin], {"margin": Fraction(39_996, 1000)}) == [], "it is shown as 40.00 %"


def test_the_nearest_are_asked_and_as_many_levels_as_the_quorum_needs() -> None:
    found = [(1, 3), (2, 3), (3, 1), (4, -1)]

    assert chosen(found, frozenset(), 1) == (1, 2)
    assert chosen(found, frozenset({1, 2}), 1) == (3,)
    assert chosen(found, frozenset({2}), 2) == (1, 3)
    assert chosen(found, frozenset({1, 2, 3, 4}), 1) == ()
