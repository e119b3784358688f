"""Families of accounts: an account, those above it, and all that lie below the one at the top."""

from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, select

from sfactl.models import tables as t


def roots() -> Any:
    """Each account beside the one at the top of its family; an account without family stands alone.

    Accounts whose parents lead round in a circle are in no family.
    """
    account = t.account.c
    top = select(account.id.label("id"), account.id.label("root")).where(account.parent_id.is_(None))
    family = top.cte("family", recursive=True)
    below = t.account.alias("below")
    return family.union_all(select(below.c.id, family.c.root).join(family, below.c.parent_id == family.c.id))


def of(chosen: Select[Any]) -> Select[Any]:
    """Keys of the accounts that are chosen, and of their families.

    Args:
        chosen: keys of accounts.
    """
    family = roots()
    wanted = chosen.subquery("wanted")
    key: ColumnElement[int] = literal_column("wanted.id")
    chosen_ones = family.alias("chosen_ones")
    tops = select(chosen_ones.c.root).join(wanted, key == chosen_ones.c.id)
    return select(family.c.id).where(family.c.root.in_(tops)).union(select(key).select_from(wanted))  # type: ignore[return-value]
