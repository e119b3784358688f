import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.text import guard_formula, match_key, safe, unguard_formula
from tests.hostile import FORMULAS, HOSTILE, random_texts
from tests.soak import times

GUARD_ALPHABET = "'=+-@|%＝ \t\r\n\u00a0\ufeff\x1b\x001,.aé"
FORMULA_START = re.compile(r"[\s\ufeff\u200b]*[=+\-@|%＝＋－＠]")


# case 83
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_safe_leaves_nothing_that_a_terminal_obeys_or_hides(text: str) -> None:
    shown = safe(text)

    assert {unicodedata.category(c) for c in shown}.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    assert "\n" not in shown
    shown.encode("utf-8")


# case 84
def test_safe_holds_for_random_texts() -> None:
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

    for text in random_texts(times(1_000_000)):
        assert hidden.isdisjoint(map(unicodedata.category, safe(text))), repr(text)


def test_safe_keeps_ordinary_names_as_they_are() -> None:
    for name in ("Acme", "Ñandú & Cía. S.L.", "株式会社", "O'Brien [EMEA]", "Straße 5 – “Nord”", "🙂"):
        assert safe(name) == name


def test_safe_turns_line_ends_and_tabs_into_one_blank() -> None:
    assert safe("Acme\nTotal:\t0\r\nEnd") == "Acme Total: 0 End"


def test_safe_keeps_three_combining_marks_and_drops_the_flood() -> None:
    assert safe("b" + "\u0316" * 500) == "b" + "\u0316" * 3


def test_safe_shows_that_a_long_text_was_cut() -> None:
    assert safe("a" * 300) == "a" * 199 + "…"
    assert safe("a" * 200) == "a" * 200
    assert safe("é" * 30, limit=10) == "é" * 9 + "…"


def test_a_name_of_invisible_letters_does_not_look_empty() -> None:
    assert safe("\u3164\u115f") == "\ufffd\ufffd"


# case 86
@pytest.mark.parametrize("text", FORMULAS)
def test_no_line_of_a_guarded_text_is_a_formula(text: str) -> None:
    guarded = guard_formula(text)

    assert guarded != text
    assert not any(FORMULA_START.match(line) for line in re.split("[\r\n]", guarded))
    assert guarded[0] not in "=+-@\t\r\n"


@pytest.mark.parametrize("text", ["-12.50", "+3", "1,5", "0", "Acme", "a=b", "a-b", "", "3 + 4", "#1"])
def test_numbers_and_harmless_texts_are_not_guarded(text: str) -> None:
    assert guard_formula(text) == text


def test_a_telephone_number_with_blanks_is_guarded_since_it_is_no_number() -> None:
    assert guard_formula("+34 600 000 000") == "'+34 600 000 000"


@given(st.text(GUARD_ALPHABET) | st.text())
def test_unguarding_gives_back_exactly_what_was_guarded(text: str) -> None:
    assert unguard_formula(guard_formula(text)) == text


@given(st.text(GUARD_ALPHABET))
def test_no_guarded_line_starts_like_a_formula(text: str) -> None:
    guarded = guard_formula(text)

    number = re.fullmatch("[+-]?[0-9]+([.,][0-9]+)?", guarded)
    assert number or not any(FORMULA_START.match(line) for line in re.split("[\r\n]", guarded))


def test_guarding_takes_linear_time() -> None:
    for text in ("\x1c" * 200_000 + "a", "'" * 200_000, " " * 200_000, "\r" * 200_000):
        assert unguard_formula(guard_formula(text)) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "Cafe\u0301"),
        ("Café", "CAFÉ"),
        ("CAFÉ", "ＣＡＦÉ"),
        ("Straße", "STRASSE"),
        ("İstanbul", "i\u0307stanbul"),
        ("Acme  S.L.", "acme\u00a0S.L."),
        ("ﬁat", "FIAT"),
        ("Acme\u200b S.L.", " Acme S.L. "),
        ("e\u200b\u0301", "é"),
    ],
)
def test_two_spellings_of_a_name_have_one_key(one: str, other: str) -> None:
    assert match_key(one) == match_key(other)


def test_look_alikes_of_another_alphabet_have_another_key() -> None:
    assert match_key("Acme") != match_key("Аcme")  # the second starts with a Cyrillic letter


@given(st.text())
def test_the_key_of_a_key_is_itself(text: str) -> None:
    assert match_key(match_key(text)) == match_key(text)
