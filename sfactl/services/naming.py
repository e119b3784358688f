"""Rows by the names people know: code or login first, then the key of another system, then the name itself."""

from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, Table, func, or_, select

from sfactl.core.text import match_key
from sfactl.db.session import Session
from sfactl.errors import NotFound, UsageFault
from sfactl.i18n import _

MOST_CANDIDATES = 8
MOST_SEARCHED = 1000


def find_id(session: Session, table: Table, key: str, *, code: str = "code") -> int:
    """The key of the row that a person means.

    Raises:
        NotFound: there is none, or it is not his to see.
        UsageFault: a name fits several; they are listed.
    """
    for column in _columns(table, code):
        wanted = match_key(key) if column.name == "name_key" else key
        rows = session.execute(
            select(table.c.id, table.c[code]).where(column == wanted).limit(MOST_CANDIDATES + 1)
        ).all()
        if len(rows) == 1:
            return int(rows[0].id)
        if rows:
            raise _ambiguous(key, [row[1] for row in rows])
    insensitive = select(table.c.id).where(func.lower(table.c[code]) == key.lower()).limit(2)
    found = session.execute(insensitive).all()
    if len(found) == 1:
        return int(found[0].id)
    raise not_found(table, key)


def find_id_or_none(session: Session, table: Table, key: str | None, *, code: str = "code") -> int | None:
    """The same, when nothing was asked for, nothing."""
    return None if key is None else find_id(session, table, key, code=code)


def not_found(table: Table, key: str) -> NotFound:
    """The one sentence for a row that is absent and for one that is not yours."""
    noun = {"app_user": "user", "sales_order": "order", "territory_plan": "territory plan"}.get(table.name, table.name)
    return NotFound(
        _("There is no {noun} {key}.").format(noun=noun, key=key),
        _("`sfactl {noun} list` shows those you may see.").format(noun="outbox" if noun == "message" else noun),
    )


def _columns(table: Table, code: str) -> Sequence[Column[object]]:
    names = [code, "external_id", "name_key"]
    return [table.c[name] for name in names if name in table.c]


def _ambiguous(key: str, codes: Sequence[str]) -> UsageFault:
    shown = ", ".join(codes[:MOST_CANDIDATES]) + (", …" if len(codes) > MOST_CANDIDATES else "")
    return UsageFault(_("{key} fits several: {codes}.").format(key=key, codes=shown), _("Name one of these codes."))


def folded(words: str) -> str:
    """Text as search compares it.

    Raises:
        UsageFault: it is longer than any name.
    """
    if len(words) > MOST_SEARCHED:
        raise UsageFault(
            _("A search has at most {most} characters.").format(most=MOST_SEARCHED), _("Name fewer words.")
        )
    return match_key(words)


def says(table: Table, words: str, *, code: str = "code") -> ColumnElement[bool]:
    """Rows whose name or code holds the words, whatever their case and width; no character stands for others."""
    key = folded(words)
    conditions = [table.c.name_key.contains(key, autoescape=True)] if "name_key" in table.c else []
    if code in table.c:
        conditions.append(func.lower(table.c[code]).contains(key, autoescape=True))
    return or_(*conditions)
