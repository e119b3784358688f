"""Whether a condition holds for a row: the values are compared, and nothing in the condition is run.

What is empty equals nothing and is in no order, as conditions over accounts have it.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from sfactl.core.conditions import FLAGS, All, Comparison, Kind, Language, Not, Op, Tree

Value = Decimal | Fraction | int | date | bool | str | None
Row = Callable[[str], Value]
"""A row: the value of each field by its name."""

_UPPER_TO_LOWER: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_COMPARE: Final[Mapping[Op, Callable[[Any, Any], bool]]] = {
    Op.LESS: lambda value, other: bool(value < other),
    Op.AT_MOST: lambda value, other: bool(value <= other),
    Op.MORE: lambda value, other: bool(value > other),
    Op.AT_LEAST: lambda value, other: bool(value >= other),
    Op.STARTS: lambda value, other: value.startswith(other),
    Op.CONTAINS: lambda value, other: other in value,
}


def holds(tree: Tree, row: Row, language: Language) -> bool:
    """Whether the condition holds for the row."""
    if isinstance(tree, Not):
        return not holds(tree.item, row, language)
    if isinstance(tree, Comparison):
        return _compared(tree, row(tree.field), language.fields[tree.field])
    each = (holds(item, row, language) for item in tree.items)
    return all(each) if isinstance(tree, All) else any(each)


def _compared(one: Comparison, value: Value, kind: Kind) -> bool:
    if one.op is Op.EMPTY:
        return value is None or value == ""
    if value is None:
        return one.op is Op.UNEQUAL
    mine = _folded(value) if isinstance(value, str) else value
    others = [_read(said, kind) for said in one.values]
    if one.op in _COMPARE:
        return _COMPARE[one.op](mine, others[0])
    return (mine in others) is not (one.op is Op.UNEQUAL)


def _read(said: str, kind: Kind) -> Any:
    """What a value of the condition says, in a form that compares with the rows'."""
    if kind is Kind.SHARE:
        number = Fraction(Decimal(said.removesuffix("%")))
        return number / 100 if said.endswith("%") else number
    if kind in (Kind.NUMBER, Kind.MONEY):
        return Fraction(Decimal(said))
    if kind is Kind.DATE:
        return date.fromisoformat(said)
    if kind is Kind.FLAG:
        return FLAGS[said.lower()]
    return _folded(said)


def _folded(text: str) -> str:
    """The letters A to Z in lower case, all others as they are."""
    return text.translate(_UPPER_TO_LOWER)
