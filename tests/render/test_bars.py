from fractions import Fraction

import pytest

from sfactl.render.bars import bar


@pytest.mark.parametrize(
    ("share", "drawn"),
    [
        (Fraction(0), "░░░░░░░░░░ "),
        (Fraction(2, 5), "████░░░░░░ "),
        (Fraction(999, 1000), "█████████░ "),
        (Fraction(1), "██████████ "),
        (Fraction(5, 4), "██████████+"),
        (Fraction(-1, 2), "░░░░░░░░░░ "),
    ],
)
def test_a_bar_is_full_when_the_quota_is_reached_and_not_before(share: Fraction, drawn: str) -> None:
    assert bar(share) == drawn


def test_a_mark_shows_where_the_pace_would_be() -> None:
    assert bar(Fraction(2, 5), pace=Fraction(7, 10)) == "████░░░│░░ "
    assert bar(Fraction(9, 10), pace=Fraction(1, 2)) == "█████│███░ "
    assert bar(Fraction(1, 2), pace=Fraction(1)) == "█████░░░░│ "


def test_a_bar_can_be_drawn_in_ascii() -> None:
    assert bar(Fraction(3, 5), pace=Fraction(4, 5), width=5, plain=True) == "###.| "
