"""The trail as people see it: filters, scope, one event in full, proof that it is whole, and erasure."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from sfactl.db import trail
from tests.cli import Run
from tests.db.company import system
from tests.soak import times
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

TRIGGERS = ("audit_update", "audit_delete", "audit_insert", "detail_update", "detail_delete", "detail_insert")


def _some_events(workspace: TestWorkspace, sfactl: Run) -> None:
    for amount in ("5000", "6000"):
        sfactl("quota", "set", "-u", "sam", "-p", "2026Q3", "--amount", amount, workspace=workspace, as_="mike")
    sfactl("access", "grant", "sam", "auditor", "--until", "2099-01-01", "--reason", "year's end", workspace=workspace)


def _numbers(result: Any) -> list[int]:
    return [row["seq"] for row in result.rows]


def test_the_trail_is_narrowed(workspace: TestWorkspace, sfactl: Run) -> None:
    _some_events(workspace, sfactl)

    def listed(*words: str) -> list[dict[str, Any]]:
        return sfactl("audit", "list", "-o", "json", *words, workspace=workspace).rows

    assert [row["action"] for row in listed("-n", "3")] == ["grant", "set", "set"]
    assert {row["key"] for row in listed("--key", "sam")} == {"sam"}
    assert {row["entity"] for row in listed("--noun", "quota")} == {"quota"}
    assert [row["reason"] for row in listed("--action", "grant", "-n", "1")] == ["year's end"]
    assert listed("--since", "2026-05-21") == []
    assert listed("--until", "2020-01-01") == []
    assert len(listed("--since", "2026-05-20", "--until", "2026-05-21", "--noun", "quota")) == 2
    doer = {"--actor": "ana", "--for": "mike"} if workspace.is_sqlite else {"--actor": "mike"}
    assert len(listed(*[word for pair in doer.items() for word in pair])) == 2


def test_a_change_is_told_before_and_after(workspace: TestWorkspace, sfactl: Run) -> None:
    _some_events(workspace, sfactl)
    seq = sfactl("audit", "list", "--noun", "quota", "-n", "1", "-o", "json", workspace=workspace).rows[0]["seq"]

    shown = sfactl("audit", "show", str(seq), "-o", "json", workspace=workspace)
    told = json.loads(shown.out)

    assert "5000" in told["before"]
    assert "6000" in told["after"]
    assert "→" in told["changes"]
    assert sfactl("audit", "show", "99999", workspace=workspace).code == 3
    assert "Machine" in sfactl("audit", "show", str(seq), workspace=workspace).out


# case 116
@pytest.mark.parametrize(
    ("login", "sees"), [("aldo", True), ("dora", True), ("mike", True), ("eve", False), ("nils", None)]
)
def test_nobody_sees_events_of_what_is_hidden(
    workspace: TestWorkspace, sfactl: Run, login: str, sees: bool | None
) -> None:
    _some_events(workspace, sfactl)
    seq = sfactl("audit", "list", "--noun", "quota", "-n", "1", "-o", "json", workspace=workspace).rows[0]["seq"]

    listed = sfactl("audit", "list", "--noun", "quota", "-o", "json", workspace=workspace, as_=login)
    shown = sfactl("audit", "show", str(seq), workspace=workspace, as_=login)

    assert listed.code == (4 if sees is None else 0)
    assert shown.code == (4 if sees is None else 0 if sees else 3)
    if sees is not None:
        assert (seq in _numbers(listed)) is sees


def test_a_whole_trail_is_whole(workspace: TestWorkspace, sfactl: Run) -> None:
    _some_events(workspace, sfactl)

    result = sfactl("audit", "verify", "-o", "json", workspace=workspace)
    found = json.loads(result.out)
    again = sfactl("audit", "verify", "--head", found["head"], "-o", "json", workspace=workspace)
    _some_events(workspace, sfactl)
    later = sfactl("audit", "verify", "--head", found["head"], workspace=workspace, as_="aldo")

    assert (result.code, again.code, later.code) == (0, 0, 0)
    assert found["breaks"] == []
    assert found["events"] == int(found["head"].partition(":")[0])


@pytest.mark.parametrize("login", ["mike", "sam", "nils"])
def test_only_who_sees_the_whole_trail_can_verify_it(workspace: TestWorkspace, sfactl: Run, login: str) -> None:
    assert sfactl("audit", "verify", workspace=workspace, as_=login).code == 4


@pytest.mark.parametrize("head", ["", "x", "3", "3:", "3:zz", f"x:{trail.GENESIS}", f"-1:{trail.GENESIS}"])
def test_a_head_that_is_none_is_refused(sqlite_workspace: TestWorkspace, sfactl: Run, head: str) -> None:
    result = sfactl("audit", "verify", "--head", head, workspace=sqlite_workspace)

    assert result.code == (0 if head == "" else 2)


def _rewritten(raw: Any, until: int) -> None:
    """The whole chain made again, without the last events, by somebody who can write the file."""
    columns = ("seq", "at", "user_id", "actor_id", "action", "entity", "territory_id", "run_key", "details")
    previous = trail.GENESIS
    for values in raw(f"SELECT {', '.join(columns)} FROM audit_event ORDER BY seq").fetchall():
        row = dict(zip(columns, values, strict=True))
        if row["seq"] == 1:
            row["at"] = "2020-01-01T00:00:00.000000Z"
        linked, previous = previous, trail.chained_hash(previous, row)
        raw(
            "UPDATE audit_event SET at = ?, previous_hash = ?, hash = ? WHERE seq = ?",
            (row["at"], linked, previous, row["seq"]),
        )
        if row["seq"] == until:
            break
    raw("DELETE FROM audit_event WHERE seq > ?", (until,))
    raw("DELETE FROM audit_detail WHERE seq > ?", (until,))
    raw("UPDATE audit_head SET seq = ?, hash = ?", (until, previous))


# case 114
@pytest.mark.parametrize("cut", [0, 1, 3])
def test_a_rewritten_or_cut_trail_is_found_with_the_head_that_was_kept(
    sqlite_workspace: TestWorkspace, sfactl: Run, cut: int
) -> None:
    _some_events(sqlite_workspace, sfactl)
    found = json.loads(sfactl("audit", "verify", "-o", "json", workspace=sqlite_workspace).out)
    with system(sqlite_workspace) as run:
        run("PRAGMA foreign_keys=OFF")
        for name in TRIGGERS:
            run(f"DROP TRIGGER guard_{name}")
        _rewritten(run, found["events"] - cut)

    alone = sfactl("audit", "verify", workspace=sqlite_workspace)
    anchored = sfactl("audit", "verify", "--head", found["head"], workspace=sqlite_workspace)

    assert alone.code == 0, "whoever can write the whole file can make a whole chain"
    assert anchored.code == 1
    assert "rewritten" in anchored.out or "cut off" in anchored.out


# case 114
def test_every_random_edit_is_noticed(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    _some_events(sqlite_workspace, sfactl)
    from sfactl.services import audit

    rnd, unnoticed = random.Random(114), []
    with sqlite_workspace.door().read() as session:
        rows = [dict(row._mapping) for row in session.execute(audit._events().order_by(audit.t.audit_event.c.seq))]
    head = (rows[-1]["seq"], rows[-1]["hash"])
    assert _breaks(rows, head) == []

    for _turn in range(times(10_000)):
        edited, how = _edited([dict(row) for row in rows], rnd)
        if not _breaks(edited, head):
            unnoticed.append(how)

    assert unnoticed == []


def _breaks(rows: list[dict[str, Any]], head: tuple[int, str]) -> list[Any]:
    from sfactl.services import audit

    chain = audit._Chain(None)
    found = [broken for row in rows for broken in chain._link(dict(row))]
    found += chain._unexplained()
    return found + ([] if (chain.count, chain.previous) == head else ["the head"])


def _edited(rows: list[dict[str, Any]], rnd: random.Random) -> tuple[list[dict[str, Any]], str]:
    at = rnd.randrange(len(rows))
    other = rnd.choice([index for index in range(len(rows)) if index != at])
    how = rnd.choice(("edit", "delete", "swap", "insert", "renumber", "cut", "detail", "empty", "key"))
    if how == "edit":
        column = rnd.choice(("user_id", "actor_id", "action", "entity", "territory_id", "run_key", "details", "hash"))
        rows[at][column] = 99 if column.endswith("_id") else "x"
    elif how == "delete":
        del rows[at]
    elif how == "swap":
        rows[at], rows[other] = rows[other], rows[at]
        if rnd.random() < 0.5:
            rows[at]["seq"], rows[other]["seq"] = rows[other]["seq"], rows[at]["seq"]
    elif how == "insert":
        rows.insert(at, {**rows[other], "seq": rows[at]["seq"]})
    elif how == "renumber":
        rows[at]["seq"] += rnd.choice((1, 7, 1000))
    elif how == "cut":
        rows = rows[:at] if at else rows[:1]
    elif how == "detail":
        rows[at]["content"] = rows[at]["content"].replace("a", "b", 1) + " "
    elif how == "empty":
        rows[at].update(content=None, salt=None, key=None)
    else:
        rows[at]["key"] = "another"
    return rows, f"{how} {at} {other}"


# Erasure. case 118


def test_a_contact_is_erased_and_the_trail_still_holds(workspace: TestWorkspace, sfactl: Run) -> None:
    sfactl("access", "revoke", "sam", "account_manager", "--reason", "Carla Core asked", workspace=workspace)
    head = json.loads(sfactl("audit", "verify", "-o", "json", workspace=workspace).out)["head"]

    done = sfactl("contact", "erase", "Carla Core", "--account", "A-SW1", "--yes", workspace=workspace)

    assert done.code == 0
    assert "also in 1 event" in done.err
    _is_gone(workspace, "Carla", "carla@adobe.example", "+1 602 555 0100")
    verified = sfactl("audit", "verify", "--head", head, "-o", "json", workspace=workspace)
    assert verified.code == 0
    assert json.loads(verified.out)["erased"] == 1
    assert sfactl("contact", "erase", "Carla Core", "--account", "A-SW1", "--yes", workspace=workspace).code == 3


def test_somebody_who_left_is_erased_and_what_he_did_stays(
    workspace: TestWorkspace, sfactl: Run, tmp_path: Path
) -> None:
    sfactl("user", "add", "zora", "--name", "Zora Zeal", "--email", "zora@x.example", workspace=workspace)
    file = tmp_path / "home.csv"
    file.write_text("login,name,latitude,longitude\nzora,Zora Zeal,33.717171,-11.616161\n", encoding="utf-8")
    assert sfactl("import", "user", str(file), workspace=workspace).code == 0
    early = sfactl("user", "erase", "zora", "--yes", workspace=workspace)
    sfactl("user", "deactivate", "zora", "--yes", workspace=workspace)

    done = sfactl("user", "erase", "zora", "--yes", "--reason", "asked", workspace=workspace)

    assert early.code == 5
    assert done.code == 0
    _is_gone(workspace, "zora", "Zora Zeal", "zora@x.example", "33717171", "11616161")
    assert sfactl("audit", "verify", workspace=workspace).code == 0
    assert sfactl("db", "check", workspace=workspace).code == 0


def _is_gone(workspace: TestWorkspace, *values: str) -> None:
    from tests.db.company import world_of

    world = repr(world_of(workspace)).lower()
    assert [value for value in values if value.lower() in world] == []


def test_texts_that_still_tell_are_named(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    with system(sqlite_workspace) as run:
        run("UPDATE activity SET note = 'met carla core at the fair' WHERE id = 1")

    done = sfactl(
        "contact", "erase", "Carla Core", "--account", "A-SW1", "--yes", "-o", "json", workspace=sqlite_workspace
    )

    assert done.code == 7
    assert done.rows == [{"table": "activity", "row": "1", "column": "note"}]


@pytest.mark.parametrize("login", ["olga", "mike", "sam", "aldo"])
def test_only_administrators_erase(workspace: TestWorkspace, sfactl: Run, login: str) -> None:
    result = sfactl("contact", "erase", "Carla Core", "--account", "A-SW1", "--yes", workspace=workspace, as_=login)

    assert result.code == 4
    assert system_rows(workspace, "SELECT count(*) FROM contact") == [(3,)]


def test_a_login_of_two_letters_is_erased_too_and_so_is_how_the_system_knew_it(
    workspace: TestWorkspace, sfactl: Run
) -> None:
    sfactl("user", "add", "bo", "--name", "Bo Zz", workspace=workspace)
    sfactl("user", "map", "bo", "t_bozz_account", workspace=workspace)
    sfactl("user", "deactivate", "bo", "--yes", workspace=workspace)

    named = sfactl("user", "erase", "bo", "--yes", "--reason", "asked by Bo Zz", workspace=workspace)
    done = sfactl("user", "erase", "bo", "--yes", "--reason", "asked", workspace=workspace)

    assert named.code == 2
    assert done.code == 0
    _is_gone(workspace, "Bo Zz", "t_bozz_account", '"bo"', "'bo'")
    assert sfactl("audit", "verify", workspace=workspace).code == 0


@pytest.mark.parametrize(
    "edit",
    [
        "DELETE FROM audit_head", "UPDATE audit_event SET at = 'garbage' WHERE seq = 2",
        "DELETE FROM audit_event; DELETE FROM audit_detail; UPDATE audit_head SET seq = 0",
    ],
)  # fmt: skip
def test_a_trail_in_pieces_is_found_so_and_not_stumbled_over(
    sqlite_workspace: TestWorkspace, sfactl: Run, edit: str
) -> None:
    with system(sqlite_workspace) as run:
        run("PRAGMA foreign_keys=OFF")
        for name in TRIGGERS:
            run(f"DROP TRIGGER guard_{name}")
        for statement in edit.split("; "):
            run(statement)

    result = sfactl("audit", "verify", workspace=sqlite_workspace)

    assert result.code == 1
    assert "broken" in result.err
    assert "Traceback" not in result.err


def test_a_number_that_no_event_can_have_is_refused(sqlite_workspace: TestWorkspace, sfactl: Run) -> None:
    assert sfactl("audit", "show", "9" * 20, workspace=sqlite_workspace).code == 2


# case 117
def test_a_head_that_somebody_moved_stops_nobody_with_a_traceback(
    postgres_workspace: TestWorkspace, sfactl: Run
) -> None:
    import psycopg

    sam = postgres_workspace.door("sam").url.conninfo
    with psycopg.connect(sam, autocommit=True) as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute("UPDATE audit_head SET seq = 9223372036854775807")

    done = sfactl("quota", "set", "-u", "sam", "-p", "2026Q3", "--amount", "1", workspace=postgres_workspace)

    assert done.code == 0
