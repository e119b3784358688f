"""Rows as services give them, and streams to write them to."""

import io
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

from sfactl.core.money import Money
from sfactl.render.columns import Column, Kind
from sfactl.render.output import Format, Output

GOLDEN = Path(__file__).parent.parent / "golden" / "render"
EUROS = Money(123450, "EUR")
TWO_FIFTHS = Fraction(2, 5)


@dataclass(frozen=True)
class Row:
    code: str = "ACC-1"
    name: str | None = "Acme"
    count: int | None = 31465
    quantity: int | None = 12_500
    amount: Money | None = EUROS
    price: int | None = 1_247_500
    share: Fraction | None = TWO_FIFTHS
    day: date | None = date(2026, 10, 6)
    moment: datetime | None = datetime(2026, 10, 6, 9, 30, 5, tzinfo=UTC)
    active: bool | None = True
    city: str | None = "Cádiz"
    currency: str | None = "EUR"
    depth: int = 0


COLUMNS = (
    Column("code", "Code", Kind.CODE),
    Column("name", "Name"),
    Column("count", "Orders", Kind.INTEGER),
    Column("quantity", "Quantity", Kind.QUANTITY),
    Column("amount", "Amount", Kind.MONEY),
    Column("price", "Unit price", Kind.UNIT_PRICE),
    Column("share", "Attainment", Kind.SHARE),
    Column("bar", "Of quota", Kind.BAR, value=lambda row: row.share, wide=True),
    Column("day", "Since", Kind.DATE),
    Column("moment", "At", Kind.DATETIME),
    Column("active", "Active", Kind.BOOL),
    Column("city", "City", wide=True),
    Column("currency", "Currency", Kind.CODE),
)
ROWS = (
    Row(),
    Row(
        "ACC-2", "Ñandú & Cía. | S.L.", 0, 500, Money(-5, "JPY"), 5, Fraction(-1, 7), date(2024, 2, 29), currency="JPY"
    ),
    Row("ACC-3", "株式会社 [red]x[/red]", 7, -1, Money(10**15 + 1, "BHD"), 123456, Fraction(3, 2), currency="BHD"),
    Row("ACC-4", *([None] * 11)),  # type: ignore[arg-type]
)
TREE = tuple(
    replace(Row(), code=code, name=code.title(), depth=depth)
    for code, depth in (("WORLD", 0), ("EUROPE", 1), ("FR", 2), ("DE", 2), ("AMERICA", 1), ("US", 2), ("SW", 3))
)
TREE_COLUMNS = (COLUMNS[0], COLUMNS[1], COLUMNS[2])


def stream(encoding: str = "utf-8", *, terminal: bool = False) -> io.TextIOWrapper:
    return _Terminal(io.BytesIO(), encoding) if terminal else io.TextIOWrapper(io.BytesIO(), encoding)


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def output(form: str = "table", **options: object) -> Output:
    return replace(Output(Format(form), stream()), **options)  # type: ignore[arg-type]


def written(output: Output) -> str:
    """What went to the stream, as the bytes say."""
    output.stream.flush()
    bytes_written: bytes = output.stream.buffer.getvalue()  # type: ignore[attr-defined]
    return bytes_written.decode(output.encoding)
