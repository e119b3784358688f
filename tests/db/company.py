"""The small company with something in every table, and all of its data at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, create_engine

from sfactl.db.session import Session
from sfactl.db.url import DatabaseUrl
from sfactl.models import registry
from sfactl.models.types import stamp_text
from tests.organisation import ROLES
from tests.workspace import TestWorkspace

STAYING = tuple(ROLES)
"""Everybody who can sign in."""
COLUMNS = {name: [column.name for column in table.columns] for name, table in registry.metadata.tables.items()}
COLUMNS["alembic_version"] = ["version_num"]
TABLES = tuple(sorted(COLUMNS))

Row = Mapping[str, Any]
World = Mapping[str, list[Row]]

_EVENTS = (
    ("sam", "SW"), ("sam", None), ("mike", "WEST"), ("nora", "NW"), ("eve", "NE"), ("dora", None), ("cron", "SW"),
    ("olga", "UNASSIGNED"), ("nils", "NE"),
)  # fmt: skip
"""Who left an event in the trail, and in which territory."""

_USER = "(SELECT id FROM app_user WHERE login = '{}')"
_OPPORTUNITY = "(SELECT id FROM opportunity WHERE code = '{}')"
_ORDER = "(SELECT id FROM sales_order WHERE code = '{}')"
_BYTES = "{bytes}"
"""Stands for some bytes, which each engine writes in its own way."""
_AT = "'2026-05-20T09:00:00.000000Z'"


def _more_rows() -> Iterator[str]:
    splits = [("OPP-3", "sam", "overlay", 2500), ("OPP-4", "sam", "overlay", 0), ("OPP-1", "nora", "revenue", 1000)]
    for code, login, kind, share in splits:
        yield (
            "INSERT INTO opportunity_split (opportunity_id, user_id, kind, share_bp)"
            f" VALUES ({_OPPORTUNITY.format(code)}, {_USER.format(login)}, '{kind}', {share})"
        )
    shares = [("O-5", "sam", "overlay", 10000), ("O-4", "nora", "revenue", 5000), ("O-1", "eve", "revenue", 10000)]
    for code, login, kind, share in shares:
        yield (
            "INSERT INTO credit (order_id, user_id, territory_id, kind, share_bp, amount_minor, currency, credited_on)"
            f" SELECT id, {_USER.format(login)}, credited_territory_id, '{kind}', {share}, 100, 'USD', booked_on"
            f" FROM sales_order WHERE code = '{code}'"
        )
    for n, login in enumerate(("ana", "sam", "mike", "eve")):
        user = _USER.format(login)
        yield f"INSERT INTO import_stage (user_id, run_key, n, source, line, bad) VALUES ({user}, 'r-{login}', {n}, 0, 1, 0)"
        yield (
            "INSERT INTO run (key, kind, user_id, started_at, summary)"
            f" VALUES ('r-{login}', 'plan', {user}, {_AT}, '{{}}')"
        )
        yield (
            "INSERT INTO message (code, delivery_key, message_id, kind, user_id, recipient_id, to_address, subject, text,"
            " status, created_at, due_at, attempts)"
            f" VALUES ('MSG-{login}', 'r-{login} dora', '<{login}@x.example>', 'moves', {user}, {_USER.format('dora')},"
            f" 'dora@x.example', 'Your accounts', 'Two came.', 'queued', {_AT}, {_AT}, 0)"
        )
        yield (
            "INSERT INTO message_attachment (message_id, position, name, media_type, content, digest)"
            f" SELECT id, 0, 'a.csv', 'text/csv', {_BYTES}, 'd-{login}' FROM message WHERE code = 'MSG-{login}'"
        )
    yield from _plans()
    yield from _offers()
    yield from _agreements()
    yield (
        "INSERT INTO team_member (team_id, user_id, role, valid_from)"
        f" SELECT id, {_USER.format('sam')}, 'guest', '2026-01-01' FROM team WHERE code = 'T-EAST'"
    )
    for login in STAYING:
        if login != "ana":
            yield f"INSERT INTO user_identity (user_id, kind, name) VALUES ({_USER.format(login)}, 'os', 'os-{login}')"
    # eve has two roles; those of nils are over, not begun, or no longer in the policy
    yield "INSERT INTO role (code, title, is_emergency, active) VALUES ('ghost', 'Ghost', false, false)"
    yield (
        "INSERT INTO role_permission (role_id, noun, action, scope)"
        " SELECT id, 'account', 'read', 'all' FROM role WHERE code = 'ghost'"
    )
    grants = [
        ("eve", "district_manager", "2026-01-01", None), ("nils", "admin", "2026-01-01", "2026-05-20"),
        ("nils", "admin", "2099-01-01", None), ("nils", "ghost", "2026-01-01", None),
    ]  # fmt: skip
    for login, role, since, until in grants:
        yield (
            "INSERT INTO role_grant (user_id, role_id, valid_from, valid_to, granted_at)"
            f" SELECT {_USER.format(login)}, id, '{since}', {_text(until)}, {_AT} FROM role WHERE code = '{role}'"
        )
    for login, role, day in (
        ("eve", "emergency", "2026-05-19"),
        ("nils", "emergency", "2026-05-21"),
        ("nils", "admin", "2026-05-22"),
    ):
        yield (
            "INSERT INTO emergency_grant (user_id, role_id, day, granted_at, reason)"
            f" SELECT {_USER.format(login)}, id, '{day}', {_AT}, 'fire' FROM role WHERE code = '{role}'"
        )
    for user, deputy in (("mike", "sam"), ("dora", "mike"), ("eve", "aldo")):
        yield (
            "INSERT INTO deputy (user_id, deputy_id, valid_from, valid_to)"
            f" VALUES ({_USER.format(user)}, {_USER.format(deputy)}, '2026-01-01', '2026-05-20')"
        )
    yield (
        "INSERT INTO skill (code, name, name_key, created_at, updated_at, version)"
        f" VALUES ('bikes', 'Bikes', 'bikes', {_AT}, {_AT}, 1)"
    )
    yield f"INSERT INTO user_skill (user_id, skill_id, level) SELECT {_USER.format('sam')}, id, 3 FROM skill"
    yield "INSERT INTO account_need (account_id, skill_id, level) SELECT a.id, s.id, 2 FROM account AS a, skill AS s"
    for login, code, since, until in (
        ("nils", "NE", "2026-01-01", None),
        ("sam", "NE", "2020-01-01", "2026-05-20"),
        ("sam", "NE", "2099-01-01", None),
    ):
        yield (
            "INSERT INTO territory_member (territory_id, user_id, role, valid_from, valid_to)"
            f" SELECT id, {_USER.format(login)}, 'specialist', '{since}', {_text(until)}"
            f" FROM territory WHERE code = '{code}'"
        )


def _plans() -> Iterator[str]:
    """What plans, rules and planned trees leave."""
    for author, code in (("sam", "OPP-1"), ("mike", "OPP-1"), ("dora", "OPP-3")):
        yield (
            "INSERT INTO judgement (opportunity_id, territory_id, user_id, author_id, category, currency, note, made_at)"
            f" SELECT id, credited_territory_id, credited_id, {_USER.format(author)}, 'commit', 'USD', 'Sure.', {_AT}"
            f" FROM opportunity WHERE code = '{code}'"
        )
    for login, code in (("sam", "OPP-1"), ("eve", "OPP-3")):
        yield (
            "INSERT INTO holdover (opportunity_id, held_by_id, to_id, to_territory_id, until, to_share_bp, began_on)"
            f" SELECT id, {_USER.format(login)}, {_USER.format('nora')}, territory_id, '2026-07-01', 0, '2026-05-01'"
            f" FROM opportunity WHERE code = '{code}'"
        )
        yield (
            "INSERT INTO plan_stage (stage_id, n, user_id, entity, key, cause)"
            f" VALUES ({_USER.format(login)}, 1, {_USER.format(login)}, 'account', 'A-SW1', 'manual')"
        )
    yield f"INSERT INTO rollup_month (month, made_at) VALUES ('2026-01-01', {_AT})"
    yield (
        "INSERT INTO rollup (month_id, kind, user_id, territory_id, currency, amount_minor, bookings)"
        " SELECT (SELECT id FROM rollup_month), kind, user_id, territory_id, currency, sum(amount_minor), count(*)"
        " FROM credit WHERE kind = 'revenue' GROUP BY kind, user_id, territory_id, currency"
    )
    yield (
        "INSERT INTO rollup_touched (month_id, user_id, territory_id)"
        " SELECT DISTINCT (SELECT id FROM rollup_month), user_id, territory_id FROM credit WHERE credited_on > '2026-03-15'"
    )
    yield from _adjusted_quotas()
    yield from _bundle()
    yield from _held_stock()
    yield f"INSERT INTO capacity (user_id, accounts, hours) VALUES ({_USER.format('sam')}, 10, 900)"
    yield (
        "INSERT INTO assignment_rule (code, step, position, territory_id, condition)"
        " SELECT code, 0, id, id, 'segment = Large' FROM territory WHERE code IN ('SW', 'NE')"
    )
    yield (
        "INSERT INTO rule_exclusion (account_id, territory_id, since)"
        " SELECT id, territory_id, '2026-05-01' FROM account WHERE code IN ('A-SW1', 'A-NE1')"
    )
    for login in ("olga", "dora"):
        yield (
            "INSERT INTO territory_plan (code, name, status, user_id, created_at)"
            f" VALUES ('NEXT-{login}', 'Next year', 'draft', {_USER.format(login)}, {_AT})"
        )
    yield (
        "INSERT INTO territory_plan_node (plan_id, code, name, priority) SELECT id, 'SW', 'Southwest', 0 FROM territory_plan"
    )
    yield (
        "INSERT INTO territory_plan_account (plan_id, account_id, node_code)"
        " SELECT p.id, a.id, 'SW' FROM territory_plan AS p, account AS a WHERE a.code = 'A-NE1'"
    )
    yield (
        "INSERT INTO territory_plan_member (plan_id, node_code, user_id, role)"
        f" SELECT id, 'SW', {_USER.format('sam')}, 'manager' FROM territory_plan"
    )


def _bundle() -> Iterator[str]:
    """P-1 as a bundle with P-2 as its option, and who needs it."""
    yield (
        "INSERT INTO feature (bundle_id, code, name, least, position, from_policy)"
        " SELECT id, 'valves', 'Valves', 0, 0, false FROM product WHERE code = 'P-1'"
    )
    yield (
        "INSERT INTO feature_option (feature_id, product_id, position, least_milli, step_milli, default_milli,"
        " included_milli, is_required, from_policy)"
        " SELECT f.id, p.id, 0, 1000, 1000, 0, 0, false, false FROM feature AS f, product AS p WHERE p.code = 'P-2'"
    )
    yield (
        "INSERT INTO product_attribute (product_id, name, amount_milli, from_policy)"
        " SELECT id, 'litres', 5000, false FROM product WHERE code = 'P-2'"
    )
    yield (
        "INSERT INTO configuration_rule (code, position, kind, most_milli, from_policy)"
        " VALUES ('R-1', 0, 'at_most', 9000, false)"
    )
    yield (
        "INSERT INTO rule_product (rule_id, part, product_id, position)"
        " SELECT r.id, 'what', p.id, 0 FROM configuration_rule AS r, product AS p WHERE p.code = 'P-2'"
    )
    for code in ("OPP-1", "OPP-3"):
        yield (
            "INSERT INTO opportunity_need (opportunity_id, bundle_id, kind, name, amount_milli)"
            f" SELECT {_OPPORTUNITY.format(code)}, id, 'need', 'litres', 3000 FROM product WHERE code = 'P-1'"
        )


def _offers() -> Iterator[str]:
    """Prices of accounts and territories, and quotes with lines, steps and costs."""
    kept, now = "created_at, updated_at, version", f"{_AT}, {_AT}, 1"
    yield (
        f"INSERT INTO price_rule (code, name, step, territory_id, min_quantity_milli, method, discount_bp, valid_from,"
        f" origin, {kept}) SELECT code, name, 'promotion', id, 0, 'percent', 500, '2026-01-01', 'import', {now}"
        " FROM territory WHERE code IN ('SW', 'NE')"
    )
    yield "INSERT INTO price_tier (rule_id, from_milli, discount_bp) SELECT id, 1000, 500 FROM price_rule"
    yield (
        "INSERT INTO exchange_rate (from_currency, to_currency, rated_on, rate_e9)"
        " VALUES ('EUR', 'USD', '2026-01-01', 1100000000)"
    )
    yield (
        f"INSERT INTO contract_price (code, account_id, kind, min_quantity_milli, method, discount_bp, valid_from, {kept})"
        f" SELECT 'K-' || code, id, 'contract', 0, 'percent', 500, '2026-01-01', {now}"
        " FROM account WHERE code IN ('A-SW1', 'A-NE1')"
    )
    for revision, code in ((1, "OPP-1"), (1, "OPP-3"), (2, "OPP-1")):
        of = "(SELECT min(id) FROM quote)" if revision > 1 else "NULL"
        yield (
            "INSERT INTO quote (code, revision, of_id, name, opportunity_id, account_id, account_name, territory_id,"
            " owner_id, credited_territory_id, credited_id, author_id, currency, status, price_book, step_order, priced_on,"
            " valid_until, locale, payment_days, list_minor, lines_minor, header_minor, net_minor, discount_bp,"
            f" {kept}) SELECT 'Q-' || code || '-{revision}', {revision}, {of}, name, id, account_id, account_name,"
            f" territory_id, owner_id, credited_territory_id, credited_id, {_USER.format('sam')}, 'USD', 'draft',"
            f" 'standard', 'list', '2026-05-20', '2026-06-20', 'en_US', 30, 0, 0, 0, 0, 0, {now}"
            f" FROM opportunity WHERE code = '{code}'"
        )
    yield (
        "INSERT INTO quote_line (quote_id, line, product_id, product_name, is_included, is_standard, quantity_milli,"
        " list_e4, net_e4, list_minor, amount_minor, header_minor, net_minor, discount_bp, is_base_changed,"
        " is_below_floor) SELECT q.id, 1, p.id, p.name, false, true, 1000, 10000, 10000, 100, 100, 0, 100, 0, false, false"
        " FROM quote AS q JOIN product AS p ON p.code = 'P-1'"
    )
    yield (
        "INSERT INTO price_step (quote_id, line, position, step, before_e4, after_e4)"
        " SELECT id, 1, 1, 'list', NULL, 10000 FROM quote"
    )
    for login in ("sam", "eve"):
        yield (
            "INSERT INTO quote_version (quote_id, version, user_id, changed_at, content)"
            f" SELECT id, {_USER.format(login)}, {_USER.format(login)}, {_AT}, '{{}}' FROM quote"
        )


def _agreements() -> Iterator[str]:
    """Who is asked to agree to which quote, what other areas are asked, and who may answer by mail."""
    yield (
        "INSERT INTO approval_rule (code, title, measure, lowest, role, step, quorum, hours, active)"
        " VALUES ('R-ask', 'Asked', 'discount', 1000, 'district_manager', 1, 1, 24, true)"
    )
    for n, (asker, approver) in enumerate((("sam", "mike"), ("eve", "dora"))):
        quote = f"(SELECT min(id) + {n} FROM quote)"
        yield (
            "INSERT INTO approval (quote_id, rule_id, territory_id, approver_id, asked_by_id, asked_at, due_at, status, digest,"
            f" comment) SELECT q.id, r.id, q.territory_id, {_USER.format(approver)}, {_USER.format(asker)}, {_AT}, {_AT},"
            f" 'pending', 'd', 'c-{asker}' FROM quote AS q, approval_rule AS r WHERE q.id = {quote} AND r.code = 'R-ask'"
        )
        yield (
            "INSERT INTO handoff (code, form, title, quote_id, digest, territory_id, user_id, recipient_id, to_address, status,"
            f" sent_at) SELECT 'H-{asker}', 'legal', 'Legal', id, 'd', territory_id, {_USER.format(asker)},"
            f" {_USER.format('olga')}, 'olga@x.example', 'sent', {_AT} FROM quote WHERE id = {quote}"
        )
        yield (
            "INSERT INTO handoff_line (handoff_id, position, key, label, is_asked)"
            f" SELECT id, 0, 'day', 'Day', true FROM handoff WHERE code = 'H-{asker}'"
        )
        yield (
            "INSERT INTO reply_request (message_id, approval_id, user_id, recipient_id, digest, expires_at)"
            f" SELECT (SELECT max(id) FROM message), id, {_USER.format(asker)}, {_USER.format(approver)}, 'd', {_AT}"
            f" FROM approval WHERE comment = 'c-{asker}'"
        )
        yield (
            f"INSERT INTO approval_token (request_id, hash, made_at) SELECT max(id), 'h-{asker}', {_AT} FROM reply_request"
        )
        yield (
            "INSERT INTO received_mail (message_id, user_id, received_at, outcome)"
            f" VALUES ('<{asker}@x>', {_USER.format(asker)}, {_AT}, 'ignored')"
        )


def _held_stock() -> Iterator[str]:
    """Arrivals, and reservations of several people."""
    yield (
        "INSERT INTO arrival (product_id, warehouse_id, reference, quantity_milli, expected_on)"
        " SELECT p.id, w.id, 'PO-1', 10000, '2026-06-01' FROM product AS p, warehouse AS w WHERE p.code = 'P-1'"
    )
    for login, code in (("sam", "SW"), ("eve", "NE"), ("nora", None)):
        place = f"(SELECT id FROM territory WHERE code = '{code}')" if code else "NULL"
        yield (
            "INSERT INTO reservation (code, product_id, warehouse_id, quantity_milli, needed_on, quote_code, user_id,"
            f" territory_id, made_at, expires_at, status) SELECT 'R-{login}', p.id, w.id, 1000, '2026-05-20', 'Q-000001',"
            f" {_USER.format(login)}, {place}, {_AT}, '2026-05-23T09:00:00.000000Z', 'held'"
            " FROM product AS p, warehouse AS w WHERE p.code = 'P-1'"
        )


def _adjusted_quotas() -> Iterator[str]:
    """Loads of several people, and adjustments of quotas in several places."""
    for login in ("olga", "mike"):
        yield (
            "INSERT INTO quota_load (loaded_at, loaded_on, user_id, kind)"
            f" VALUES ({_AT}, '2026-05-20', {_USER.format(login)}, 'adjust')"
        )
    for login, code in (("sam", "SW"), ("eve", "NE"), (None, "NW")):
        user = _USER.format(login) if login else "NULL"
        yield (
            "INSERT INTO quota_adjustment (user_id, territory_id, measure, counts_from, amount_minor, currency, reason,"
            f" cause, load_id, loaded_on) SELECT {user}, id, 'revenue', '2026-05-01', 100, 'USD', 'more', 'adjust',"
            f" (SELECT max(id) FROM quota_load), '2026-05-20' FROM territory WHERE code = '{code}'"
        )


def _text(value: str | None) -> str:
    return "NULL" if value is None else f"'{value}'"


def enrich(workspace: TestWorkspace) -> None:
    """Put something into every table, so that no rule is tested on nothing."""
    with system(workspace) as run:
        for statement in _more_rows():
            run(statement.replace(_BYTES, "x'612c62'" if workspace.is_sqlite else "'\\x612c62'::bytea"))
    places = {row["code"]: row["id"] for row in rows_of(workspace, "territory")}
    for login, code in _EVENTS:
        workspace.door(login).write(_leave_event, places[code] if code else None)


def _leave_event(session: Session, place: int | None) -> None:
    session.record("look", "account", "A", territory_id=place)


@contextmanager
def system(workspace: TestWorkspace) -> Iterator[Any]:
    """Run statements that no rule scopes; committed at the end of the block."""
    if workspace.is_sqlite:
        import sqlite3

        raw: Any = sqlite3.connect(str(workspace.url.path))
        raw.execute("PRAGMA foreign_keys=ON")
    else:
        import psycopg

        raw = psycopg.connect(workspace.system_url.conninfo)
    try:
        yield raw.execute
        raw.commit()
    finally:
        raw.close()


def plain(value: Any) -> Any:
    """A value as SQLite stores it, whatever a driver made of it."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return stamp_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (list, tuple)):
        return tuple(plain(part) for part in value)
    return value


