"""Bulk work: what was run, its staged rows, and the keys that keep a command from being applied twice."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index

from sfactl.models.base import STRICT, Field, Keyed, Model, key_of
from sfactl.models.types import Day, Stamp, Whole, Words

STAGE_FIELDS = 24
"""How many columns of text a staged row has; no noun has more fields."""
STAGE_KEYS = 6
"""How many keys of other rows a staged row has room for."""


class Run(Keyed, table=True):
    """Something that changed many rows at once."""

    __table_args__ = (
        CheckConstraint("kind IN ('import', 'policy', 'plan', 'undo')", name="kind"),
        STRICT,
    )

    key: str = Field(unique=True, sa_type=Words)
    kind: str = Field(sa_type=Words)
    user_id: int = key_of("app_user")
    started_at: datetime = Field(sa_type=Stamp)
    reason: str | None = Field(default=None, sa_type=Words)
    digest: str | None = Field(default=None, sa_type=Words)
    summary: str = Field(sa_type=Words)
    "Counts, as JSON."
    status: str = Field(default="applied", sa_type=Words, sa_column_kwargs={"server_default": "applied"})
    "applied; scheduled, for a later day; or cancelled."
    effective_on: date | None = Field(default=None, nullable=True, sa_type=Day)
    "From which day its changes hold."
    undoes: str | None = Field(default=None, sa_type=Words)
    "Key of the run that this one took back."
    said: str | None = Field(default=None, sa_type=Words)
    "What the plan said of itself, as JSON: for whoever looks at the run; emptied when somebody in it is erased."


class RunChange(Keyed, table=True):
    """A row that a run changed, as it was and as it became; emptied when somebody's data have to be erased."""

    __tablename__ = "run_change"
    __table_args__ = (STRICT,)

    run_id: int = key_of("run")
    entity: str = Field(sa_type=Words)
    "The table."
    row_id: int = Field(sa_type=Whole)
    territory_id: int | None = Field(default=None, nullable=True, sa_type=Whole)
    "Where the row was."
    before: str | None = Field(default=None, sa_type=Words)
    "Columns and values as JSON."
    after: str | None = Field(default=None, sa_type=Words)


class IdempotencyKey(Model, table=True):
    """A command that was carried out; the same key is never carried out twice."""

    __tablename__ = "idempotency_key"
    __table_args__ = (STRICT,)

    key: str = Field(primary_key=True, sa_type=Words)
    user_id: int = key_of("app_user")
    done_at: datetime = Field(sa_type=Stamp)


class ImportStageBase(Model):
    """The fixed columns of a staged row."""

    user_id: int = Field(sa_type=Whole)
    run_key: str = Field(primary_key=True, sa_type=Words)
    n: int = Field(primary_key=True, sa_type=Whole)
    source: int = Field(sa_type=Whole)
    "Which file of the manifest, from 0."
    line: int = Field(sa_type=Whole)
    row_id: int | None = Field(default=None, nullable=True, sa_type=Whole)
    "The key of the row that this one updates, or will be inserted as."
    is_new: int | None = Field(default=None, nullable=True, sa_type=Whole)
    bad: int = Field(default=0, sa_type=Whole)


def _wide(name: str, annotation: object, count: int, sa_type: object) -> dict[str, object]:
    fields: dict[str, object] = {"__annotations__": {}}
    for index in range(count):
        fields["__annotations__"][f"{name}{index}"] = annotation  # type: ignore[index]
        fields[f"{name}{index}"] = Field(default=None, nullable=True, sa_type=sa_type)
    return fields


_keys = _wide("k", int | None, STAGE_KEYS, Whole)
_texts = _wide("f", str | None, STAGE_FIELDS, Words)
ImportStage = type(
    "ImportStage",
    (ImportStageBase,),
    {
        "__module__": __name__,
        "__doc__": "A row of a file on its way in; each run sees its own.",
        "__tablename__": "import_stage",
        "__table_args__": (Index("ix_import_stage_row", "run_key", "source", "row_id"), STRICT),
        **_keys,
        **_texts,
        "__annotations__": {**_keys["__annotations__"], **_texts["__annotations__"]},  # type: ignore[dict-item]
    },
    table=True,
)
