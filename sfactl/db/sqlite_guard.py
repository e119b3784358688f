"""The guard of a SQLite connection: what one person may see and change, for as long as it is open.

Before each guarded table stands a temporary view of the same name with the rows in scope. Triggers check what a row was
and what it becomes. An authorizer refuses every other way to the tables: the main schema by name, other files, pragmas,
the catalogue, changes of the schema. What it protects from is a mistake, in this program or in a statement; whoever can
read the file can read all of it without this program (docs/security.md).
"""

import re
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from sfactl.core.actor import Actor
from sfactl.core.roles import Scope
from sfactl.db.access import RULES, Kind, Rule, Shares, Verb, condition, reach

REFUSED = "sfactl: not found"
"""What a trigger says when a row would leave or enter somebody's scope; it reads as an absent row."""

_CHANGE = re.compile(
    r'^(\s*(?:insert(?:\s+or\s+\w+)?\s+into|update(?:\s+or\s+\w+)?|delete\s+from)\s+)("\w+"|\w+)',
    re.IGNORECASE,
)
_NAMES_A_SCHEMA = re.compile(r"\b(main|temp|pragma|attach|sqlite_\w+|_scope_\w+)\b", re.IGNORECASE)
_LITERALS = re.compile(r"'(?:[^']|'')*'")
_HARMLESS = frozenset({"PRAGMA read_uncommitted"})
_DENIED_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "writefile", "readfile", "edit"})
_ALWAYS = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT, sqlite3.SQLITE_RECURSIVE}
)
_CHANGES = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})


