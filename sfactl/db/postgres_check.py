"""What on a PostgreSQL server differs from what the guard sets up, or opens a way round it.

What the guard would make is made once more, on empty temporary copies of the tables, in a transaction that is undone.
So the server itself writes down both, each difference of a policy, function, trigger or privilege shows, and nobody has
to wait for the check. What the guard does not make, such as views and the rights of logins, is looked for by queries
(`postgres_looks`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sfactl.db.access import RULES
from sfactl.db.postgres_guard import guard_sql
from sfactl.db.postgres_looks import GATHERED, LOOKS, MISSING_ROLES, ROLES, WHO, Look
from sfactl.i18n import N_, _

SYNC = "sfactl access sync"
"""The remedy for what the guard makes."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it is set up, or that lets people round the guard."""

    finding: str
    place: str
    remedy: str
    "A command of sfactl's, a statement for the administrator, or a sentence."


@dataclass(frozen=True)
class _Made:
    """A kind of thing that the guard makes, and what it is called where it is not as made.

    The query gives a place, what is said there, and the statement that would undo it; null where synchronising does.
    """

    query: str
    missing: str
    differs: str
    unknown: str
    worse: tuple[str, str] | None = None
    "A pattern of what may be said there, and the finding that it is."
    is_undone_first: bool = False
    "Synchronising adds to it and takes nothing away."


def findings(raw: Any) -> list[Finding]:
    """All that is found, in an order that is always the same; the connection's transaction is left as it was.

    Args:
        raw: a connection of a database administrator's, within a transaction.
    """
    with _undone(raw):
        raw.execute(GATHERED)
        found = [*_looked(raw, ROLES)]
        if not raw.execute(MISSING_ROLES).fetchall():
            found += _looked(raw, LOOKS)
            found += _compared(raw)
    return found


@contextmanager
def _undone(raw: Any) -> Iterator[None]:
    """A block whose changes are undone; a name that stands alone in it is the server's own."""
    raw.execute("SAVEPOINT sfa_check")
    try:
        raw.execute("SET LOCAL search_path = pg_catalog, pg_temp")
        yield
    finally:
        raw.execute("ROLLBACK TO SAVEPOINT sfa_check")
        raw.execute("RELEASE SAVEPOINT sfa_check")


def _looked(raw: Any, looks: Iterable[Look]) -> Iterator[Finding]:
    for look in (look for look in looks if raw.info.server_version >= look.since):
        for place, remedy in raw.execute(look.query, {"known": list(RULES)}).fetchall():
            yield Finding(_(look.finding), place, remedy or (_(look.remedy) if look.remedy else SYNC))


def _compared(raw: Any) -> Iterator[Finding]:
    """What is there, against what the guard makes."""
    there = [_said(raw, made, "public", "sfa_sec") for made in _MADE]
    _make_copies(raw)
    for made, found in zip(_MADE, there, strict=True):
        yield from _differences(made, found, _said(raw, made, "pg_temp", "pg_temp"))


_Said = Mapping[str, tuple[str, str | None]]
"""By place: what is said there, and what would undo it."""


def _said(raw: Any, made: _Made, tables: str, functions: str) -> _Said:
    rows = raw.execute(made.query, {"tables": tables, "functions": functions}).fetchall()
    return {place: (said, undo) for place, said, undo in rows}


def _differences(made: _Made, there: _Said, wanted: _Said) -> Iterator[Finding]:
    for place in sorted(there.keys() | wanted.keys()):
        if place not in there:
            yield Finding(_(made.missing), place, SYNC)
            continue
        said, undo = there[place]
        is_known = place in wanted
        if is_known and said == wanted[place][0]:
            continue
        finding = made.differs if is_known else made.unknown
        if made.worse and re.search(made.worse[0], said):
            finding = made.worse[1]
        yield Finding(_(finding), place, undo if undo and (made.is_undone_first or not is_known) else SYNC)


_COPIED = re.compile(
    r"\s*(?P<head>CREATE OR REPLACE FUNCTION |(?:REVOKE|GRANT) \w+ ON FUNCTION |ALTER TABLE (?=\S+ (?:ENABLE|FORCE))"
    r"|(?:REVOKE|GRANT) [A-Z, ]+ ON (?=public\.)|CREATE POLICY \w+ ON |CREATE (?:OR REPLACE )?TRIGGER .+? ON )"
    r"(?:public|sfa_sec)\.(?P<tail>.*)",
    re.DOTALL,
)
"""Statements about tables and functions; those about owners, schemas and sequences are not copied."""


def copied(statement: str) -> str | None:
    """A statement of the guard's as it makes a temporary copy; None for one that makes none."""
    match = _COPIED.fullmatch(statement)
    if match is None:
        return None
    said = f"{match['head']}pg_temp.{match['tail']}".replace("sfa_sec.", "pg_temp.")
    return said.replace("public.guard_audit()", "pg_temp.guard_audit()")


def _make_copies(raw: Any) -> None:
    """Copies of the tables, partitioned without any partition: the server makes no files for them."""
    tables = dict(raw.execute(_TABLES, {"known": list(RULES)}).fetchall())
    statements = [
        f"CREATE TEMP TABLE {table} (LIKE public.{table}) PARTITION BY LIST ({column})"
        for table, column in tables.items()
    ]
    statements += filter(None, map(copied, guard_sql(tables, [], [])))
    raw.execute(";\n".join(statements))


