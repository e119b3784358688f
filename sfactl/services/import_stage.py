"""Rows on their way in: staged as text, their references resolved by set, and only then put where they belong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Table,
    and_,
    cast,
    delete,
    false,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from sfactl.core.text import match_key
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.runs import STAGE_KEYS
from sfactl.models.types import Day, Whole, Words
from sfactl.transfer.faults import Fault
from sfactl.transfer.nouns import Field, Kind, Noun

BATCH = 5_000
NAME_KEY = "name_key"
"""A staged column of our own: the name folded for search."""

_TYPES: Mapping[Kind, Any] = {
    Kind.INTEGER: Whole, Kind.MONEY: Whole, Kind.UNIT_PRICE: Whole, Kind.SHARE: Whole, Kind.QUANTITY: Whole,
    Kind.DATE: Day(),
}  # fmt: skip

stage = t.import_stage


@dataclass(frozen=True)
class Staged:
    """The staged rows of one source: which column holds which field."""

    run_key: str
    source: int
    file: str
    noun: Noun
    mapped: tuple[str, ...]
    keys: Mapping[str, int]
    "Reference field to the number of the column that holds the key it resolves to."

    @property
    def here(self) -> ColumnElement[bool]:
        """Rows of this source."""
        return and_(stage.c.run_key == self.run_key, stage.c.source == self.source)

    @property
    def good(self) -> ColumnElement[bool]:
        """Rows of this source without a fault."""
        return and_(self.here, stage.c.bad == 0)

    def has(self, key: str) -> bool:
        """Whether the source supplies a field."""
        return key in self.mapped

    def raw(self, key: str) -> ColumnElement[Any]:
        """A field as text; null when the source does not supply it."""
        return stage.c[f"f{self.mapped.index(key)}"] if self.has(key) else null()

    def value(self, key: str) -> ColumnElement[Any]:
        """A field in the type of its kind."""
        field = self.noun.field(key)
        kind = field.kind if field else Kind.TEXT
        if not self.has(key):
            return cast(null(), _TYPES.get(kind, Integer() if kind is Kind.BOOL else Words))
        if kind is Kind.BOOL:
            return cast(self.raw(key), Integer) == 1
        return cast(self.raw(key), _TYPES[kind]) if kind in _TYPES else self.raw(key)

    def reference(self, key: str) -> ColumnElement[Any]:
        """The key that a reference resolved to; null when the source does not supply it."""
        return stage.c[f"k{self.keys[key]}"]


def staged(run_key: str, number: int, file: str, noun: Noun, mapped: Sequence[str]) -> Staged:
    """The layout of a source's staged rows."""
    columns = (*mapped, NAME_KEY) if "name" in mapped else tuple(mapped)
    references = [field.key for field in noun.fields if field.refers_to]
    if len(references) > STAGE_KEYS:
        raise AssertionError(f"{noun.name} has more references than a staged row has room for")
    return Staged(run_key, number, file, noun, columns, {key: index for index, key in enumerate(references)})


def load(session: Session, layout: Staged, rows: Iterable[tuple[int, Sequence[str | int | None]]], first: int) -> int:
    """Stage rows of line and values, numbered from `first`; returns how many.

    On PostgreSQL the columns go over as arrays, since COPY is refused on a table with row-level security.
    """
    names = ["user_id", "run_key", "n", "source", "line", *(f"f{index}" for index in range(len(layout.mapped)))]
    name_at = layout.mapped.index("name") if NAME_KEY in layout.mapped else None
    count = 0
    for batch in _batches(rows):
        values = [(first + count + index, line, *_texts(cells, name_at)) for index, (line, cells) in enumerate(batch)]
        _put(session, names, layout, values)
        count += len(batch)
    return count


def _batches(rows: Iterable[tuple[int, Sequence[str | int | None]]]) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _texts(cells: Sequence[str | int | None], name_at: int | None) -> list[str | None]:
    texts = [cell if cell is None or type(cell) is str else str(cell) for cell in cells]
    if name_at is not None:
        texts.append(match_key(texts[name_at] or ""))
    return texts


