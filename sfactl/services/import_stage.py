"""Rows on their way in: staged as text, their references resolved by set, and only then put where they belong."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from sfactl.core.text import match_key
from sfactl.db.session import Session
from sfactl.errors import NotAllowed
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.runs import STAGE_KEYS
from sfactl.models.types import Day, Whole, Words
from sfactl.services import run_changes
from sfactl.transfer.faults import Fault
from sfactl.transfer.nouns import Field, Kind, Noun

BATCH = 5_000
PART = 20_000
"""So many staged rows are changed by one statement."""
NAME_KEY = "name_key"
"""A staged column of our own: the name folded for search."""

_TYPES: Mapping[Kind, Any] = {
    Kind.INTEGER: Whole, Kind.MONEY: Whole, Kind.UNIT_PRICE: Whole, Kind.SHARE: Whole, Kind.QUANTITY: Whole,
    Kind.RATE: Whole, Kind.DEGREES: Whole,
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
    labels: Mapping[str, str]
    "Field to what faults call its column."
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


def staged(
    run_key: str, number: int, file: str, noun: Noun, mapped: Sequence[str], labels: Mapping[str, str]
) -> Staged:
    """The layout of a source's staged rows."""
    columns = (*mapped, NAME_KEY) if "name" in mapped else tuple(mapped)
    references = [field.key for field in noun.fields if field.refers_to]
    if len(references) > STAGE_KEYS:
        raise AssertionError(f"{noun.name} has more references than a staged row has room for")
    return Staged(run_key, number, file, noun, columns, labels, {key: index for index, key in enumerate(references)})


Cells = Sequence[str | int | None]


def load(session: Session, layout: Staged, rows: Iterable[tuple[int, Cells]], first: int) -> int:
    """Stage rows of line and values, numbered from `first`; returns how many."""
    put = _put_sqlite if session.is_sqlite else _put_postgres
    count = 0
    for batch in _batches(rows):
        put(session, layout, batch, first + count)
        count += len(batch)
    return count


