"""Objects over the tables, for programs that want them; sfactl itself reads and writes columns.

An object passes the same guard as everything else on its connection: `orm.Session(session.sql)`.
"""

from functools import cache
from typing import Any

from sqlmodel import Field, SQLModel

from sfactl.models.base import Model


@cache
def of(model: type[Model]) -> Any:
    """The SQLModel class whose objects are the rows of a model's table."""
    table, said = model.__table__, model.__fields__
    columns = {name: Field(default=each.default, sa_column=table.c[name]) for name, (_kind, each) in said.items()}
    kinds = {name: kind for name, (kind, _each) in said.items()}
    about = {"__module__": model.__module__, "__doc__": model.__doc__, "__table__": table, "__annotations__": kinds}
    metaclass: Any = type(SQLModel)
    return metaclass(model.__name__, (SQLModel,), {**about, **columns}, table=True)
