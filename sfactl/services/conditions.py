"""Conditions over accounts as SQL: what a person wrote becomes bound values, never a statement or a pattern."""

from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Table, and_, collate, false, func, literal, not_, or_

from sfactl.core.conditions import All, Comparison, Either, Kind, Not, Op, Tree
from sfactl.core.conditions import parse as read
from sfactl.core.money import unusual_digits
from sfactl.core.text import match_key
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import naming, territories

_COMPARE: Final[Mapping[Op, Callable[[Any, Any], ColumnElement[bool]]]] = {
    Op.LESS: lambda column, value: column < value,
    Op.AT_MOST: lambda column, value: column <= value,
    Op.MORE: lambda column, value: column > value,
    Op.AT_LEAST: lambda column, value: column >= value,
    Op.STARTS: lambda column, value: column.startswith(value, autoescape=True),
    Op.CONTAINS: lambda column, value: column.contains(value, autoescape=True),
}
_ROUNDED: Final = {Op.LESS: ROUND_CEILING, Op.AT_LEAST: ROUND_CEILING, Op.MORE: ROUND_FLOOR, Op.AT_MOST: ROUND_FLOOR}
"""Which whole number says the same of whole numbers as one with decimals does."""
_USUAL_DIGITS: Final = 2
_UPPER_TO_LOWER: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def parse(session: Session, text: str) -> ColumnElement[bool]:
    """A condition over the rows of `account`.

    Raises:
        UsageFault: it is none; the place and what was expected there are named.
        NotFound: it names a territory, person or account that is not there, or not the person's to see.
    """
    return to_sql(session, read(text))


def to_sql(session: Session, tree: Tree, account: FromClause = t.account) -> ColumnElement[bool]:
    """A tree as a condition over the rows of `account`, or of an alias of it; it is true or false, or null for false.

    Raises:
        NotFound: as of `parse`.
    """
    return _Translation(session, account).of(tree, is_negated=False)


def folded(text: str) -> str:
    """Text as both databases compare it: the letters A to Z in lower case, all others as they are."""
    return text.translate(_UPPER_TO_LOWER)


class _Translation:
    """Negations are pushed down to the comparisons, so that what is empty is handled at each of them."""

    def __init__(self, session: Session, account: FromClause) -> None:
        self._session = session
        self._account = account

    def of(self, tree: Tree, *, is_negated: bool) -> ColumnElement[bool]:
        if isinstance(tree, Not):
            return self.of(tree.item, is_negated=not is_negated)
        if isinstance(tree, Comparison):
            return self._comparison(tree, is_negated is not (tree.op is Op.UNEQUAL))
        items = [self.of(item, is_negated=is_negated) for item in tree.items]
        is_all = isinstance(tree, All) is not is_negated
        assert isinstance(tree, All | Either)  # noqa: S101 - there is no other
        return and_(*items) if is_all else or_(*items)

    def _comparison(self, one: Comparison, is_negated: bool) -> ColumnElement[bool]:
        column, holds = _KINDS[one.kind](self, one)
        if not is_negated:
            return holds
        return or_(column.is_(None), not_(holds)) if one.op is not Op.EMPTY else not_(holds)

    def _text(self, one: Comparison) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
        column = self._account.c[one.field]
        if one.op is Op.EMPTY:
            return column, or_(column.is_(None), column == "")
        if one.field == "name":
            return column, _any_of(one, self._plain(self._account.c.name_key), [match_key(each) for each in one.values])
        compared = func.lower(self._plain(column), type_=column.type)
        return column, _any_of(one, compared, [folded(value) for value in one.values])

    def _plain(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """A column whose text is compared character by character, as on a file always."""
        return column if self._session.is_sqlite else collate(column, "C")

    def _number(self, one: Comparison) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
        column = self._account.c[one.field]
        return column, column.is_(None) if one.op is Op.EMPTY else _of_whole(one, column, 0)

    def _money(self, one: Comparison) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
        """Minor units of the account's currency; a few currencies have another number of them."""
        column, currency = self._account.c.annual_revenue_minor, self._account.c.currency
        if one.op is Op.EMPTY:
            return column, column.is_(None)
        unusual = unusual_digits()
        groups = [(currency.in_(codes), digits) for digits, codes in sorted(unusual.items())]
        groups.append((currency.not_in([code for codes in unusual.values() for code in codes]), _USUAL_DIGITS))
        return column, or_(*(and_(of_group, _of_whole(one, column, digits)) for of_group, digits in groups))

    def _reference(self, one: Comparison) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
        column: ColumnElement[Any] = self._account.c[f"{one.field}_id"]
        if one.field == "territory":
            return column, self._in_territory(one, column)
        if one.op is Op.EMPTY:
            return column, column.is_(None)
        table, code = (t.user, "login") if one.field == "owner" else (t.account, "code")
        return column, column.in_([self._key(table, value, code) for value in one.values])

    def _in_territory(self, one: Comparison, column: ColumnElement[Any]) -> ColumnElement[bool]:
        if one.op is Op.EMPTY:
            return column == territories.unassigned_id(self._session)
        return or_(*(column.in_(territories.subtree(self._session, value)) for value in one.values))

    def _key(self, table: Table, value: str, code: str) -> int:
        return naming.find_id(self._session, table, value, code=code)


_KINDS: Final = {
    Kind.TEXT: _Translation._text,
    Kind.NUMBER: _Translation._number,
    Kind.MONEY: _Translation._money,
    Kind.REFERENCE: _Translation._reference,
}


def _any_of(one: Comparison, column: ColumnElement[Any], values: list[Any]) -> ColumnElement[bool]:
    if one.op in _COMPARE:
        return _COMPARE[one.op](column, values[0])
    return column == values[0] if len(values) == 1 else column.in_(values)


def _of_whole(one: Comparison, column: ColumnElement[Any], digits: int) -> ColumnElement[bool]:
    """A column of whole numbers compared with decimals, exactly."""
    exact = [number.scaleb(digits) for number in one.numbers]
    if one.op in _ROUNDED:
        whole = literal(int(exact[0].to_integral_value(_ROUNDED[one.op])), column.type)
        return _COMPARE[one.op](column, whole)
    reachable = [int(number) for number in exact if _is_whole(number)]
    return column.in_(reachable) if reachable else and_(column.is_not(None), false())


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()
