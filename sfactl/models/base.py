"""What all tables have in common, and how a class says what its table is.

A class here says a table and no more: it is made a plain one at once, which takes a tenth of what an object mapping takes.
Who wants objects asks `objects.of`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import NoneType
from typing import Any, ClassVar, get_args

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, MetaData, Table

from sfactl.models.types import Stamp, Whole, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""The tables that were asked for so far; `registry` asks for all."""

STRICT = {"sqlite_strict": True}
_UNSAID: Any = ...


@dataclass(frozen=True)
class _Field:
    """What a column is; whether it may be empty, its annotation says."""

    sa_type: Any
    default: Any
    primary_key: bool
    foreign_key: str | None
    nullable: bool | None
    options: Mapping[str, Any] = field(default_factory=dict)

    def column(self, name: str, annotation: Any) -> Column[Any]:
        """A column of this kind."""
        is_optional = not self.primary_key and NoneType in get_args(annotation)
        said = {} if self.default is _UNSAID else {"default": self.default}
        return Column(
            name, self.sa_type, *([ForeignKey(self.foreign_key)] if self.foreign_key else ()), **said, **self.options,
            primary_key=self.primary_key, nullable=is_optional if self.nullable is None else self.nullable,
        )  # fmt: skip


def Field(  # noqa: N802 - the name that libraries of models give it
    *,
    sa_type: Any,
    default: Any = _UNSAID,
    primary_key: bool = False,
    foreign_key: str | None = None,
    nullable: bool | None = None,
    index: bool = False,
    unique: bool = False,
    sa_column_kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """What stands behind an attribute that is a column."""
    options = {"index": index, "unique": unique, **(sa_column_kwargs or {})}
    return _Field(sa_type, default, primary_key, foreign_key, nullable, options)


class Model:
    """A row of a table; with `table=True`, its class has that table in `__table__`, and each attribute is a column of it."""

    __table__: ClassVar[Table]
    __fields__: ClassVar[Mapping[str, tuple[Any, _Field]]] = {}
    "Annotation and column of each attribute, those of the classes above first."
    __tablename__: ClassVar[str]
    __table_args__: ClassVar[tuple[Any, ...]] = ()

    def __init_subclass__(cls, *, table: bool = False) -> None:
        said = vars(cls)
        columns = said.get("__annotations__", {})
        cls.__fields__ = {**cls.__fields__, **{name: (kind, said[name]) for name, kind in columns.items()}}
        if table:
            cls._make_table(said.get("__tablename__", cls.__name__.lower()))

    @classmethod
    def _make_table(cls, name: str) -> None:
        columns = {key: said.column(key, kind) for key, (kind, said) in cls.__fields__.items()}
        *others, options = cls.__table_args__
        cls.__tablename__, cls.__table__ = name, Table(name, metadata, *columns.values(), *others, **options)
        for key, column in columns.items():
            setattr(cls, key, column)


class Keyed(Model):
    """A row with an integer key of its own."""

    id: int | None = Field(default=None, primary_key=True, sa_type=Whole)


class Kept(Keyed):
    """A row that people edit and imports upsert."""

    external_id: str | None = Field(default=None, unique=True, sa_type=Words)
    "What another system calls this row; imports find it by this first."
    created_at: datetime = Field(sa_type=Stamp)
    updated_at: datetime = Field(sa_type=Stamp)
    version: int = Field(default=1, sa_type=Whole)
    "Goes up with every change, so that a second writer notices the first."


def key_of(table: str, **options: Any) -> Any:
    """A column that holds the key of a row in `table`."""
    required = options.pop("required", True)
    index = options.pop("index", True)
    if not required:
        options["default"] = None
    return Field(foreign_key=f"{table}.id", index=index, nullable=not required, sa_type=Whole, **options)


def follows_account() -> ForeignKeyConstraint:
    """A child's territory is its account's, checked when the transaction commits."""
    return ForeignKeyConstraint(
        ["account_id", "territory_id"],
        ["account.id", "account.territory_id"],
        deferrable=True,
        initially="DEFERRED",
    )
