"""Completion of values from the database: over the scoped connection itself, so that it offers nothing hidden.

No library of tables is loaded here, since a person waits for each key.
"""

import os
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sfactl.commands.tree import COMMON
from sfactl.errors import SfaError

MOST = 50

Completer = Callable[[Any, str], list[tuple[str, str]]]


def _codes(table: str, code: str = "code", *, label: str = "name", where: str = "") -> Completer:
    def complete(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
        return _read(ctx.meta.get(COMMON, {}), table, code, label, where, incomplete)

    return complete


def _read(flags: Mapping[str, Any], table: str, code: str, label: str, where: str, start: str) -> list[tuple[str, str]]:
    from pathlib import Path

    from sfactl.config import settings
    from sfactl.db import connect, url

    try:
        loaded = settings.load(flags, os.environ, path=Path(flags["config"]) if flags.get("config") else None)
        if not loaded.database:
            return []
        as_user = flags.get("as_user") or os.environ.get("SFACTL_AS") or None
        raw = connect.connect(url.parse(loaded.database), today=date.today(), as_user=as_user)
    except SfaError:
        return []
    mark = "?" if url.parse(loaded.database).is_sqlite else "%s"
    escaped = start.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    try:
        rows = raw.execute(
            f"SELECT {code}, {label} FROM {table} WHERE {code} LIKE {mark} ESCAPE '\\'"  # noqa: S608 - names are ours
            f"{where} ORDER BY {code} LIMIT {MOST}",
            (f"{escaped}%",),
        ).fetchall()
    finally:
        raw.close()
    return [(str(row[0]), str(row[1] or "")) for row in rows]


def one_of(*words: str) -> Callable[[str], list[tuple[str, str]]]:
    """Words that are always the same."""

    def complete(incomplete: str) -> list[tuple[str, str]]:
        return [(word, "") for word in words if word.startswith(incomplete)]

    return complete


accounts = _codes("account")
users = _codes("app_user", "login", where=" AND active")
territories = _codes("territory", where=" AND archived_on IS NULL")
territory_plans = _codes("territory_plan")
teams = _codes("team")
opportunities = _codes("opportunity")
stages = _codes("stage", where=" AND active")
orders = _codes("sales_order", label="account_name")
products = _codes("product")
warehouses = _codes("warehouse", label="code")
reservations = _codes("reservation", label="quote_code", where=" AND status = 'held'")
bundles = _codes("product", where=" AND EXISTS (SELECT 1 FROM feature WHERE bundle_id = product.id)")
attributes = _codes("(SELECT DISTINCT name FROM product_attribute) AS named", "name")
handoffs = _codes("handoff", label="title")
quotes = _codes("quote", label="account_name")
skills = _codes("skill")
messages = _codes("message", label="subject")
roles = _codes("role", label="title", where=" AND active")
runs = _codes("run", "key", label="kind", where=" AND kind IN ('plan', 'undo')")


def reports(ctx: Any, incomplete: str) -> list[tuple[str, str]]:
    """Names of reports that begin so: the built-in ones, and those that the policy saves."""
    import json

    from sfactl.core.reports import BUILT_IN

    held = _read(ctx.meta.get(COMMON, {}), "policy_setting", "name", "value", "", "reports")
    saved = {name: each["title"] for _name, text in held for name, each in json.loads(text)["report"].items()}
    found = {**dict.fromkeys(BUILT_IN, ""), **saved}
    return [(name, title) for name, title in found.items() if name.startswith(incomplete)]
