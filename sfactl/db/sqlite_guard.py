"""The guard of a SQLite connection: what one person may see and change, for as long as it is open.

Before each guarded table stands a temporary view of the same name with the rows in scope. Triggers check what a row was
and what it becomes. An authorizer refuses every other way to the tables: the main schema by name, other files, pragmas,
the catalogue, changes of the schema. What it protects from is a mistake, in this program or in a statement; whoever can
read the file can read all of it without this program (docs/security.md).
"""

import re
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any
from weakref import WeakSet

from sfactl.core.actor import Actor
from sfactl.core.roles import WIDTH, Scope
from sfactl.db.access import NEVER, RULES, SHARED, Kind, Rule, Shares, Verb, condition, reach

REFUSED = "sfactl: not found"
"""What a trigger says when a row would leave or enter somebody's scope; it reads as an absent row."""

_CHANGE = re.compile(
    r'^(\s*(?:insert(?:\s+or\s+\w+)?\s+into|update(?:\s+or\s+\w+)?|delete\s+from)\s+)("\w+"|\w+)',
    re.IGNORECASE,
)
_TOKENS = re.compile(
    r"""(?P<text>'[^']*(?:''[^']*)*')|"(?P<double>[^"]*(?:""[^"]*)*)"|`(?P<back>[^`]*(?:``[^`]*)*)`|\[(?P<bracket>[^]]*)]
    |--[^\n]*|/\*.*?(?:\*/|\Z)|[:@$\#][\w$]+|(?P<word>[^\W\d][\w$]*)|(?P<dot>\.)|(?P<other>\S)""",
    re.VERBOSE | re.DOTALL,
)
_OTHERS = re.compile(r"main|temp|pragma(_\w+)?|attach|sqlite_\w+|_scope_\w+|guard_\w+|_[0-9a-f]{16}_\w+", re.IGNORECASE)
"Names that no statement of a person's has a use for: other schemas, the catalogue, and the guard itself."
_HARMLESS = frozenset({"PRAGMA read_uncommitted"})
_DENIED_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "writefile", "readfile", "edit"})
_OF_SCHEMA = "guard_"
"So the names of the schema's own triggers begin; nobody who is scoped can make one."
_READ_BY_SCHEMA = frozenset({
    "product_cost", "quote", "quote_line", "quote_line_cost", "approval", "territory", "territory_member", "role_grant",
})  # fmt: skip
"What the schema's own triggers look up, whoever writes: nothing of it reaches a statement."
_ALWAYS = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT, sqlite3.SQLITE_RECURSIVE}
)
_CHANGES = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})


