"""What the policy in force says that every service may need, whoever is asking: one row a file of the policy."""

import json
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import delete, insert, select

from sfactl.db.session import Session
from sfactl.models import tables as t

Model = TypeVar("Model", bound=BaseModel)


def held(session: Session, name: str, model: type[Model]) -> Model:
    """What is in force; what ships where the database has nothing yet."""
    setting = t.policy_setting.c
    text = session.execute(select(setting.value).where(setting.name == name)).scalar()
    return model.model_validate_json(text) if text else model()


def put(session: Session, name: str, text: str) -> None:
    """Put a text of JSON in force."""
    session.sql.execute(delete(t.policy_setting).where(t.policy_setting.c.name == name))
    session.sql.execute(insert(t.policy_setting).values(name=name, value=text))


def by_dotted_name(text: str) -> dict[str, str]:
    """What a text of JSON says, by dotted name; what it leaves open is left out."""
    return dict(_flat(json.loads(text), ()))


def _flat(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, (*path, name))
    elif value is not None:
        yield ".".join(path), value if isinstance(value, str) else json.dumps(value)
