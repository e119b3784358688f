"""Conditions over rows as people write them: `segment in Large, Medium and not (region = AZ or employees < 50)`.

Which fields there are is said by a `Language`: of accounts, or of the columns of a report. A condition is read into a tree of comparisons; nothing in it is ever run as code, and no pattern is in it. What is empty
equals nothing and is in no order: `segment != Large` holds for an account without a segment, `employees < 50` does not hold
for one of which nobody knows how many work there.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NoReturn

from sfactl.errors import UsageFault
from sfactl.i18n import _

LONGEST: Final = 20_000
"""A condition has at most so many characters."""
MOST_NESTED: Final = 20
MOST_COMPARISONS: Final = 200
MOST_VALUES: Final = 500
"""So many values may follow one `in`."""
MOST_FIGURES: Final = 14
MOST_DECIMALS: Final = 4


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    "Major units of the account's own currency."
    REFERENCE = "reference"
    "Another row, by its code or name; of a territory, the whole subtree."
    SHARE = "share"
    "0.8 or 80%."
    DATE = "date"
    FLAG = "flag"
    "yes or no."


FIELDS: Final = {
    "code": Kind.TEXT, "name": Kind.TEXT, "territory": Kind.REFERENCE, "owner": Kind.REFERENCE, "kind": Kind.TEXT,
    "segment": Kind.TEXT, "industry": Kind.TEXT, "city": Kind.TEXT, "region": Kind.TEXT, "country": Kind.TEXT,
    "postal_code": Kind.TEXT, "employees": Kind.NUMBER, "annual_revenue": Kind.MONEY, "currency": Kind.TEXT,
    "parent": Kind.REFERENCE,
}  # fmt: skip


@dataclass(frozen=True)
class Language:
    """Which fields a condition may speak of."""

    fields: Mapping[str, Kind]
    example: str
    "A condition to show whoever wrote one that cannot be read."


ACCOUNTS: Final = Language(FIELDS, 'segment in Large, Medium and city = "San Jose"')


class Op(StrEnum):
    """How a field is compared."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    IN = "in"
    STARTS = "starts with"
    CONTAINS = "contains"
    EMPTY = "is empty"


ORDERED: Final = frozenset({Op.LESS, Op.AT_MOST, Op.MORE, Op.AT_LEAST})
_OF_TEXT: Final = frozenset({Op.STARTS, Op.CONTAINS})
_SIGNS: Final = ("<=", ">=", "!=", "=", "<", ">")
_RESERVED: Final = frozenset({"and", "or", "not"})
_ENDS_WORD: Final = frozenset("\"'(),=!<>")
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")


@dataclass(frozen=True)
class Comparison:
    """One field compared with values; of several values, any will do."""

    field: str
    op: Op
    values: tuple[str, ...] = ()
    column: int = dataclasses.field(default=1, compare=False)
    "Where it stands in the text, from 1."

    @property
    def kind(self) -> Kind:
        """What the field of an account holds."""
        return FIELDS[self.field]

    @property
    def numbers(self) -> tuple[Decimal, ...]:
        """The values of a field of numbers."""
        return tuple(Decimal(value) for value in self.values)


@dataclass(frozen=True)
class Not:
    """What must not hold."""

    item: "Tree"


@dataclass(frozen=True)
class All:
    """All of it must hold."""

    items: tuple["Tree", ...]


@dataclass(frozen=True)
class Either:
    """One of it must hold."""

    items: tuple["Tree", ...]


Tree = Comparison | Not | All | Either


def parse(text: str, language: Language = ACCOUNTS) -> Tree:
    """The tree of a condition.

    Raises:
        UsageFault: it is none; the place and what was expected there are named.
    """
    if len(text) > LONGEST:
        raise UsageFault(_("A condition has at most {most} characters.").format(most=LONGEST))
    return _Parser(text, language).whole()


def compare(
    name: str, op: Op, values: Sequence[str] = (), *, column: int = 1, language: Language = ACCOUNTS
) -> Comparison:
    """One comparison, checked.

    Raises:
        UsageFault: there is no such field, or it cannot be compared so.
    """
    _require_comparable(name, op, column, language)
    if not values and op is not Op.EMPTY:
        _refuse(column, _("a value"), language)
    if len(values) > MOST_VALUES:
        _refuse(column, _("at most {most} values").format(most=MOST_VALUES), language)
    for value in values:
        _require_value(name, value, column, language)
    return Comparison(name, op, tuple(values), column)