class GuardedCursor(sqlite3.Cursor):
    """A cursor whose statements pass the guard of its connection."""

    def execute(self, sql: str, parameters: Any = (), /) -> "GuardedCursor":
        """Run one statement in scope."""
        with self._admitted(sql) as statement:
            return super().execute(statement, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> "GuardedCursor":
        """Run one statement in scope, once for each row of parameters."""
        with self._admitted(sql) as statement:
            return super().executemany(statement, parameters)

    def executescript(self, sql: str, /) -> "GuardedCursor":
        """Scripts are for migrations, which run on a system connection."""
        raise sqlite3.DatabaseError(f"a scoped connection runs no scripts ({len(sql)} characters)")

    @contextmanager
    def _admitted(self, sql: str) -> Iterator[str]:
        connection = self.connection
        if not isinstance(connection, GuardedConnection):
            yield sql
            return
        try:
            yield connection.admit(sql)
        finally:
            connection.forget()


class GuardedConnection(sqlite3.Connection):
    """A connection to a file; scoped for life once `guard` was called."""

    actor: Actor | None = None
    _guarded: frozenset[str] = frozenset()
    "Tables that stand behind a view."
    _trusted: frozenset[str] = frozenset()
    _foreign_keys: frozenset[tuple[str, str]] = frozenset()
    _target: str | None = None
    "The table that the statement being prepared changes: it may be read where it stands."
    standing: object = None
    "What the person's rights were read from (`db.connect.Standing`)."
    _is_writing = False
    _is_parents = False
    "The process that opened it is the parent of this one."

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, factory: Any = None) -> Any:
        """A cursor that passes the guard; every connection of ours gives one, whoever asks."""
        cursor = super().cursor(factory or GuardedCursor)
        self._cursors.add(cursor)
        return cursor

    def _own_cursor(self) -> sqlite3.Cursor:
        """A cursor for the guard's own statements, which `close` ends like every other."""
        cursor: sqlite3.Cursor = self.cursor(sqlite3.Cursor)
        return cursor

    def execute(self, sql: str, parameters: Any = (), /) -> GuardedCursor:
        """Run one statement in scope."""
        cursor: GuardedCursor = self.cursor().execute(sql, parameters)
        return cursor

    def close(self) -> None:
        """Undo what is not committed, and let go of the file.

        A statement that an interruption left running would keep the file locked for as long as its traceback lives.
        """
        if self._is_parents:
            return
        with suppress(sqlite3.ProgrammingError):  # closed already
            for cursor in list(self._cursors):
                cursor.close()
            self.rollback()
        super().close()

    def leave_to_parent(self) -> None:
        """After a fork, in the child: from now on nothing that is done here reaches the file."""
        self._is_parents = True

    def commit(self) -> None:
        """Commit what was done since the transaction began."""
        self._require_own()
        super().commit()

    def rollback(self) -> None:
        """Undo what was done since the transaction began."""
        if not self._is_parents:
            super().rollback()

    def _require_own(self) -> None:
        if self._is_parents:
            raise sqlite3.ProgrammingError("the connection belongs to another process")

    def backup(self, *args: Any, **options: Any) -> None:
        """Copy the file; no scope holds in a copy, so a scoped connection makes none."""
        self._require_unscoped()
        super().backup(*args, **options)

    def serialize(self, *args: Any, **options: Any) -> bytes:
        """The file as bytes, from an unscoped connection only."""
        self._require_unscoped()
        return super().serialize(*args, **options)

    def blobopen(self, *args: Any, **options: Any) -> sqlite3.Blob:
        """A value as a file, which no authorizer is asked about; from an unscoped connection only."""
        self._require_unscoped()
        return super().blobopen(*args, **options)

    def _require_unscoped(self) -> None:
        if self.actor is not None:
            raise sqlite3.DatabaseError("not authorized: the connection is scoped")

    def guard(self, actor: Actor, *, today: date, writing: bool, sealed: bool = False) -> None:
        """Scope this connection to a person, for life; without `writing` it changes nothing.

        Sealed, no condition of a statement is looked at before the guard's own: what fails on a hidden row cannot tell
        that it is there. This costs the use of indexes; it is for statements in a person's own words.
        """
        prefix = f"_{secrets.token_hex(8)}"
        scope = _ScopeTables(actor, today)
        cursor = self._own_cursor()
        for statement, rows in scope.statements():
            if rows is None:
                cursor.execute(statement)
            else:
                cursor.executemany(statement, rows)
        columns = _plain_columns(cursor)
        made, guarded = [], set()
        for table, rule in RULES.items():
            prefix_of_view = f"{prefix}_{table}"
            views = _views(table, rule, actor, scope, prefix_of_view, columns[table])
            if sealed and views:  # the planner mixes no conditions into a view that has a limit
                views = [each if "LIMIT" in each.sql else replace(each, sql=f"{each.sql} LIMIT -1") for each in views]
            if views:
                guarded.add(table)
            made += views
            for verb in (Verb.INSERT, Verb.UPDATE, Verb.DELETE) if writing else ():
                made += _triggers(table, verb, rule, actor, scope, f"{prefix_of_view}_{verb}")
        _install(cursor, made)
        self._foreign_keys = _foreign_key_columns(cursor)
        # Not those that bear a table's name: a statement may call a part of itself so, and the engine tells no difference.
        self._trusted = frozenset(each.name for each in made if each.name.startswith(prefix))
        self._guarded, self.actor = frozenset(guarded), actor
        self._is_writing = writing
        super().commit()
        if not writing:
            cursor.execute("PRAGMA query_only=ON")
        self.set_authorizer(self._authorize)

    def ask(self, question: str, values: Mapping[str, Any]) -> list[Any]:
        """What one of our own questions says (`db/directory.py`), past the guard: never one in a person's words."""
        self._require_own()
        is_guarded = self.actor is not None
        try:
            if is_guarded:
                self.set_authorizer(None)
            return self._own_cursor().execute(question, values).fetchall()
        finally:
            if is_guarded:
                self.set_authorizer(self._authorize)

    def admit(self, sql: str) -> str:
        """The statement as it may run: the target of a change gets its schema, and no statement names one itself."""
        self._require_own()
        if self.actor is None or sql in _HARMLESS:
            return sql
        if names_a_schema(sql):
            raise sqlite3.DatabaseError("not authorized: the statement names a schema")
        change = _CHANGE.match(sql)
        if change is None:
            return sql
        self._target = change[2].strip('"').lower()
        return f"{change[1]}main.{sql[change.start(2) :]}"

    def forget(self) -> None:
        """The statement is prepared; nothing prepared after it may read what it was allowed to."""
        self._target = None

    def _authorize(self, action: int, one: str | None, two: str | None, schema: str | None, source: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            return self._may_read(one or "", two or "", schema, source)
        if action in _CHANGES:
            allowed = self._is_writing and schema == "main" and one in RULES
            if action == sqlite3.SQLITE_INSERT and allowed and RULES[one or ""].kind is Kind.HISTORY:
                allowed = source is not None and source.startswith(_OF_SCHEMA)
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
        is_looked_up = own_target or by_foreign_key or table in _READ_BY_SCHEMA
        by_schema = source is not None and source.startswith(_OF_SCHEMA) and is_looked_up
        allowed = by_schema or (source is None and (own_target or by_foreign_key))
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


@lru_cache(maxsize=256)
def names_a_schema(sql: str) -> bool:
    """Whether a statement reaches round the guard by a name; words in texts and comments don't count.

    SQLite takes a text for a name where only a name can stand: `'main'.account`.
    """
    was_text = False
    for token in _TOKENS.finditer(sql):
        kind = token.lastgroup
        if kind is None:  # a comment or a parameter
            continue
        if kind == "dot" and was_text:
            return True
        if kind not in ("text", "dot", "other") and _OTHERS.fullmatch(token[kind]):
            return True
        was_text = kind == "text"
    return False


def _plain_columns(cursor: sqlite3.Cursor) -> dict[str, str]:
    """Of each table, a column that is not its key."""
    return dict(
        cursor.execute(
            "SELECT m.name, (SELECT c.name FROM pragma_table_info(m.name, 'main') AS c ORDER BY c.pk, c.cid)"
            " FROM main.sqlite_master AS m WHERE m.type = 'table'"
        ).fetchall()
    )


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

    def __init__(self, actor: Actor, today: date) -> None:
        self.actor, self.today = actor, today

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


@dataclass(frozen=True)
class _Made:
    """A temporary view or trigger, as the catalogue of temporary things keeps it."""

    kind: str
    name: str
    table: str
    sql: str
    "What makes it, without the word TEMP, which the catalogue leaves out."


_INTO_CATALOGUE = "INSERT INTO sqlite_temp_master (type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, 0, ?)"


def _install(cursor: sqlite3.Cursor, made: Sequence[_Made]) -> None:
    """Make the views and triggers, all at once: one by one they take four times as long.

    They are written into the catalogue of temporary things, which is then read anew; what is wrong in it is an error then, and
    the connection is of no use. Where SQLite was built so that nobody may write there, each is made by its own statement.
    """
    rows = [(each.kind, each.name, each.table, each.sql) for each in made]
    try:
        cursor.execute("PRAGMA writable_schema=ON")
        cursor.executemany(_INTO_CATALOGUE, rows)
    except sqlite3.OperationalError:
        for each in made:
            cursor.execute(each.sql.replace("CREATE ", "CREATE TEMP ", 1))
    finally:
        cursor.execute("PRAGMA writable_schema=RESET")


def _views(table: str, rule: Rule, actor: Actor, terms: _ScopeTables, name: str, column: str) -> list[_Made]:
    """The views that stand before a table; none when the person sees all of it.

    Args:
        column: one that is not the key. The engine asks the authorizer in the view's name only where a view reads
            such a column, even for `count(*)`.
    """
    seen = _visible(rule, actor, terms)
    if seen is None:
        return []
    if seen == NEVER:
        seen = f"r.{column} = NULL LIMIT 0"
    elif rule.territories == ("id",) or rule.kind is Kind.DETAIL:  # conditions on the key alone
        seen = f"({seen}) AND typeof(r.{column}) <> 'blob'"
    return [
        _Made("view", name, name, f"CREATE VIEW {name} AS SELECT * FROM main.{table} AS r WHERE {seen}"),
        _Made("view", table, table, f"CREATE VIEW {table} AS SELECT * FROM temp.{name}"),
    ]


def _visible(rule: Rule, actor: Actor, terms: _ScopeTables) -> str | None:
    if rule.kind in (Kind.PUBLIC, Kind.COUNTER):
        return None
    if rule.kind is Kind.PRIVATE:
        return f"r.{rule.people[0]} = {actor.user_id:d}"
    scopes = reach(rule, Verb.SELECT, actor.permissions)
    return None if scopes.get("read") is Scope.ALL else condition(rule, "read", terms, "r")


def _triggers(table: str, verb: Verb, rule: Rule, actor: Actor, terms: _ScopeTables, name: str) -> list[_Made]:
    """The triggers that check a change; none where every change is allowed."""
    allowed = [said for said in (_changeable(verb, rule, actor, terms), _readable(verb, rule, actor, terms)) if said]
    was = [] if verb is Verb.INSERT else [said.replace("$row", "OLD") for said in allowed]
    becomes = [] if verb is Verb.DELETE else [said.replace("$row", "NEW") for said in allowed]
    if verb is not Verb.DELETE and allowed != ["0"]:
        links = _links(table, verb, actor, terms)
        becomes += [said.replace("$row", "NEW") for said in links]
        if verb is Verb.UPDATE and table in SHARED:
            was += [said.replace("$row", "OLD") for said in links]
        if verb is Verb.UPDATE and rule.moving and not any(actor.may(permission) for permission in rule.moved_by):
            becomes.append(" AND ".join(f"NEW.{column} IS OLD.{column}" for column in rule.moving))
        if verb is Verb.INSERT and rule.today:
            becomes.append(f"NEW.{rule.today} = '{terms.today.isoformat()}'")
    made = []
    if was:
        made.append(_trigger(f"{name}_old", verb, table, _all(was), "IGNORE"))
    if becomes:
        unless = f"{_all(was)} IS 1 AND " if was else ""
        made.append(_trigger(f"{name}_new", verb, table, f"{unless}{_all(becomes)}", f"ABORT, '{REFUSED}'"))
    return made


def _trigger(name: str, verb: Verb, table: str, when: str, answer: str) -> _Made:
    """A trigger that answers so, where a condition is not true."""
    return _Made(
        "trigger", name, table,
        f"CREATE TRIGGER {name} BEFORE {verb} ON main.{table} WHEN {when} IS NOT 1 BEGIN SELECT RAISE({answer}); END",
    )  # fmt: skip


def _all(conditions: Sequence[str]) -> str:
    return "(" + " AND ".join(f"({condition})" for condition in conditions) + ")"


def _changeable(verb: Verb, rule: Rule, actor: Actor, terms: _ScopeTables) -> str | None:
    """When a row may be changed, with `$row` for the row; None when every row may."""
    if rule.kind is Kind.PRIVATE:
        return f"$row.{rule.people[0]} = {actor.user_id:d}"
    if rule.kind is Kind.COUNTER:
        return None if verb is Verb.UPDATE else "0"
    if rule.kind is Kind.TRAIL:
        return _signed(rule, actor) if verb is Verb.INSERT else "0"
    if rule.kind is Kind.HISTORY:  # who may add to it, the authorizer says
        return None if verb is Verb.INSERT else "0"
    if rule.kind is Kind.DETAIL:
        may_erase = verb is Verb.UPDATE and actor.scope(f"{rule.noun}.erase") is Scope.ALL
        return None if verb is Verb.INSERT or may_erase else "0"
    scopes = reach(rule, verb, actor.permissions)
    if not scopes or (rule.is_personal and actor.is_acting_for_another):
        return "0"
    if rule.kind is Kind.PUBLIC or Scope.ALL in scopes.values():
        return None
    return " OR ".join(f"({condition(rule, action, terms, '$row')})" for action in scopes)


def _signed(rule: Rule, actor: Actor) -> str:
    """An event says who did it and for whom, as they are."""
    return f"$row.{rule.people[0]} = {actor.user_id:d} AND $row.actor_id = {actor.keyboard_id:d}"


def _readable(verb: Verb, rule: Rule, actor: Actor, terms: _ScopeTables) -> str | None:
    """A row that one may not read is not there to be changed; None where whoever may change one may read it."""
    if verb is Verb.INSERT or rule.kind is not Kind.SCOPED:
        return None
    widest = max((WIDTH[scope] for scope in reach(rule, verb, actor.permissions).values()), default=0)
    if widest <= WIDTH[actor.scope(f"{rule.noun}.read")]:
        return None
    return condition(rule, "read", terms, "$row")


def _links(table: str, verb: Verb, actor: Actor, terms: _ScopeTables) -> list[str]:
    """What a new row points to, or an old one from now on, must be there for the person."""
    said = []
    stays = verb is Verb.UPDATE and table not in SHARED
    for link in RULES[table].links:
        above = RULES[link.table]
        if actor.scope(f"{above.noun}.read") is not Scope.ALL:
            unless = f"NEW.{link.column} IS OLD.{link.column} OR " if stays else ""
            said.append(
                f"{unless}$row.{link.column} IS NULL OR EXISTS (SELECT 1 FROM main.{link.table} AS above"
                f" WHERE above.id = $row.{link.column} AND ({condition(above, 'read', terms, 'above')}))"
            )
    return said