class GuardedCursor(sqlite3.Cursor):
    """A cursor whose statements pass the guard of its connection."""

    def execute(self, sql: str, parameters: Any = (), /) -> "GuardedCursor":
        """Run one statement in scope."""
        return super().execute(self._admitted(sql), parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> "GuardedCursor":
        """Run one statement in scope, once for each row of parameters."""
        return super().executemany(self._admitted(sql), parameters)

    def executescript(self, sql: str, /) -> "GuardedCursor":
        """Scripts are for migrations, which run on a system connection."""
        raise sqlite3.DatabaseError(f"a scoped connection runs no scripts ({len(sql)} characters)")

    def _admitted(self, sql: str) -> str:
        connection = self.connection
        return connection.admit(sql) if isinstance(connection, GuardedConnection) else sql


class GuardedConnection(sqlite3.Connection):
    """A connection to a file; scoped for life once `guard` was called."""

    actor: Actor | None = None
    _guarded: frozenset[str] = frozenset()
    "Tables that stand behind a view."
    _trusted: frozenset[str] = frozenset()
    _foreign_keys: frozenset[tuple[str, str]] = frozenset()
    _target: str | None = None

    def cursor(self, factory: Any = None) -> Any:
        """A cursor that passes the guard; every connection of ours gives one, whoever asks."""
        return super().cursor(factory or GuardedCursor)

    def execute(self, sql: str, parameters: Any = (), /) -> GuardedCursor:
        """Run one statement in scope."""
        cursor: GuardedCursor = self.cursor().execute(sql, parameters)
        return cursor

    def guard(self, actor: Actor, *, writing: bool) -> None:
        """Scope this connection to a person, for life; without `writing` it changes nothing."""
        prefix = f"_{secrets.token_hex(8)}"
        scope = _ScopeTables(actor)
        cursor = sqlite3.Cursor(self)
        for statement, rows in scope.statements():
            if rows is None:
                cursor.execute(statement)
            else:
                cursor.executemany(statement, rows)
        trusted, guarded = set(), set()
        for table, rule in RULES.items():
            prefix_of_view = f"{prefix}_{table}"
            made = _guards_of(table, rule, actor, scope, prefix_of_view)
            for name, statement in made:
                cursor.execute(statement)
                trusted.add(name)
            if any(name == prefix_of_view for name, _statement in made):
                guarded.add(table)
        self._foreign_keys = _foreign_key_columns(cursor)
        self._trusted, self._guarded, self.actor = frozenset(trusted), frozenset(guarded), actor
        super().commit()
        if not writing:
            cursor.execute("PRAGMA query_only=ON")
        self.set_authorizer(self._authorize)

    def admit(self, sql: str) -> str:
        """The statement as it may run: the target of a change gets its schema, and no statement names one itself."""
        if self.actor is None or sql in _HARMLESS:
            return sql
        if _NAMES_A_SCHEMA.search(_LITERALS.sub("''", sql)):
            raise sqlite3.DatabaseError("not authorized: the statement names a schema")
        change = _CHANGE.match(sql)
        if change is None:
            self._target = None
            return sql
        self._target = change[2].strip('"').lower()
        return f"{change[1]}main.{sql[change.start(2) :]}"

    def _authorize(self, action: int, one: str | None, two: str | None, schema: str | None, source: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            return self._may_read(one or "", two or "", schema, source)
        if action in _CHANGES:
            allowed = schema != "temp" and not (one or "").startswith("sqlite_") and (one or "") in RULES
        elif action == sqlite3.SQLITE_FUNCTION:
            allowed = (two or "").lower() not in _DENIED_FUNCTIONS
        elif action == sqlite3.SQLITE_PRAGMA:
            allowed = one == "read_uncommitted" and two is None
        else:
            allowed = action in _ALWAYS
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    def _may_read(self, table: str, column: str, schema: str | None, source: str | None) -> int:
        if table.startswith("sqlite_"):
            return sqlite3.SQLITE_DENY
        if schema == "main" and table not in RULES:
            return sqlite3.SQLITE_DENY
        if schema != "main" or table not in self._guarded or source in self._trusted:
            return sqlite3.SQLITE_OK
        own_target = table == self._target
        by_foreign_key = self._target is not None and (table, column) in self._foreign_keys
        by_schema = own_target and source is not None and source.startswith("guard_")
        allowed = by_schema or (source is None and (own_target or by_foreign_key))
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _foreign_key_columns(cursor: sqlite3.Cursor) -> frozenset[tuple[str, str]]:
    """Columns that the engine itself reads to check foreign keys: those that point, and those pointed at."""
    rows = cursor.execute(
        'SELECT m.name, k."from", k."table", coalesce(k."to", \'id\')'
        " FROM main.sqlite_master AS m, pragma_foreign_key_list(m.name, 'main') AS k WHERE m.type = 'table'"
    )
    pairs = set()
    for child, column, parent, key in rows:
        pairs |= {(child, column), (parent, key), (child, "id")}
    return frozenset(pairs)


class _ScopeTables:
    """The terms of a condition on SQLite: keys in temporary tables, the person as a number."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def statements(self) -> Sequence[tuple[str, list[tuple[int]] | None]]:
        """What makes and fills the temporary tables."""
        made: list[tuple[str, list[tuple[int]] | None]] = []
        for scope, keys in ((Scope.TERRITORY, self.actor.territories), (Scope.SUBTREE, self.actor.subtree)):
            made.append((f"CREATE TEMP TABLE _scope_{scope} (tid INTEGER PRIMARY KEY)", None))
            made.append((f"INSERT INTO temp._scope_{scope} VALUES (?)", [(key,) for key in sorted(keys)]))
        return made

    def in_territories(self, column: str, noun: str, action: str) -> str | None:
        """Territories give something to the scopes territory and subtree."""
        scope = self.actor.scope(f"{noun}.{action}")
        if scope is Scope.ALL:
            return "1"
        if scope in (Scope.TERRITORY, Scope.SUBTREE):
            return f"{column} IN (SELECT tid FROM temp._scope_{scope})"
        return None

    def is_me(self, column: str, noun: str, action: str) -> str | None:
        """Owning gives something in every scope but none."""
        return f"{column} = {self.actor.user_id:d}" if self.actor.may(f"{noun}.{action}") else None

    def shared(self, shares: Shares, column: str, noun: str, action: str) -> str | None:
        """A share gives what owning gives; the keys are looked up once a statement."""
        if not self.actor.may(f"{noun}.{action}"):
            return None
        return (
            f"{column} IN (SELECT {shares.key} FROM main.{shares.table}"
            f" WHERE {shares.person} = {self.actor.user_id:d} AND ({shares.where}))"
        )

    def everything(self, noun: str, action: str) -> str | None:
        """All rows, for the scope all."""
        return "1" if self.actor.scope(f"{noun}.{action}") is Scope.ALL else None

    def table(self, name: str) -> str:
        """The table itself: the guard's own views and triggers may read it."""
        return f"main.{name}"


def _guards_of(table: str, rule: Rule, actor: Actor, terms: _ScopeTables, prefix: str) -> list[tuple[str, str]]:
    """Name and statement of each view and trigger that this person needs before a table; none for a free one."""
    made: list[tuple[str, str]] = []
    seen = _visible(rule, actor, terms)
    if seen is not None:
        made.append((prefix, f"CREATE TEMP VIEW {prefix} AS SELECT * FROM main.{table} AS r WHERE {seen}"))
        made.append((table, f"CREATE TEMP VIEW {table} AS SELECT * FROM temp.{prefix}"))
    for verb in (Verb.INSERT, Verb.UPDATE, Verb.DELETE):
        made += _triggers(table, verb, rule, actor, terms, f"{prefix}_{verb}")
    return [(name if name != table else f"{prefix}_shadow", statement) for name, statement in made]


def _visible(rule: Rule, actor: Actor, terms: _ScopeTables) -> str | None:
    if rule.kind in (Kind.PUBLIC, Kind.COUNTER):
        return None
    if rule.kind is Kind.PRIVATE:
        return f"r.{rule.people[0]} = {actor.user_id:d}"
    scopes = reach(rule, Verb.SELECT, actor.permissions)
    return None if scopes.get("read") is Scope.ALL else condition(rule, "read", terms, "r")


def _triggers(
    table: str, verb: Verb, rule: Rule, actor: Actor, terms: _ScopeTables, name: str
) -> list[tuple[str, str]]:
    allowed = _changeable(verb, rule, actor, terms)
    if allowed is None:
        return []
    made = []
    if verb is not Verb.INSERT:
        old = allowed.replace("$row", "OLD")
        made.append((f"{name}_old", f"CREATE TEMP TRIGGER {name}_old BEFORE {verb} ON main.{table}"
                     f" WHEN ({old}) IS NOT 1 BEGIN SELECT RAISE(IGNORE); END"))  # fmt: skip
    if verb is not Verb.DELETE:
        new = allowed.replace("$row", "NEW")
        was = f"({allowed.replace('$row', 'OLD')}) IS 1 AND " if verb is Verb.UPDATE else ""
        made.append((f"{name}_new", f"CREATE TEMP TRIGGER {name}_new BEFORE {verb} ON main.{table}"
                     f" WHEN {was}({new}) IS NOT 1 BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"))  # fmt: skip
    return made


def _changeable(verb: Verb, rule: Rule, actor: Actor, terms: _ScopeTables) -> str | None:
    """When a row may be changed, with `$row` for the row; None when every row may."""
    if rule.kind is Kind.PRIVATE:
        return f"$row.{rule.people[0]} = {actor.user_id:d}"
    if rule.kind is Kind.COUNTER:
        return None if verb is Verb.UPDATE else "0"
    if rule.kind is Kind.TRAIL:
        return f"$row.{rule.people[0]} = {actor.user_id:d}" if verb is Verb.INSERT else "0"
    scopes = reach(rule, verb, actor.permissions)
    if not scopes:
        return "0"
    if rule.kind is Kind.PUBLIC or Scope.ALL in scopes.values():
        return None
    return " OR ".join(f"({condition(rule, action, terms, '$row')})" for action in scopes)
