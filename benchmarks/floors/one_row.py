"""One account by code, through SQLModel alone, in a process that maps as many tables and columns as sfactl does."""

import json
import sys

from sqlmodel import Field, Session, SQLModel, create_engine, select

database, code, others = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])


class Account(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    external_id: str | None = None
    version: int
    code: str
    name: str
    name_key: str
    territory_id: int
    owner_id: int | None = None
    kind: str
    segment: str | None = None
    industry: str | None = None
    city: str | None = None
    country: str | None = None
    postal_code: str | None = None
    phone: str | None = None
    employees: int | None = None
    annual_revenue_minor: int | None = None
    currency: str


for name, columns in others.items():
    keys = [f"c{number}" for number in range(1, columns)]
    type(
        name.title(),
        (SQLModel,),
        {
            "__module__": __name__,
            "__tablename__": name,
            "__annotations__": {"id": int | None, **dict.fromkeys(keys, str | None)},
            "id": Field(default=None, primary_key=True),
            **dict.fromkeys(keys),
        },
        table=True,
    )

with Session(create_engine(f"sqlite:///{database}")) as session:
    print(session.exec(select(Account).where(Account.code == code)).one().model_dump_json())