_TABLES = """
SELECT c.relname, quote_ident(a.attname) FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%(known)s) AND c.relkind IN ('r', 'p')
AND a.attnum = (
    SELECT min(b.attnum) FROM pg_attribute AS b WHERE b.attrelid = c.oid AND b.attnum > 0 AND NOT b.attisdropped
)
"""
"""The tables that have a rule, each with one of its columns."""

_SCHEMA = "(CASE %({0})s WHEN 'pg_temp' THEN pg_my_temp_schema() ELSE to_regnamespace(%({0})s)::oid END)"
_IS_TABLE = f"c.relnamespace = {_SCHEMA.format('tables')} AND c.relkind IN ('r', 'p')"
_IS_FUNCTION = (
    f"(p.pronamespace = {_SCHEMA.format('functions')}"
    " OR (%(functions)s <> 'pg_temp' AND p.oid = to_regprocedure('public.guard_audit()')))"
)


def _plain(text: str) -> str:
    """A text of the server's, in which a copy goes by the name of what it is a copy of."""
    append_only = f"regexp_replace({text}, '(pg_temp(_\\d+)?|public)\\.guard_audit\\M', 'guard_audit', 'g')"
    return f"regexp_replace({append_only}, '\\mpg_temp(_\\d+)?\\.', 'sfa_sec.', 'g')"


_POLICIES = _Made(
    query=f"""
    SELECT c.relname || '.' || p.polname,
        concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::regrole[],
            'USING', {_plain("pg_get_expr(p.polqual, p.polrelid)")},
            'CHECK', {_plain("pg_get_expr(p.polwithcheck, p.polrelid)")}), NULL
    FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid WHERE {_IS_TABLE}
    """,
    missing=N_("a policy is missing"),
    differs=N_("a policy was changed"),
    unknown=N_("a policy that the guard does not know"),
    worse=(r"(?:USING|CHECK) true\b", N_("a policy lets everything through")),
)
_FUNCTIONS = _Made(
    query=f"""
    SELECT p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
        concat_ws(' ', l.lanname, p.prokind, p.prosecdef, p.proleakproof, p.proisstrict, p.provolatile, p.proconfig,
            format_type(p.prorettype, NULL), p.proretset, pg_get_expr(p.proargdefaults, 0), {_plain("p.prosrc")}),
        format('DROP FUNCTION %%s', p.oid::regprocedure)
    FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang WHERE {_IS_FUNCTION}
    """,
    missing=N_("a function of the guard is missing"),
    differs=N_("a function of the guard was changed"),
    unknown=N_("a function that the guard does not know"),
)
_TRIGGERS = _Made(
    query=f"""
    SELECT c.relname || '.' || t.tgname,
        CASE t.tgenabled WHEN 'O' THEN 'on ' ELSE 'off ' END
            || {_plain("regexp_replace(pg_get_triggerdef(t.oid), ' ON [^ ]+ ', ' ON it ')")},
        format('DROP TRIGGER %%I ON %%s', t.tgname, c.oid::regclass)
    FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid WHERE {_IS_TABLE} AND NOT t.tgisinternal
    """,
    missing=N_("a trigger of the guard is missing"),
    differs=N_("a trigger of the guard was changed"),
    unknown=N_("a trigger that the guard does not know"),
    worse=("^off ", N_("a trigger is switched off")),
)
_TAKEN_BACK = "CASE WHEN acl.grantee NOT IN (0, 'sfa_user'::regrole) THEN format('REVOKE {0} CASCADE', {1}) END"
_PRIVILEGES = _Made(
    query=f"""
    SELECT c.relname || ': ' || {WHO} || ' ' || acl.privilege_type, acl.is_grantable::text,
        {_TAKEN_BACK.format("%%s ON %%s FROM %%s", f"acl.privilege_type, c.oid::regclass, {WHO}")}
    FROM pg_class AS c, aclexplode(c.relacl) AS acl WHERE {_IS_TABLE} AND acl.grantee <> c.relowner
    UNION ALL
    SELECT c.relname || '.' || a.attname || ': ' || {WHO} || ' ' || acl.privilege_type, acl.is_grantable::text,
        {_TAKEN_BACK.format("%%s (%%I) ON %%s FROM %%s", f"acl.privilege_type, a.attname, c.oid::regclass, {WHO}")}
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid, aclexplode(a.attacl) AS acl
    WHERE {_IS_TABLE} AND acl.grantee <> c.relowner
    UNION ALL
    SELECT p.proname || '(' || pg_get_function_identity_arguments(p.oid) || '): ' || {WHO} || ' EXECUTE',
        acl.is_grantable::text,
        {_TAKEN_BACK.format("ALL ON FUNCTION %%s FROM %%s", f"p.oid::regprocedure, {WHO}")}
    FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl
    WHERE {_IS_FUNCTION} AND acl.grantee <> p.proowner
    """,
    missing=N_("a privilege is missing"),
    differs=N_("a privilege may be passed on"),
    unknown=N_("a privilege beyond the plan"),
    is_undone_first=True,
)
_MADE = (_POLICIES, _FUNCTIONS, _TRIGGERS, _PRIVILEGES)
