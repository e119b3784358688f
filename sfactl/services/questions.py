"""Questions in SQL, and what there is to ask about."""

from dataclasses import dataclass

from sfactl.db.questions import Answer, ask
from sfactl.db.session import Session
from sfactl.errors import NotFound
from sfactl.i18n import _
from sfactl.models.registry import metadata

__all__ = ["Answer", "ColumnRow", "ask", "columns"]

_INNER = frozenset({"import_stage", "idempotency_key", "audit_head"})
"""What a person has no question about."""


@dataclass(frozen=True)
class ColumnRow:
    """A column that can be asked for."""

    table: str
    column: str
    type: str
    is_required: bool
    refers_to: str | None


def columns(_session: Session, table: str | None = None) -> list[ColumnRow]:
    """The columns of all tables, or of one.

    Raises:
        NotFound: there is no such table.
    """
    names = sorted(set(metadata.tables) - _INNER)
    if table is not None and table not in names:
        raise NotFound(_("There is no table {table}.").format(table=table), _("`sfactl sql --tables` lists them."))
    return [
        ColumnRow(
            name, column.name, str(column.type).lower(), not column.nullable,
            next((key.target_fullname for key in column.foreign_keys), None),
        )
        for name in names if table in (None, name) for column in metadata.tables[name].columns
    ]  # fmt: skip