def _put(session: Session, names: Sequence[str], layout: Staged, values: Sequence[tuple[Any, ...]]) -> None:
    user, fixed = session.actor.user_id, (layout.run_key, layout.source)
    cursor = session.sql.connection.cursor()
    try:
        if session.is_sqlite:
            marks = ", ".join("?" * len(names))
            cursor.executemany(
                f"INSERT INTO import_stage ({', '.join(names)}, bad) VALUES ({marks}, 0)",  # noqa: S608 - names are ours
                [(user, fixed[0], row[0], fixed[1], *row[1:]) for row in values],
            )
            return
        arrays = list(zip(*values, strict=True))
        fields = ", ".join(f"%s::{'bigint' if index < 2 else 'text'}[]" for index in range(len(arrays)))
        cursor.execute(
            f"INSERT INTO import_stage (user_id, run_key, source, bad, n, line, {', '.join(names[5:])})"  # noqa: S608
            f" SELECT %s::bigint, %s, %s::bigint, 0, u.* FROM unnest({fields}) AS u",
            (user, *fixed, *(list(array) for array in arrays)),
        )
    finally:
        cursor.close()


def clear(session: Session, run_key: str, source: int | None = None) -> None:
    """Take a run's staged rows away, or those of one source."""
    here = stage.c.run_key == run_key
    session.sql.execute(delete(stage).where(here if source is None else here & (stage.c.source == source)))


def resolve(session: Session, layout: Staged, field: Field, table: Table, columns: Sequence[str]) -> None:
    """Find the row that each reference means: by the first column that knows it."""
    target = stage.c[f"k{layout.keys[field.key]}"]
    for name in columns:
        found = select(table.c.id).where(table.c[name] == layout.raw(field.key)).correlate(stage).scalar_subquery()
        session.sql.execute(
            update(stage)
            .where(layout.good, target.is_(None), layout.raw(field.key).is_not(None))
            .values({target.name: found})
        )


def unresolved(session: Session, layout: Staged, field: Field) -> list[Fault]:
    """Mark the rows whose reference nothing answers to, and say which they are."""
    target, raw = stage.c[f"k{layout.keys[field.key]}"], layout.raw(field.key)
    condition = and_(target.is_(None), raw.is_not(None))
    reason = _("there is no such {noun}").format(noun=field.refers_to)
    return mark(session, layout, condition, field.key, reason)


def mark(session: Session, layout: Staged, condition: ColumnElement[bool], key: str, reason: str) -> list[Fault]:
    """Mark rows as bad, and return one fault a row, in the order of the file."""
    shown = layout.raw(key) if layout.has(key) else literal("")
    found = session.execute(select(stage.c.line, shown).where(layout.good, condition).order_by(stage.c.n)).all()
    if found:
        session.sql.execute(update(stage).where(layout.good, condition).values(bad=1))
    return [Fault(layout.file, int(line), key, value or "", reason) for line, value in found]


Values = Mapping[str, ColumnElement[Any]]


def match(session: Session, layout: Staged, table: Table, *conditions: ColumnElement[bool]) -> None:
    """Find the row that each staged one updates; the first condition that finds one counts."""
    for condition in conditions:
        found = select(table.c.id).where(condition).limit(1).correlate(stage).scalar_subquery()
        session.sql.execute(update(stage).where(layout.good, stage.c.row_id.is_(None)).values(row_id=found))


def update_rows(session: Session, layout: Staged, table: Table, values: Values) -> int:
    """Change the rows that differ from their staged ones; returns how many did."""
    return update_where(session, layout, table, values, table.c.id == stage.c.row_id)


def update_where(session: Session, layout: Staged, table: Table, values: Values, condition: ColumnElement[bool]) -> int:
    """Change the rows that a condition pairs with staged ones and that differ from them; returns how many did."""
    differs = [table.c[name].is_distinct_from(value) for name, value in values.items()]
    changed: dict[str, Any] = dict(values)
    if "version" in table.c:
        changed |= {"updated_at": session.now, "version": table.c.version + 1}
    statement = update(table).where(layout.good, condition, or_(false(), *differs)).values(changed)
    return session.run(statement)


def insert_rows(session: Session, layout: Staged, table: Table, values: Values) -> int:
    """Insert the staged rows that match none; returns how many there were."""
    filled: dict[str, Any] = dict(values)
    if "version" in table.c:
        filled |= {
            "created_at": literal(session.now, table.c.created_at.type),
            "updated_at": literal(session.now, table.c.updated_at.type),
            "version": literal(1),
        }
    chosen = select(*(value.label(name) for name, value in filled.items())).select_from(stage)
    chosen = chosen.where(layout.good, stage.c.row_id.is_(None)).order_by(stage.c.n)
    return session.run(insert(table).from_select(list(filled), chosen))


def drop_stale(session: Session, oldest_kept: str) -> None:
    """Take away what a killed import left behind; run keys sort by time."""
    session.sql.execute(delete(stage).where(stage.c.run_key < oldest_kept))
