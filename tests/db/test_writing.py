"""What is written is looked at twice: what the row was, and what it becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, func, insert, literal_column, orm, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.exc import StaleDataError

from sfactl.db import faults
from sfactl.db.session import Session
from sfactl.errors import Conflict, NotFound, SfaError
from sfactl.models import registry
from sfactl.models import tables as t
from tests.db.company import COLUMNS, TABLES, Company, Row, World, plain, system, world_of
from tests.db.conftest import today_of, who
from tests.db.objects import Account, Contact, through_objects
from tests.db.who_sees_what import Person, may_change, may_insert, person, visible
from tests.organisation import NOW

CHANGE, REMOVE = ("edit", "reassign"), ("edit",)
_ALIKE = {"role_permission"}
"""Tables of many rows that are all alike."""


class _TakenBackError(Exception):
    """Ends a transaction that a test wants undone."""


def rolled_back(company: Company, login: str, work: Callable[[Session], None]) -> None:
    """Work as somebody, and leave nothing."""

    def write(session: Session) -> None:
        work(session)
        raise _TakenBackError

    with pytest.raises(_TakenBackError):
        company.workspace.door(login).write(write)


def error_of(session: Session, statement: Any, values: Any = None) -> SfaError | None:
    """What a person would be told about one statement; None when it was done."""
    try:
        with session.sql.begin_nested():
            session.execute(statement, values)
    except DBAPIError as fault:
        error = faults.translate(fault)
        if error is None and isinstance(fault.orig, Exception) and "CHECK" not in str(fault.orig):
            raise
        return error or SfaError("a constraint of the table")
    return None


def key_of(table: str) -> str:
    return COLUMNS[table][0] if "id" not in COLUMNS[table] else "id"


# case 18, case 113
def test_an_update_of_everything_changes_the_rows_that_are_his(company: Company):
    wrong = {}

    for login in company.some:
        me = who(company, login)

        def work(session: Session, login: str = login, me: Person = me) -> None:
            for table in set(TABLES) - {"alembic_version"}:
                key, column = key_of(table), COLUMNS[table][-1]
                value = {"audit_detail": "NULL, key = NULL, salt = NULL", "run_change": "NULL, before = NULL"}.get(
                    table, f'"{column}"'
                )
                rows = company.world[table]
                wanted = {
                    row[key]
                    for row in rows
                    if may_change(company.world, me, table, row, CHANGE, signed=signed(company, login))
                }
                got = _keys(session, text(f'UPDATE {table} SET "{column}" = {value} RETURNING "{key}"'))
                if got != wanted:
                    wrong[login, table] = (got, wanted)

        rolled_back(company, login, work)
    assert wrong == {}


def _keys(session: Session, statement: Any) -> set[Any]:
    try:
        with session.sql.begin_nested():
            return set(session.execute(statement).scalars())
    except DBAPIError as fault:
        assert isinstance(faults.translate(fault), NotFound), fault
        return set()


def test_a_row_is_deleted_only_by_those_who_may(company: Company):
    wrong = []

    for login in company.some:
        me = who(company, login)

        def work(session: Session, login: str = login, me: Person = me) -> None:
            for table in set(TABLES) - _ALIKE - {"alembic_version", "audit_detail"}:
                for row in company.world[table]:
                    if _deletes(session, table, row) != may_change(
                        company.world, me, table, row, REMOVE, signed=signed(company, login)
                    ):
                        wrong.append((login, table, row))

        rolled_back(company, login, work)
    assert wrong == []


def _deletes(session: Session, table: str, row: Row) -> bool:
    """Whether the guard lets a row be deleted; what then hangs on it is another matter."""
    key = key_of(table)
    try:
        with session.sql.begin_nested() as part:
            done = session.execute(text(f"DELETE FROM {table} WHERE {key} = :key"), {"key": row[key]}).rowcount  # type: ignore[attr-defined]
            part.rollback()
    except DBAPIError as fault:
        return "foreign key" in str(fault.orig).lower()
    return bool(done)


def test_a_row_is_added_only_by_those_who_may(company: Company):
    wrong = []

    for login in company.some:
        me, name = who(company, login), signed(company, login)

        def work(session: Session, me: Person = me, name: int = name) -> None:
            for table in set(TABLES) - _ALIKE - {"alembic_version", "audit_detail"}:
                for row in company.world[table]:
                    added = _renamed(table, row)
                    error = error_of(session, _insert(table), _as_bound(company, added))
                    if isinstance(error, NotFound) == may_insert(company.world, me, name, table, added):
                        wrong.append((name, table, added, error))

        rolled_back(company, login, work)
    assert wrong == []


def _insert(table: str) -> Any:
    columns = ", ".join(f'"{column}"' for column in COLUMNS[table])
    marks = ", ".join(f":{column}" for column in COLUMNS[table])
    return text(f"INSERT INTO {table} ({columns}) VALUES ({marks})")


def signed(company: Company, login: str) -> int:
    """Who is at the keyboard: in a file, the administrator is there for everybody."""
    return company.user("ana" if company.workspace.is_sqlite else login)


def _renamed(table: str, row: Row) -> Row:
    """A new row like this one. One that is like another in something unique tells Conflict, not NotFound."""
    key = key_of(table)
    return {**row, key: row[key] + 5000 if isinstance(row[key], int) else f"{row[key]}-new"}


def _as_bound(company: Company, row: Row) -> dict[str, Any]:
    if company.workspace.is_sqlite:
        return dict(row)
    return {column: None if value is None else str(value) for column, value in row.items()}


# Moving rows. case 18


def test_nobody_moves_a_row_out_of_what_is_his(company: Company):
    there, other = company.territory("NE"), company.user("eve")
    statement = update(t.account).where(t.account.c.code == "A-SW1")
    errors = {}

    for login in ("sam", "mike"):
        rolled_back(
            company, login,
            lambda s, login=login: errors.update({login: error_of(s, statement.values(territory_id=there, owner_id=other))}),
        )  # fmt: skip

    assert {login: type(error) for login, error in errors.items()} == {"sam": NotFound, "mike": NotFound}


def test_within_what_is_his_a_manager_moves_a_row(company: Company):
    statement = update(t.account).where(t.account.c.code == "A-NO1").values(territory_id=company.territory("NW"))
    inner = update(t.account).where(t.account.c.code == "A-SW3").values(name="Moved", owner_id=company.user("nora"))
    said = []

    rolled_back(company, "mike", lambda s: said.extend([s.execute(statement).rowcount, s.execute(inner).rowcount]))  # type: ignore[attr-defined]

    assert said == [0, 1]


def test_nobody_takes_a_row_from_others(company: Company):
    mine = update(t.account).values(territory_id=company.territory("SW"), owner_id=company.user("sam"))
    rows = [row["code"] for row in visible(company.world, who(company, "mike"))["account"]]
    said: list[Any] = []

    rolled_back(company, "mike", lambda s: said.extend(s.execute(mine.returning(t.account.c.code)).scalars()))

    assert sorted(said) == sorted(rows)


@pytest.mark.parametrize("table", ["account", "contact", "opportunity", "activity", "sales_order"])
def test_nobody_moves_a_row_without_the_right_to_reassign(company: Company, table):
    """Not even one that is his before and after. Case 18."""
    place = update(registry.metadata.tables[table]).values(territory_id=company.territory("SW"))
    owner = update(registry.metadata.tables[table]).values(owner_id=company.user("nora"))
    same = update(registry.metadata.tables[table]).values(owner_id=registry.metadata.tables[table].c.owner_id)
    said: list[Any] = []

    for statement in (place, owner, same):
        rolled_back(company, "sam", lambda s, statement=statement: said.append(error_of(s, statement)))

    assert [isinstance(error, NotFound) for error in said[1:]] == [table not in ("sales_order",), False]


def test_a_row_in_anothers_place_and_name_is_not_added(company: Company):
    values = {
        "code": "A-X", "name": "X", "name_key": "x", "kind": "customer", "currency": "USD", "created_at": NOW,
        "updated_at": NOW, "version": 1, "territory_id": company.territory("NE"), "owner_id": company.user("eve"),
    }  # fmt: skip
    said: list[Any] = []

    rolled_back(company, "sam", lambda s: said.append(error_of(s, insert(t.account).values(**values))))
    rolled_back(company, "sam", lambda s: said.append(error_of(s, insert(t.account).values(**values | {"territory_id": company.territory("SW")}))))  # fmt: skip

    assert isinstance(said[0], NotFound)
    assert said[1] is None


def test_a_row_that_one_may_not_read_is_not_changed_however_far_the_right_to_change_reaches(workspace):
    with system(workspace) as run:
        run(
            "UPDATE role_permission SET scope = 'all' WHERE noun = 'account' AND action = 'edit'"
            " AND role_id = (SELECT id FROM role WHERE code = 'account_manager')"
        )
    company = Company(workspace, world_of(workspace))
    seen = {row["code"] for row in visible(company.world, who(company, "sam"))["account"]}
    changed: list[Any] = []
    moved: list[Any] = []

    def work(session: Session) -> None:
        everything = update(t.account).values(version=t.account.c.version).returning(t.account.c.code)
        changed.extend(session.execute(everything).scalars())
        away = update(t.account).where(t.account.c.code == "A-SW1")
        moved.append(error_of(session, away.values(territory_id=company.territory("NE"), owner_id=None)))

    rolled_back(company, "sam", work)
    assert set(changed) == seen
    assert isinstance(moved[0], NotFound)


# Children of what is hidden. case 17, case 19, case 20


def _child_rows(company: Company, parent: int, place: int, opportunity: int) -> dict[str, Any]:
    me = company.user("sam")
    kept = {"created_at": NOW, "updated_at": NOW, "version": 1}
    day = NOW.date()
    stage = company.world["stage"][0]["id"]
    return {
        "contact": insert(t.contact).values(
            account_id=parent, territory_id=place, owner_id=me, name="N", name_key="n", **kept
        ),
        "activity": insert(t.activity).values(
            kind="call", subject="S", account_id=parent, territory_id=place, owner_id=me, **kept
        ),
        "activity of an opportunity": insert(t.activity).values(
            kind="call", subject="S", opportunity_id=opportunity, territory_id=company.territory("SW"), owner_id=me,
            **kept,
        ),
        "opportunity": insert(t.opportunity).values(
            code="OPP-X", name="N", name_key="n", account_id=parent, account_name="N", territory_id=place,
            credited_territory_id=company.territory("SW"), credited_id=me, owner_id=me, stage_id=stage, status="open",
            amount_minor=1, currency="USD", close_on=day, opened_on=day, **kept,
        ),
        "split": insert(t.opportunity_split).values(
            opportunity_id=opportunity, user_id=me, kind="revenue", share_bp=1
        ),
        "stage change": insert(t.stage_change).values(
            opportunity_id=opportunity, stage_id=stage, entered_at=NOW, user_id=me
        ),
        "account below": update(t.account).where(t.account.c.code == "A-SW1").values(parent_id=parent),
        "contact moved": update(t.contact)
        .where(t.contact.c.external_id == "C-1")
        .values(account_id=parent, territory_id=place),
        "activity moved": update(t.activity)
        .where(t.activity.c.external_id == "V-1")
        .values(opportunity_id=opportunity),
    }  # fmt: skip


@pytest.mark.parametrize("what", [
    "contact", "activity", "activity of an opportunity", "opportunity", "split", "stage change", "account below",
    "contact moved", "activity moved",
])  # fmt: skip
def test_nothing_is_hung_on_what_is_hidden_and_absent_reads_the_same(company: Company, what):
    hidden = (company.account("A-NE1"), company.territory("NE"), company.key("opportunity", "code", "OPP-4"))
    absent = (99999, company.territory("NE"), 99999)
    said: list[Any] = []

    for parents in (hidden, absent):
        statement = _child_rows(company, *parents)[what]
        rolled_back(company, "sam", lambda s, statement=statement: said.append(error_of(s, statement)))

    assert [(type(error), str(error), error.hint) for error in said] == [(NotFound, "There is no such row.", None)] * 2


def test_what_is_seen_may_be_hung_on(company: Company):
    parents = (company.account("A-SW2"), company.territory("SW"), company.key("opportunity", "code", "OPP-2"))
    said: dict[str, Any] = {}

    for what, statement in _child_rows(company, *parents).items():
        rolled_back(
            company, "sam", lambda s, what=what, statement=statement: said.update({what: error_of(s, statement)})
        )

    assert set(said.values()) == {None}


def test_a_share_that_somebody_gives_himself_opens_nothing(company: Company):
    """Rows of shares widen what is seen, so nobody may write one for what he does not see."""
    hidden = company.key("opportunity", "code", "OPP-4")
    mine = t.opportunity_split.c.user_id == company.user("sam")
    ways = [
        insert(t.opportunity_split).values(
            opportunity_id=hidden, user_id=company.user("sam"), kind="revenue", share_bp=1
        ),
        update(t.opportunity_split).where(mine).values(opportunity_id=hidden, share_bp=1),
        update(t.opportunity_split).where(mine, t.opportunity_split.c.opportunity_id == hidden).values(share_bp=1),
    ]
    seen = []

    def work(session: Session) -> None:
        for way in ways:
            error_of(session, way)
            seen.append(session.execute(select(t.opportunity.c.code).where(t.opportunity.c.id == hidden)).all())

    rolled_back(company, "sam", work)
    assert seen == [[], [], []]


# Shapes of statements


def _hidden(company: Company) -> int:
    return company.account("A-NE1")


SHAPES: dict[str, Callable[[orm.Session, Company], Any]] = {
    "update of a class": lambda s, c: s.execute(update(Account).values(segment="x")),
    "update of a table": lambda s, c: s.execute(update(t.account).values(segment="x")),
    "update by a list of keys": lambda s, c: s.execute(update(Account), [{"id": _hidden(c), "segment": "x"}]),
    "update in text": lambda s, c: s.execute(text("UPDATE account SET segment = 'x'")),
    "update in text, quoted": lambda s, c: s.execute(text("UPDATE \"account\" SET segment = 'x'")),
    "update from another table": lambda s, c: s.execute(
        update(t.account).values(segment=t.territory.c.code).where(t.territory.c.id == t.account.c.territory_id)
    ),
    "update from itself": lambda s, c: s.execute(
        text("UPDATE account SET segment = b.name FROM account AS b WHERE b.id <> account.id")
    ),
    "update with a subquery": lambda s, c: s.execute(
        update(t.account).values(segment=select(func.max(t.account.c.name)).scalar_subquery())
    ),
    "update returning": lambda s, c: s.execute(update(t.account).values(segment="x").returning(t.account.c.name)).all(),
    "delete of a class": lambda s, c: s.execute(delete(Contact)),
    "delete in text": lambda s, c: s.execute(text("DELETE FROM contact")),
    "delete returning": lambda s, c: s.execute(delete(t.contact).returning(t.contact.c.name)).all(),
    "mappings in bulk": lambda s, c: s.bulk_update_mappings(Account.__mapper__, [{"id": _hidden(c), "segment": "x"}]),
    "a guessed object, merged": lambda s, c: _merge_guess(s, c),
    "a row again, in conflict": lambda s, c: s.execute(text(_UPSERT + "DO UPDATE SET name = 'taken'")),
    "a row again, in silence": lambda s, c: s.execute(text(_UPSERT + "DO NOTHING")),
    "a row again, returning": lambda s, c: s.execute(text(_UPSERT + "DO UPDATE SET name = 'taken' RETURNING name")).all(),
    "insert from a select": lambda s, c: s.execute(
        insert(t.contact).from_select(
            ["account_id", "territory_id", "name", "name_key", "created_at", "updated_at", "version"],
            select(
                t.account.c.id, t.account.c.territory_id, t.account.c.name, literal_column("'copied'"),
                t.account.c.created_at, t.account.c.updated_at, literal_column("1"),
            ),
        )
    ),
}  # fmt: skip
_UPSERT = (
    "INSERT INTO account (code, name, name_key, kind, currency, territory_id, created_at, updated_at, version)"
    " SELECT 'A-NE1', 'mine', 'mine', 'customer', 'USD', territory_id, created_at, updated_at, 1"
    " FROM account WHERE code = 'A-SW1' ON CONFLICT (code) "
)


def _merge_guess(session: orm.Session, company: Company) -> None:
    guess = Account(
        id=_hidden(company), code="A-NE1", name="g", name_key="g", territory_id=company.territory("NE"), currency="USD",
        created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    make_transient_to_detached(guess)
    session.merge(guess, load=False).name = "owned"
    session.flush()


def test_no_shape_of_a_statement_reads_or_changes_what_is_hidden(workspace):
    wrong = []

    for name, shape in SHAPES.items():
        before = world_of(workspace)
        company = Company(workspace, before)
        try:
            said = repr(workspace.door("sam").write(through_objects, shape, company))
        except (SfaError, StaleDataError, DBAPIError) as fault:
            said = f"{type(fault).__name__}: {fault}"
        wrong += [(name, what) for what in _trespasses(company, said, world_of(workspace))]

    assert wrong == []


def _trespasses(company: Company, said: str, after: World) -> Iterator[str]:
    before = company.world
    mine = visible(before, person(before, "sam", today_of(company)))
    words = {str(row["name"]) for row in before["account"]} - {str(row["name"]) for row in mine["account"]}
    for table in ("account", "contact", "opportunity"):
        if not _frozen(before[table]) - _frozen(mine[table]) <= _frozen(after[table]):
            yield f"changed hidden rows of {table}"
        new = _frozen(after[table]) - _frozen(before[table])
        yield from (f"copied {word}" for word in words if word in repr(new))
    yield from (f"said {word}" for word in words if word in said)


def _frozen(rows: list[Row]) -> set[Any]:
    return {tuple(row.items()) for row in rows}


# Bulk


def test_a_bulk_that_reaches_too_far_in_one_row_changes_nothing(workspace):
    before = world_of(workspace)
    company = Company(workspace, before)
    rows = [
        {"b_id": company.account("A-SW1"), "place": company.territory("NW"), "owner": None},
        {"b_id": company.account("A-SW2"), "place": company.territory("NE"), "owner": company.user("eve")},
    ]
    statement = (
        update(t.account)
        .where(t.account.c.id == bindparam("b_id"))
        .values(territory_id=bindparam("place"), owner_id=bindparam("owner"))
    )

    with pytest.raises(NotFound):
        workspace.door("mike").write(lambda s: s.sql.execute(statement, rows))
    with pytest.raises(NotFound):
        workspace.door("mike").write(lambda s: s.execute(statement.where(t.account.c.id > 0), rows[1]))

    assert world_of(workspace) == before


def test_rows_added_in_bulk_are_all_there_or_none(workspace):
    before = world_of(workspace)
    company = Company(workspace, before)
    plain_row = {
        "name": "X", "name_key": "x", "kind": "customer", "currency": "USD", "created_at": NOW, "updated_at": NOW,
        "version": 1,
    }  # fmt: skip
    rows = [
        plain_row | {"code": "N-1", "territory_id": company.territory("SW")},
        plain_row | {"code": "N-2", "territory_id": company.territory("NE")},
    ]

    for way in (lambda s: s.execute(insert(t.account), rows), lambda s: s.execute(insert(t.account).values(rows)),
                lambda s: s.add_all(Account(**row) for row in rows)):  # fmt: skip
        with pytest.raises(NotFound):
            workspace.door("sam").write(through_objects, way)

    assert world_of(workspace) == before


# The trail. case 112, case 113, case 116


def _event(company: Company, login: str, **other: Any) -> dict[str, Any]:
    return {
        "seq": 9000, "at": NOW, "user_id": company.user(login), "actor_id": signed(company, login), "action": "look",
        "entity": "account", "previous_hash": "0" * 64, "details": "0" * 64, "hash": "f" * 64, **other,
    }  # fmt: skip


@pytest.mark.parametrize("lie", ["user", "actor"])
def test_an_event_is_signed_by_whoever_leaves_it(company: Company, lie):
    values = {
        "user": _event(company, "sam", user_id=company.user("eve")),
        "actor": _event(company, "sam", actor_id=company.user("eve")),
    }[lie]
    said: list[Any] = []

    rolled_back(company, "sam", lambda s: said.append(error_of(s, insert(t.audit_event).values(**values))))
    rolled_back(
        company, "sam", lambda s: said.append(error_of(s, insert(t.audit_event).values(**_event(company, "sam"))))
    )

    assert isinstance(said[0], NotFound)
    assert said[1] is None


@pytest.mark.parametrize("login", ["ana", "olga", "sam"])
def test_nobody_rewrites_the_trail(company: Company, login):
    changed = []

    def work(session: Session) -> None:
        for sql in (
            "UPDATE audit_event SET action = 'forged'",
            "UPDATE audit_event SET hash = 'forged' WHERE seq = 1",
            "DELETE FROM audit_event",
            "DELETE FROM audit_event WHERE seq = 1",
            "DELETE FROM audit_head",
            "INSERT INTO audit_head (id, seq, hash) VALUES (2, 0, 'x')",
        ):
            try:
                with session.sql.begin_nested():
                    changed.append(session.execute(text(sql)).rowcount)  # type: ignore[attr-defined]
            except DBAPIError:
                changed.append(0)

    rolled_back(company, login, work)
    assert changed == [0] * 6


@pytest.mark.parametrize("sql", [
    "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event",
    "REPLACE INTO audit_event SELECT * FROM audit_event",
    "UPDATE OR REPLACE audit_event SET seq = seq + 1",
])  # fmt: skip
def test_no_event_is_replaced(sqlite_workspace, sql):
    before = world_of(sqlite_workspace)

    with pytest.raises((SfaError, DBAPIError)):
        sqlite_workspace.door().write(_must_do_something, sql)

    assert world_of(sqlite_workspace)["audit_event"] == before["audit_event"]


def _must_do_something(session: Session, sql: str) -> None:
    if not session.execute(text(sql)).rowcount:  # type: ignore[attr-defined]
        raise NotFound("nothing was there to be changed")


# What is a person's own


@pytest.mark.parametrize("login", ["ana", "mike", "olga", "aldo"])
@pytest.mark.parametrize("table", ["import_stage", "idempotency_key"])
def test_working_rows_of_others_are_neither_seen_nor_changed(company: Company, login, table):
    said: list[Any] = []
    me = company.user(login)

    def work(session: Session) -> None:
        said.append(set(session.execute(text(f"SELECT user_id FROM {table}")).scalars()))
        said.append(set(session.execute(text(f"UPDATE {table} SET user_id = user_id RETURNING user_id")).scalars()))
        said.append(error_of(session, text(f"UPDATE {table} SET user_id = {company.user('eve')} WHERE user_id = {me}")))
        said.append(set(session.execute(text(f"DELETE FROM {table} RETURNING user_id")).scalars()))

    rolled_back(company, login, work)
    assert all(found <= {me} for found in (said[0], said[1], said[3]))
    assert isinstance(said[2], NotFound) or not said[0]


# Reading only


@pytest.mark.parametrize("sql", [
    "UPDATE account SET segment = 'x'",
    "DELETE FROM contact",
    "INSERT INTO warehouse (code) VALUES ('X')",
    "UPDATE audit_head SET seq = 0",
])  # fmt: skip
def test_a_unit_of_reading_cannot_write(company: Company, sql):
    with pytest.raises((SfaError, DBAPIError)), company.workspace.door().read() as session:
        session.execute(text(sql))
        session.sql.commit()

    assert world_of(company.workspace) == company.world


def test_a_code_that_a_hidden_row_has_is_not_available(company: Company):
    """That it is taken cannot be kept from anybody; whose it is, can. case 26."""
    statement = update(t.account).where(t.account.c.code == "A-NW1").values(code="A-NE1")
    said: list[Any] = []

    rolled_back(company, "nora", lambda s: said.append(error_of(s, statement)))

    assert isinstance(said[0], Conflict)
    assert "Elm" not in str(said[0])
    assert str(said[0]) == "This code or name is taken or not available."


def test_values_are_compared_as_they_are_stored():
    assert plain(True) == 1
    assert plain(NOW) == "2026-05-20T09:00:00.000000Z"
    assert plain(NOW.date()) == "2026-05-20"
