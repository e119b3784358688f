"""Sentences below an offer, and the conditions under which they stand there."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from sfactl.core.conditions import Kind, Language, parse
from sfactl.core.row_conditions import holds

LANGUAGE: Final = Language(
    {
        "net": Kind.NUMBER, "discount": Kind.SHARE, "payment_days": Kind.NUMBER, "currency": Kind.TEXT,
        "country": Kind.TEXT, "segment": Kind.TEXT, "revision": Kind.NUMBER,
    },
    "net >= 10000 and country = ES",
)  # fmt: skip
"""What a condition may speak of."""


def require_readable(condition: str | None) -> None:
    """Refuse a condition that cannot be read; errors as of `conditions.parse`."""
    if condition is not None:
        parse(condition, LANGUAGE)


def stands(condition: str | None, values: Mapping[str, Any]) -> bool:
    """Whether a sentence stands below an offer of these values."""
    return condition is None or holds(parse(condition, LANGUAGE), values.__getitem__, LANGUAGE)


def as_share(basis_points: int) -> Fraction:
    """Basis points as conditions compare shares."""
    return Fraction(basis_points, 10_000)
