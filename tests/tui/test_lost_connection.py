"""A server whose connection is lost while a form is open: it is told, nothing typed is lost, and the same form then saves."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from sfactl.db import url
from sfactl.db.session import Door
from tests import organisation
from tests.postgres import PostgresServer
from tests.tui.seeing import Person, person_at
from tests.wire import Wire
from tests.workspace import TestWorkspace, role_of, system_rows

KEPT = "SELECT count(*) FROM activity WHERE subject = 'They want it by June'"


@pytest.fixture
def wire(postgres_server: PostgresServer) -> Iterator[Wire]:
    made = Wire(str(postgres_server.sockets))
    yield made
    made.close()


def door_over(wire: Wire, workspace: TestWorkspace) -> Door:
    """The seller's way to the data, over the wire."""
    name = workspace.system_url.conninfo.partition("?")[0].rpartition("/")[2]
    there = url.parse(f"postgresql+psycopg://{role_of(workspace.worker, 'sam')}@127.0.0.1:{wire.port}/{name}")
    return Door(there, now=organisation.NOW, today=organisation.TODAY)


async def type_a_call(person: Person) -> None:
    await person.press("slash")
    await person.types("adobe")
    await person.press("enter", "l")
    await person.types("They want it by June")


async def test_a_commit_that_does_not_arrive_is_told_and_the_same_form_then_saves(
    postgres_workspace: TestWorkspace, wire: Wire
) -> None:
    async with person_at(door_over(wire, postgres_workspace), 120, 40, opening="accounts") as person:
        await type_a_call(person)
        wire.cut = "request"
        refused = await person.press("ctrl+s")
        before = system_rows(postgres_workspace, KEPT)
        saved = await person.press("ctrl+s")

    assert "Not done:" in refused and "They want it by June" in refused
    assert before == [(0,)]
    assert "Kept: call" in saved and system_rows(postgres_workspace, KEPT) == [(1,)]


async def test_a_commit_whose_answer_is_lost_is_found_to_be_done_and_is_done_once(
    postgres_workspace: TestWorkspace, wire: Wire
) -> None:
    async with person_at(door_over(wire, postgres_workspace), 120, 40, opening="accounts") as person:
        await type_a_call(person)
        wire.cut = "answer"
        saved = await person.press("ctrl+s")

    assert "Kept: call" in saved and system_rows(postgres_workspace, KEPT) == [(1,)]


async def test_a_server_that_ends_all_connections_while_a_form_is_open_is_found_again(
    postgres_workspace: TestWorkspace,
) -> None:
    async with person_at(postgres_workspace.door("sam"), 120, 40, opening="accounts", is_live=True) as person:
        await type_a_call(person)
        with psycopg.connect(postgres_workspace.system_url.conninfo, autocommit=True) as server:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        seen = person.sees()
        saved = await person.press("ctrl+s")

    assert "They want it by June" in seen
    assert "Kept: call" in saved and system_rows(postgres_workspace, KEPT) == [(1,)]
