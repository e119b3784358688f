"""A unit of work is done once, whole, and signed; or it leaves nothing."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

from sfactl.core.actor import Actor
from sfactl.db import connect, session, trail
from sfactl.db.session import TRIES, Door, Session, system_session
from sfactl.db.url import DatabaseUrl, parse
from sfactl.errors import Conflict, NotFound, SfaError, Unavailable, UsageFault
from sfactl.models import tables as t
from tests.db.company import Company, plain, rows_of, system, world_of
from tests.organisation import NOW, TODAY
from tests.wire import Wire
from tests.workspace import TestWorkspace, role_of

WRITERS, EACH = 8, 4


def count_up(session: Session, code: str) -> int:
    """A change that is lost when another is written over it."""
    changed = update(t.account).where(t.account.c.code == code).values(version=t.account.c.version + 1)
    session.execute(changed)
    session.record("edit", "account", code, after={"reason": "counted", "name": "Straße"})
    return session.execute(select(t.account.c.version).where(t.account.c.code == code)).scalar_one()


# Whole or not at all


def test_what_an_interruption_left_open_while_it_connected_locks_nothing(sqlite_workspace: TestWorkspace, monkeypatch):
    door = sqlite_workspace.door("sam")
    monkeypatch.setattr("sfactl.db.connect.BUSY_TIMEOUT_S", 0.1)

    def interrupted(cursor: Any) -> frozenset[tuple[str, str]]:
        for _row in cursor.execute(
            "SELECT name FROM sqlite_master"
        ):  # its statement runs as long as its traceback lives
            raise KeyboardInterrupt
        return frozenset()

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt) as caught:
        patched.setattr("sfactl.db.sqlite_guard._foreign_key_columns", interrupted)
        door.write(count_up, "A-SW1")

    door.abandon()
    assert door.write(count_up, "A-SW1") == 2
    assert caught.traceback


@pytest.mark.parametrize("fault", [UsageFault("no"), RuntimeError("no"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_nothing(company: Company, fault):

    def write(session: Session) -> None:
        count_up(session, "A-SW1")
        place = session.execute(select(t.account.c.territory_id).where(t.account.c.code == "A-SW1")).scalar_one()
        kept = {"created_at": NOW, "updated_at": NOW, "currency": "USD"}
        session.execute(insert(t.account).values(code="N", name="N", name_key="n", territory_id=place, **kept))
        raise fault

    with pytest.raises(type(fault)):
        company.workspace.door("sam").write(write)

    assert world_of(company.workspace) == company.world


def test_a_write_that_the_guard_refuses_leaves_nothing(company: Company):

    def write(session: Session) -> None:
        count_up(session, "A-SW1")
        session.execute(insert(t.role_grant).values(user_id=1, role_id=1, valid_from=TODAY, granted_at=NOW))

    with pytest.raises(NotFound):
        company.workspace.door("sam").write(write)

    assert world_of(company.workspace) == company.world


def test_a_write_gives_what_its_function_gives_and_leaves_one_key(workspace: TestWorkspace):
    keys = len(rows_of(workspace, "idempotency_key"))

    assert workspace.door("sam").write(count_up, "A-SW1") == 2
    assert len(rows_of(workspace, "idempotency_key")) == keys + 1


def test_an_error_of_a_service_is_not_tried_again(company: Company):
    calls = []

    def write(session: Session) -> None:
        calls.append(1)
        raise Conflict("changed meanwhile")

    with pytest.raises(Conflict):
        company.workspace.door().write(write)

    assert calls == [1]


def test_what_is_read_in_a_block_is_of_one_moment(workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connect, "BUSY_TIMEOUT_S", 0.1)  # a reader of a file may keep a writer waiting

    with workspace.door().read() as reader:
        before = reader.execute(select(t.account.c.version).order_by(t.account.c.id)).scalars().all()
        try:
            workspace.door().write(count_up, "A-SW1")
        except Unavailable:
            assert workspace.is_sqlite
        after = reader.execute(select(t.account.c.version).order_by(t.account.c.id)).scalars().all()

    assert before == after


def test_no_connection_stays_open_after_a_unit_of_work(postgres_workspace: TestWorkspace):
    door = postgres_workspace.door("sam")
    with door.read() as reading:
        reading.execute(select(t.account.c.id)).all()
    door.write(count_up, "A-SW1")

    with system(postgres_workspace) as run:
        left = run(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename <> current_user"
        ).fetchone()

    assert left == (0,)  # case 57


# The trail


def broken_links(workspace: TestWorkspace) -> list[str]:
    """Recomputes the chain, in words of its own."""
    found, previous = [], "0" * 64
    events = sorted(rows_of(workspace, "audit_event"), key=lambda row: row["seq"])
    details = {row["seq"]: row for row in rows_of(workspace, "audit_detail")}
    for number, row in enumerate(events, start=1):
        said = {key: plain(value) for key, value in row.items() if key not in ("hash", "previous_hash")}
        whole = previous + json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        if row["seq"] != number:
            found.append(f"{number} is missing")
        if row["previous_hash"] != previous or row["hash"] != hashlib.sha256(whole.encode()).hexdigest():
            found.append(f"{number} is not chained")
        if _digest(details.get(row["seq"])) != row["details"]:
            found.append(f"{number} has other details")
        previous = row["hash"]
    head = rows_of(workspace, "audit_head")
    if [(row["seq"], row["hash"]) for row in head] != [(len(events), previous)]:
        found.append("the head is another")
    return found


def _digest(row: Any) -> str | None:
    if not row or not row["content"]:
        return None
    said = json.dumps([row["key"], row["content"]], separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((row["salt"] + said).encode()).hexdigest()


# case 112
def test_a_write_leaves_its_events_in_the_chain(workspace: TestWorkspace):
    number = len(rows_of(workspace, "audit_event"))

    for login in ("ana", "sam", "sam", "mike"):
        workspace.door(login).write(count_up, "A-SW1")
    workspace.door("sam").write(lambda s: [count_up(s, code) for code in ("A-SW1", "A-SW2", "A-SW3")])

    events = sorted(rows_of(workspace, "audit_event"), key=lambda row: row["seq"])[number:]
    assert broken_links(workspace) == []
    assert [row["action"] for row in events] == ["edit"] * 7
    users = {row["id"]: row["login"] for row in rows_of(workspace, "app_user")}
    assert {users[row["actor_id"]] for row in events} == ({"ana"} if workspace.is_sqlite else {"ana", "sam", "mike"})
    assert users[events[1]["user_id"]] == "sam"
    assert events[1]["at"] == "2026-05-20T09:00:00.000000Z"


@pytest.mark.parametrize("edit", [
    "UPDATE audit_event SET action = 'x' WHERE seq = 2", "UPDATE audit_event SET actor_id = 2 WHERE seq = 1",
    "DELETE FROM audit_event WHERE seq = 2", "DELETE FROM audit_event WHERE seq = (SELECT max(seq) FROM audit_event)",
    "UPDATE audit_event SET seq = 1000 WHERE seq = 2", "UPDATE audit_event SET seq = -seq WHERE seq < 3",
    "UPDATE audit_detail SET content = '{}' WHERE seq = 2", "UPDATE audit_detail SET key = 'x' WHERE seq = 2", "DELETE FROM audit_detail WHERE seq = 2",
    "UPDATE audit_detail SET content = NULL, key = NULL, salt = NULL WHERE seq = 2",
])  # fmt: skip
def test_an_edit_of_the_trail_is_noticed(sqlite_workspace: TestWorkspace, edit):
    from sfactl.services import audit

    assert broken_links(sqlite_workspace) == []
    with system(sqlite_workspace) as run:
        run("PRAGMA foreign_keys=OFF")
        for trigger in ("audit_update", "audit_delete", "audit_insert", "detail_update", "detail_delete"):
            run(f"DROP TRIGGER guard_{trigger}")
        run(edit)

    with sqlite_workspace.door().read() as reading:
        assert list(audit.broken_links(reading))
    assert broken_links(sqlite_workspace)


# case 55, case 117
def test_writers_at_the_same_time_lose_nothing(workspace: TestWorkspace):
    before = world_of(workspace)
    codes = ("A-SW1", "A-SW2")

    def work(number: int) -> None:
        door = workspace.door(("ana", "sam", "mike", "olga")[number % 4])
        for turn in range(EACH):
            door.write(count_up, codes[turn % 2])

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(work, range(WRITERS)))

    after = world_of(workspace)
    counted = {row["code"]: row["version"] for row in after["account"]}
    assert [counted[code] for code in codes] == [1 + WRITERS * EACH // 2] * 2
    assert len(after["audit_event"]) == len(before["audit_event"]) + WRITERS * EACH
    assert len(after["idempotency_key"]) == len(before["idempotency_key"]) + WRITERS * EACH
    assert broken_links(workspace) == []


PROCESS = """
import sys
from datetime import UTC, datetime
from sfactl.db import url
from sfactl.db.session import Door
from sqlalchemy import text