def _require_comparable(name: str, op: Op, column: int, language: Language) -> None:
    kind = language.fields.get(name)
    if kind is None:
        raise UsageFault(
            _("Condition, at character {column}: there is no field {name}.").format(column=column, name=name),
            _("Fields: {names}.").format(names=", ".join(language.fields)),
        )
    is_wrong = (op in ORDERED and kind in _UNORDERED) or (op in _OF_TEXT and kind is not Kind.TEXT)
    if is_wrong:
        raise UsageFault(
            _("Condition, at character {column}: {name} is not compared with `{op}`.").format(
                column=column, name=name, op=op
            ),
            _("Use one of {ops}.").format(ops="=, !=, in" if kind in _UNORDERED else "=, !=, <, <=, >, >=, in"),
        )


def _require_value(name: str, value: str, column: int, language: Language) -> None:
    if not value:
        _refuse(column, _("a value that is not empty, or `is empty`"), language)
    if not value.isprintable():
        _refuse(column, _("a value of characters that can be seen"), language)
    kind = language.fields[name]
    if kind in _IS_SOUND and not _IS_SOUND[kind](value):
        _refuse(column, _expected(kind, name), language)


def _expected(kind: Kind, name: str) -> str:
    if kind is Kind.SHARE:
        return _("a share for {name}, such as 0.8 or 80%").format(name=name)
    if kind is Kind.DATE:
        return _("a date such as 2026-05-20 for {name}").format(name=name)
    if kind is Kind.FLAG:
        return _("yes or no for {name}").format(name=name)
    return _("a number such as 1500 or 0.5 for {name}").format(name=name)


def _is_number(value: str) -> bool:
    figures, point, decimals = value.removeprefix("-").partition(".")
    is_whole = figures.isascii() and figures.isdigit() and len(figures) <= MOST_FIGURES
    has_decimals = decimals.isascii() and decimals.isdigit() and len(decimals) <= MOST_DECIMALS
    return is_whole and (has_decimals if point else True)


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


FLAGS: Final = {"yes": True, "true": True, "no": False, "false": False}
_UNORDERED: Final = frozenset({Kind.REFERENCE, Kind.FLAG})
_IS_SOUND: Final[Mapping[Kind, Callable[[str], bool]]] = {
    Kind.NUMBER: _is_number,
    Kind.MONEY: _is_number,
    Kind.SHARE: lambda value: _is_number(value.removesuffix("%")),
    Kind.DATE: _is_date,
    Kind.FLAG: lambda value: value.lower() in FLAGS,
}


def _refuse(column: int, expected: str, language: Language) -> NoReturn:
    raise UsageFault(
        _("Condition, at character {column}: expected {expected}.").format(column=column, expected=expected),
        _("For example: {example}.").format(example=language.example),
    )


def parts(tree: Tree) -> tuple[Tree, ...]:
    """What must all hold, each by itself."""
    return tree.items if isinstance(tree, All) else (tree,)


def fields(tree: Tree) -> Iterator[Comparison]:
    """The comparisons of a tree."""
    if isinstance(tree, Comparison):
        yield tree
    else:
        for item in (tree.item,) if isinstance(tree, Not) else tree.items:
            yield from fields(item)


def said(tree: Tree) -> str:
    """The condition as text; `parse` reads it back."""
    if isinstance(tree, Comparison):
        values = ", ".join(_quoted(value) for value in tree.values)
        return f"{tree.field} {tree.op} {values}".rstrip()
    if isinstance(tree, Not):
        return f"not {_inner(tree.item)}"
    return (" and " if isinstance(tree, All) else " or ").join(_inner(item) for item in tree.items)


def _inner(tree: Tree) -> str:
    return said(tree) if isinstance(tree, Comparison) else f"({said(tree)})"


def _quoted(value: str) -> str:
    if _PLAIN.issuperset(value) and value.lower() not in _RESERVED:
        return value
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


@dataclass(frozen=True)
class _Token:
    kind: str
    "word, text, end, or the sign itself."
    value: str
    column: int

    @property
    def word(self) -> str:
        """A bare word in lower case; nothing for anything else."""
        return self.value.lower() if self.kind == "word" else ""


def _tokens(text: str, language: Language) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token, at = _token(text, at, language)
        found.append(token)
    return [*found, _Token("end", "", len(text) + 1)]


def _token(text: str, at: int, language: Language) -> tuple[_Token, int]:
    column = at + 1
    if text[at] in "\"'":
        value, end = _quoted_text(text, at, language)
        return _Token("text", value, column), end
    for sign in (*_SIGNS, "(", ")", ","):
        if text.startswith(sign, at):
            return _Token(sign, sign, column), at + len(sign)
    end = at
    while end < len(text) and text[end] not in _ENDS_WORD and not text[end].isspace():
        end += 1
    if end == at:
        _refuse(column, _("`!=`"), language)
    return _Token("word", text[at:end], column), end