def _batches(rows: Iterable[tuple[int, Cells]]) -> Iterator[list[tuple[int, Cells]]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _name_keys(layout: Staged, cells: Cells) -> tuple[str, ...]:
    """The columns of our own that follow a row's values."""
    return (match_key(str(cells[layout.mapped.index("name")] or "")),) if NAME_KEY in layout.mapped else ()


def _put_sqlite(session: Session, layout: Staged, rows: Sequence[tuple[int, Cells]], first: int) -> None:
    """Whole numbers need not be made text here: a column of text does it."""
    fields = ", ".join(f"f{index}" for index in range(len(layout.mapped)))
    user, key, source = session.actor.user_id, layout.run_key, layout.source
    session.sql.exec_driver_sql(
        f"INSERT INTO import_stage (user_id, run_key, n, source, line, bad, {fields})"  # noqa: S608 - names are ours
        f" VALUES (?, ?, ?, ?, ?, 0{', ?' * len(layout.mapped)})",
        [
            (user, key, number, source, line, *cells, *_name_keys(layout, cells))
            for number, (line, cells) in enumerate(rows, first)
        ],
    )


def _put_postgres(session: Session, layout: Staged, rows: Sequence[tuple[int, Cells]], first: int) -> None:
    """The columns go over as arrays, since COPY is refused on a table with row-level security."""
    names = ", ".join(f"f{index}" for index in range(len(layout.mapped)))
    texts = [
        [None if cell is None else str(cell) for cell in (*cells, *_name_keys(layout, cells))] for _, cells in rows
    ]
    columns = [list(range(first, first + len(rows))), [line for line, _ in rows], *map(list, zip(*texts, strict=True))]
    arrays = ", ".join(f"%s::{'bigint' if index < 2 else 'text'}[]" for index in range(len(columns)))
    session.sql.exec_driver_sql(
        f"INSERT INTO import_stage (user_id, run_key, source, bad, n, line, {names})"  # noqa: S608 - names are ours
        f" SELECT %s::bigint, %s, %s::bigint, 0, u.* FROM unnest({arrays}) AS u",
        (session.actor.user_id, layout.run_key, layout.source, *columns),
    )


def clear(session: Session, run_key: str, source: int | None = None) -> None:
    """Take a run's staged rows away, or those of one source."""
    here = stage.c.run_key == run_key
    session.sql.execute(delete(stage).where(here if source is None else here & (stage.c.source == source)))


Reference = tuple[Field, Table, Sequence[str]]
"""A field that refers to a row, the row's table, and the columns by which it may be named."""


def resolve(session: Session, layout: Staged, field: Field, table: Table, columns: Sequence[str]) -> None:
    """Find the row that each reference means: by the first column that knows it."""
    resolve_all(session, layout, [(field, table, columns)])


def resolve_all(session: Session, layout: Staged, references: Sequence[Reference]) -> None:
    """The same for several fields in one statement, since each one writes every staged row anew."""
    if not references:
        return
    found = {
        f"k{layout.keys[field.key]}": _found(layout, field, table, columns) for field, table, columns in references
    }
    is_said = or_(*(layout.raw(field.key).is_not(None) for field, _table, _columns in references))
    for part in _parts(session, layout):
        session.sql.execute(update(stage).where(part, is_said).values(found))


def _parts(session: Session, layout: Staged) -> Iterator[ColumnElement[bool]]:
    """The good rows of a source, some at a time: SQLite keeps what a statement writes over in memory until it ends."""
    first, last = session.execute(select(func.min(stage.c.n), func.max(stage.c.n)).where(layout.here)).one()
    if first is None:
        return
    for start in range(first, last + 1, PART):
        numbers = stage.c.n.between(start, min(start + PART - 1, last))
        yield and_(stage.c.run_key == layout.run_key, numbers, stage.c.bad == 0)


def _found(layout: Staged, field: Field, table: Table, columns: Sequence[str]) -> ColumnElement[Any]:
    raw = layout.raw(field.key)
    return func.coalesce(
        *(select(table.c.id).where(table.c[name] == raw).correlate(stage).scalar_subquery() for name in columns),
        null(),  # one argument alone is none that SQLite takes
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
    label = layout.labels.get(key, key)
    return [Fault(layout.file, int(line), label, value or "", reason) for line, value in found]


Values = Mapping[str, ColumnElement[Any]]


def match(session: Session, layout: Staged, table: Table, *conditions: ColumnElement[bool]) -> None:
    """Find the row that each staged one updates; the first condition that finds one counts."""
    for part in _parts(session, layout):
        for condition in conditions:
            unmatched = stage.c.row_id.is_(None)
            session.sql.execute(update(stage).where(part, unmatched, condition).values(row_id=table.c.id))


def update_rows(session: Session, layout: Staged, table: Table, values: Values) -> int:
    """Change the rows that differ from their staged ones; returns how many did."""
    return update_where(session, layout, table, values, table.c.id == stage.c.row_id)


def update_where(session: Session, layout: Staged, table: Table, values: Values, condition: ColumnElement[bool]) -> int:
    """Change the rows that a condition pairs with staged ones and that differ from them; returns how many did."""
    differs = or_(false(), *(table.c[name].is_distinct_from(value) for name, value in values.items()))
    pairs = and_(layout.good, condition, differs)
    run_id = select(t.run.c.id).where(t.run.c.key == layout.run_key).scalar_subquery()
    due = run_changes.keep(session, run_id, table, values, stage, pairs)
    if not due:
        return 0
    changed: dict[str, Any] = dict(values)
    if "version" in table.c:
        changed |= {"updated_at": session.now, "version": table.c.version + 1}
    done = session.run(update(table).where(pairs).values(changed))
    if done != due:
        raise NotAllowed(
            _("Some of these rows are not yours to change, or two of them mean the same one."),
            _("Ask somebody whose role reaches further, or look for names that are there twice."),
        )
    return done


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


def drop_stale(session: Session, oldest_kept: str, is_over: Callable[[str], bool]) -> None:
    """Take away what killed imports left behind: runs that are known to be over, and old ones; run keys sort by time."""
    for run_key in session.execute(select(stage.c.run_key).distinct()).scalars().all():
        if run_key < oldest_kept or is_over(run_key):
            clear(session, run_key)