def rows_of(workspace: TestWorkspace, table: str) -> list[Row]:
    """All rows of a table."""
    with system(workspace) as run:
        return _rows(run, table)


def _rows(run: Any, table: str) -> list[Row]:
    columns = COLUMNS[table]
    found = run(f"SELECT {', '.join(quoted(columns))} FROM {table}").fetchall()
    return [dict(zip(columns, plain(row), strict=True)) for row in found]


def quoted(columns: list[str]) -> list[str]:
    return [f'"{column}"' for column in columns]


def world_of(workspace: TestWorkspace) -> World:
    """All data."""
    with system(workspace) as run:
        return {table: _rows(run, table) for table in TABLES}


def in_order(rows: Any) -> list[Any]:
    """Rows in some order that is always the same."""
    return sorted((plain(tuple(row)) for row in rows), key=repr)


def private_copy(rows: World) -> Engine:
    """A database without any guard that holds these rows and no others."""
    engine = create_engine("sqlite://")
    registry.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
        for table, found in rows.items():
            marks = ", ".join("?" * len(COLUMNS[table]))
            for row in found:
                values = tuple(row[column] for column in COLUMNS[table])
                connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", values)
    return engine


@dataclass(frozen=True)
class Company:
    """A workspace and what is in it."""

    workspace: TestWorkspace
    world: World

    @property
    def some(self) -> tuple[str, ...]:
        """People enough to tell the rules apart: everybody in a file, fewer on a server, which takes longer."""
        return STAYING if self.workspace.is_sqlite else ("sam", "mike", "eve", "aldo", "nils")

    def key(self, table: str, column: str, value: str) -> int:
        """The key of a row."""
        return next(row["id"] for row in self.world[table] if row[column] == value)

    def user(self, login: str) -> int:
        return self.key("app_user", "login", login)

    def account(self, code: str) -> int:
        return self.key("account", "code", code)

    def territory(self, code: str) -> int:
        return self.key("territory", "code", code)


def url_of(workspace: TestWorkspace, login: str) -> DatabaseUrl:
    """The URL under which a person's door opens."""
    return workspace.door(login).url