def count_up(session):
    session.execute(text("UPDATE account SET version = version + 1 WHERE code = 'A-SW1'"))
    session.record("edit", "account", "A-SW1")

door = Door(url.parse(sys.argv[1]), now=datetime(2026, 5, 20, 9, tzinfo=UTC))
for _turn in range(int(sys.argv[2])):
    door.write(count_up)
"""


# case 55, case 117
def test_processes_at_the_same_time_lose_nothing(sqlite_workspace: TestWorkspace):
    command = [sys.executable, "-c", PROCESS, str(sqlite_workspace.url), "8"]
    writers = [subprocess.Popen(command) for _number in range(2)]

    assert [writer.wait(60) for writer in writers] == [0, 0]
    counted = {row["code"]: row["version"] for row in rows_of(sqlite_workspace, "account")}
    assert counted["A-SW1"] == 1 + 2 * 8
    assert broken_links(sqlite_workspace) == []


# Others were faster. case 63


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(session.time, "sleep", pauses.append)
    return pauses


def test_a_transaction_that_others_overtook_is_run_again_whole(postgres_workspace: TestWorkspace, no_waiting):
    door, other = postgres_workspace.door("sam"), postgres_workspace.door("mike")
    tries = []

    def write(session: Session) -> int:
        tries.append(1)
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        session.execute(select(t.account.c.id)).all()
        if len(tries) == 1:
            other.write(count_up, "A-SW1")
        return count_up(session, "A-SW1")

    assert door.write(write) == 3
    assert len(tries) == 2
    assert broken_links(postgres_workspace) == []


def test_two_that_wait_for_each_other_are_both_done(postgres_workspace: TestWorkspace):
    both = threading.Barrier(2, timeout=20)
    tries = {"sam": 0, "mike": 0}

    def write(session: Session, login: str, codes: tuple[str, str]) -> None:
        tries[login] += 1
        for code in codes:
            session.execute(update(t.account).where(t.account.c.code == code).values(version=t.account.c.version + 1))
            if tries[login] == 1 and code == codes[0]:
                both.wait()

    with ThreadPoolExecutor(2) as threads:
        runs = [
            threads.submit(postgres_workspace.door("sam").write, write, "sam", ("A-SW1", "A-SW2")),
            threads.submit(postgres_workspace.door("mike").write, write, "mike", ("A-SW2", "A-SW1")),
        ]
        for run in runs:
            run.result(30)

    counted = {row["code"]: row["version"] for row in rows_of(postgres_workspace, "account")}
    assert (counted["A-SW1"], counted["A-SW2"]) == (3, 3)
    assert sum(tries.values()) == 3


def test_after_eight_tries_somebody_is_told_to_come_again(postgres_workspace: TestWorkspace, no_waiting):
    other = postgres_workspace.door("mike")
    tries = []

    def write(session: Session) -> None:
        tries.append(1)
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        session.execute(select(t.account.c.id)).all()
        other.write(count_up, "A-SW1")
        count_up(session, "A-SW1")

    with pytest.raises(Unavailable, match="Others kept changing") as refusal:
        postgres_workspace.door("sam").write(write)

    assert refusal.value.exit_code == 6
    assert len(tries) == TRIES
    assert len(no_waiting) == TRIES - 1
    counted = {row["code"]: row["version"] for row in rows_of(postgres_workspace, "account")}
    assert counted["A-SW1"] == 1 + TRIES


# The answer to a commit is lost. case 51, case 61


@pytest.fixture
def wire(postgres_server: Any) -> Iterator[Wire]:
    made = Wire(str(postgres_server.sockets))
    yield made
    made.close()


def over(wire: Wire, workspace: TestWorkspace, login: str) -> Door:
    name = workspace.system_url.conninfo.partition("?")[0].rpartition("/")[2]
    role = role_of(workspace.worker, login)
    return Door(parse(f"postgresql+psycopg://{role}@127.0.0.1:{wire.port}/{name}"), now=NOW, today=TODAY)


def test_a_commit_whose_answer_is_lost_is_done_once(postgres_workspace: TestWorkspace, wire: Wire):
    door, calls = over(wire, postgres_workspace, "sam"), []

    def write(session: Session) -> int:
        calls.append(1)
        return count_up(session, "A-SW1")

    for turn in range(3):
        wire.cut = "answer"
        assert door.write(write) == 2 + turn
        assert wire.cut is None

    counted = {row["code"]: row["version"] for row in rows_of(postgres_workspace, "account")}
    assert counted["A-SW1"] == 4
    assert len(calls) == 3
    assert broken_links(postgres_workspace) == []


def test_a_commit_that_never_got_there_is_not_done_and_said_so(postgres_workspace: TestWorkspace, wire: Wire):
    before = world_of(postgres_workspace)
    wire.cut = "request"

    with pytest.raises(Unavailable, match="did not answer") as refusal:
        over(wire, postgres_workspace, "sam").write(count_up, "A-SW1")

    assert refusal.value.exit_code == 6
    assert world_of(postgres_workspace) == before


def test_a_connection_that_is_ended_in_the_middle_is_told_so(postgres_workspace: TestWorkspace):
    before = world_of(postgres_workspace)

    def write(session: Session) -> None:
        count_up(session, "A-SW1")
        own = session.execute(text("SELECT pg_backend_pid()")).scalar()
        with system(postgres_workspace) as run:
            run(f"SELECT pg_terminate_backend({own}, 5000)")
        session.execute(select(t.account.c.id))

    with pytest.raises(Unavailable, match="did not answer"):
        postgres_workspace.door("sam").write(write)

    assert world_of(postgres_workspace) == before


def test_a_server_that_goes_away_while_somebody_signs_in_is_unavailable(
    postgres_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        connect, "_postgres_actor", lambda raw: raw.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    )

    with pytest.raises(Unavailable, match="did not answer"), postgres_workspace.door("sam").read():
        pass


# A file that somebody holds. case 56


@contextmanager
def held(workspace: TestWorkspace) -> Iterator[None]:
    holder = sqlite3.connect(str(workspace.url.path), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.close()


def test_a_file_that_somebody_writes_to_is_unavailable_in_time(
    sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connect, "BUSY_TIMEOUT_S", 0.1)
    calls: list[int] = []
    started = time.monotonic()

    with held(sqlite_workspace), pytest.raises(Unavailable, match="Somebody else is writing") as refusal:
        sqlite_workspace.door().write(lambda s: calls.append(len(s.execute(select(t.account.c.id)).all())))

    assert refusal.value.exit_code == 6
    assert calls == [], "the lock is taken with the first statement, be it a read"
    assert time.monotonic() - started < 5


def test_a_file_that_somebody_writes_to_can_be_read(sqlite_workspace: TestWorkspace):
    with held(sqlite_workspace), sqlite_workspace.door("sam").read() as reading:
        assert len(reading.execute(select(t.account.c.id)).all()) == 4


# case 54
def test_a_file_that_cannot_be_written_is_said_to_be_so(
    sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
):
    whole = connect.open_file

    def full(*args: Any, **options: Any) -> Any:
        raw = whole(*args, **options)
        raw.execute("PRAGMA max_page_count = 1")
        return raw

    monkeypatch.setattr(connect, "open_file", full)
    before = world_of(sqlite_workspace)

    def write(session: Session) -> None:
        session.execute(update(t.account).values(website="x" * 100_000))

    with pytest.raises(Unavailable, match="cannot be written") as refusal:
        sqlite_workspace.door().write(write)

    assert refusal.value.exit_code == 6
    assert world_of(sqlite_workspace) == before


# What a person is told


def _new_account(session: Session, **other: Any) -> None:
    values = {
        "code": "SECRET-CODE", "name": "SECRET-NAME", "name_key": "secret", "kind": "customer", "currency": "USD",
        "created_at": NOW, "updated_at": NOW, "version": 1,
        "territory_id": session.execute(select(t.account.c.territory_id).where(t.account.c.code == "A-SW1")).scalar_one(),
    }  # fmt: skip
    session.execute(insert(t.account).values(**values | other))


def _hidden_place(session: Session) -> int:
    statement = select(t.account.c.territory_id).where(t.account.c.code == "A-NE2")  # sam owns it; the place is not his
    return session.execute(statement).scalar_one()


FAULTS: dict[str, tuple[Callable[[Session], Any], type[Exception]]] = {
    "a code that is taken": (lambda s: _new_account(s, code="A-SW2"), Conflict),
    "a code that a hidden row has": (lambda s: _new_account(s, code="A-NE1"), Conflict),
    "a place that is hidden": (lambda s: _new_account(s, territory_id=_hidden_place(s)), NotFound),
    "a parent that is not there": (lambda s: _new_account(s, parent_id=98765), NotFound),
    "an owner that is not there": (lambda s: _new_account(s, owner_id=98765), NotFound),
    "a contact whose territory is another": (
        lambda s: s.execute(
            text(
                "INSERT INTO contact (account_id, territory_id, owner_id, name, name_key, created_at, updated_at, version)"
                " SELECT a.id, o.territory_id, u.id, 'SECRET-NAME', 'x', a.created_at, a.updated_at, 1"
                " FROM account AS a, account AS o, app_user AS u"
                " WHERE a.code = 'A-SW1' AND o.code = 'A-NE2' AND u.login = 'sam'"
            )
        ),
        NotFound,
    ),
    "a kind that there is not": (lambda s: _new_account(s, kind="SECRET-KIND"), DBAPIError),
    "a name that is missing": (lambda s: _new_account(s, name=None), DBAPIError),
    "a statement that is none": (lambda s: s.execute(text("SELEC :x"), {"x": "SECRET-X"}), DBAPIError),
    "a table that is not there": (lambda s: s.execute(text("SELECT :x FROM nowhere"), {"x": "SECRET-X"}), DBAPIError),
}


# D5; case 41, case 100
@pytest.mark.parametrize("what", FAULTS)
def test_no_error_tells_a_statement_a_value_or_a_row(company: Company, what):
    work, kind = FAULTS[what]

    with pytest.raises(kind) as refusal:
        company.workspace.door("sam").write(work)

    said = str(refusal.value)
    if isinstance(refusal.value, SfaError):
        said += f" {refusal.value.hint} {refusal.value.args}"
        assert not any(word in said for word in ("INSERT", "SELECT", "account", "constraint", "SQL"))
    assert not any(word in said for word in ("SECRET", "98765", "Elm", "A-NE1", "Failing row", "Key ("))
    assert world_of(company.workspace) == company.world


def test_hidden_and_absent_are_the_same_to_whoever_changes_them(workspace: TestWorkspace):
    done = []
    for code in ("A-NE1", "A-XX9"):
        done.append(
            workspace.door("sam").write(
                lambda s, code=code: s.execute(text(f"UPDATE account SET segment = 'x' WHERE code = '{code}'")).rowcount
            )
        )  # type: ignore[misc]

    assert done == [0, 0]


def test_two_owners_at_a_time_are_not_available(workspace: TestWorkspace):
    """The period of a hidden owner is not told. D4"""
    with system(workspace) as run:
        run("UPDATE assignment SET territory_id = 5, user_id = NULL WHERE account_id = 2")

    def write(session: Session) -> None:
        session.execute(
            text(
                "INSERT INTO assignment (account_id, territory_id, role, valid_from, valid_to, cause, created_at)"
                " SELECT id, territory_id, 'owner', '2024-06-01', '2026-01-01', 'x', created_at FROM account WHERE code = 'A-SW2'"
            )
        )

    with pytest.raises(Conflict, match="not available") as refusal:
        workspace.door("mike").write(write)

    assert "2025" not in str(refusal.value)


# Before anybody has rights


def test_work_outside_all_rules_is_whole_and_signed_too(workspace: TestWorkspace):
    nobody = Actor(1, "ana", "Ana", signed_in_as="ana")
    before = world_of(workspace)

    with pytest.raises(RuntimeError), system_session(workspace.system_url, "a test", nobody, NOW) as unscoped:
        count_up(unscoped, "A-NE1")
        raise RuntimeError
    assert world_of(workspace) == before

    with system_session(workspace.system_url, "a test", nobody, NOW) as unscoped:
        count_up(unscoped, "A-NE1")
    assert len(rows_of(workspace, "audit_event")) == len(before["audit_event"]) + 1
    assert broken_links(workspace) == []


def test_the_hash_of_an_event_depends_on_all_of_it():
    row = {"seq": 1, "action": "a", "key": None}
    hashes = {trail.chained_hash(previous, {**row, **change}) for previous in ("0", "1") for change in (
        {}, {"seq": 2}, {"action": "b"}, {"key": "x"}, {"key": ""},
    )}  # fmt: skip

    assert len(hashes) == 10


def test_a_door_that_leads_nowhere_is_unavailable(sqlite_company: Company):
    nowhere = DatabaseUrl("sqlite", path=sqlite_company.workspace.url.path.with_name("gone.db"))  # type: ignore[union-attr]

    with pytest.raises(Unavailable), Door(nowhere).read():
        pass


def test_the_driver_of_the_tests_is_that_of_the_program():
    assert psycopg.__version__ >= "3.3"