def _quoted_text(text: str, at: int, language: Language) -> tuple[str, int]:
    """A text in quotes and where it ends; a quote that stands twice is one."""
    quote, pieces, start = text[at], [], at + 1
    while True:
        end = text.find(quote, start)
        if end < 0:
            _refuse(at + 1, _("a closing {quote}").format(quote=quote), language)
        pieces.append(text[start:end])
        if not text.startswith(quote, end + 1):
            return quote.join(pieces), end + 1
        start = end + 2


class _Parser:
    """Reads `or` of `and` of `not` of comparisons, by descent; how deep it goes is bounded."""

    def __init__(self, text: str, language: Language) -> None:
        self._language = language
        self._tokens = _tokens(text, language)
        self._at = 0
        self._depth = 0
        self._count = 0

    def whole(self) -> Tree:
        """The condition, to its end."""
        tree = self._either()
        if self._now.kind != "end":
            self._refuse(self._now.column, _("`and`, `or` or the end"))
        return tree

    def _refuse(self, column: int, expected: str) -> NoReturn:
        _refuse(column, expected, self._language)

    def _compare(self, name: str, op: Op, values: Sequence[str] = (), *, column: int) -> Comparison:
        return compare(name, op, values, column=column, language=self._language)

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._now
        self._at += token.kind != "end"
        return token

    def _takes(self, word: str) -> bool:
        """Whether this bare word or sign is next; it is then read."""
        is_next = word in (self._now.word, self._now.kind)
        self._at += is_next
        return is_next

    def _either(self) -> Tree:
        items = [self._all()]
        while self._takes("or"):
            items.append(self._all())
        return items[0] if len(items) == 1 else Either(tuple(items))

    def _all(self) -> Tree:
        items = [self._one()]
        while self._takes("and"):
            items.append(self._one())
        return items[0] if len(items) == 1 else All(tuple(items))

    def _one(self) -> Tree:
        self._depth += 1
        if self._depth > MOST_NESTED:
            self._refuse(self._now.column, _("at most {most} levels of `(` and `not`").format(most=MOST_NESTED))
        tree = self._nested()
        self._depth -= 1
        return tree

    def _nested(self) -> Tree:
        if self._takes("not"):
            return Not(self._one())
        if self._takes("("):
            tree = self._either()
            if not self._takes(")"):
                self._refuse(self._now.column, _("`and`, `or` or `)`"))
            return tree
        return self._comparison()

    def _comparison(self) -> Tree:
        self._count += 1
        name = self._take()
        if not name.word or name.word in _RESERVED:
            self._refuse(name.column, _("a field: {names}").format(names=", ".join(self._language.fields)))
        if self._count > MOST_COMPARISONS:
            self._refuse(name.column, _("at most {most} comparisons").format(most=MOST_COMPARISONS))
        if name.word not in self._language.fields:
            _require_comparable(name.value, Op.EQUAL, name.column, self._language)
        return self._compared(name.word, name.column)

    def _compared(self, name: str, column: int) -> Tree:
        for sign in _SIGNS:
            if self._takes(sign):
                return self._compare(name, Op(sign), [self._value()], column=column)
        if self._takes("is"):
            return self._emptiness(name, column)
        is_negated = self._takes("not")
        tree = self._in_words(name, column)
        return Not(tree) if is_negated else tree

    def _in_words(self, name: str, column: int) -> Comparison:
        if self._takes("in"):
            return self._compare(name, Op.IN, self._values(), column=column)
        if self._takes("contains"):
            return self._compare(name, Op.CONTAINS, [self._value()], column=column)
        if self._takes("starts") and self._takes("with"):
            return self._compare(name, Op.STARTS, [self._value()], column=column)
        signs = "=, !=, <, <=, >, >=, in, not in, starts with, contains, is empty, is not empty"
        _refuse(self._now.column, signs, self._language)

    def _emptiness(self, name: str, column: int) -> Tree:
        is_negated = self._takes("not")
        if not self._takes("empty"):
            self._refuse(self._now.column, _("`empty`") if is_negated else _("`empty` or `not empty`"))
        tree = self._compare(name, Op.EMPTY, column=column)
        return Not(tree) if is_negated else tree

    def _values(self) -> list[str]:
        is_bracketed = self._takes("(")
        found = [self._value()]
        while self._takes(","):
            found.append(self._value())
        if is_bracketed and not self._takes(")"):
            self._refuse(self._now.column, _("`,` or `)`"))
        return found

    def _value(self) -> str:
        token = self._take()
        if token.kind not in ("word", "text") or token.word in _RESERVED:
            self._refuse(token.column, _("a value; quote one that has blanks or signs in it"))
        return token.value
