"""A list of any length: its first rows come first, and only what changed is read and drawn again."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from sfactl import services
from sfactl.tui.screens import listing
from sfactl.tui.widgets.paged_grid import PagedGrid
from tests.tui.seeing import person_at, until
from tests.workspace import TestWorkspace


async def test_the_first_rows_stand_before_it_is_known_how_many_there_are(
    sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_count, real = threading.Event(), services.accounts.keys

    def slowly(session: Any, wanted: Any, sorts: Sequence[str] = ()) -> Sequence[int]:
        assert wanted.limit or may_count.wait(30)
        return real(session, wanted, sorts)

    monkeypatch.setattr(services.accounts, "keys", slowly)
    monkeypatch.setattr(listing, "FIRST", 2)
    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="activities") as person:
        await person.pilot.press("3")
        seen = await until(person, lambda text: "A-SW1" in text)
        grid = person.app.screen.query_one(PagedGrid)
        assert " accounts ·" not in seen and grid.count == 2
        await person.pilot.press("down")
        may_count.set()
        await person.settle()

        assert grid.count > 2 and f"{grid.count} accounts ·" in person.sees()
        assert person.line("▸") and grid.cursor == 1


async def test_a_list_that_fits_is_asked_for_once(
    sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = [], services.accounts.keys

    def counted(session: Any, wanted: Any, sorts: Sequence[str] = ()) -> Sequence[int]:
        asked.append(wanted.limit)
        return real(session, wanted, sorts)

    monkeypatch.setattr(services.accounts, "keys", counted)
    async with person_at(sqlite_workspace.door("sam"), 120, 40, opening="accounts") as person:
        await person.press("r")

    assert asked == [listing.FIRST, 0]  # what is read again is whole, so that the cursor may stand anywhere


async def test_a_step_that_scrolls_asks_for_no_rows_that_are_there(
    sqlite_workspace: TestWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = [], services.accounts.of_keys

    def counted(session: Any, ids: Any) -> Any:
        asked.append(len(list(ids)))
        return real(session, ids)

    monkeypatch.setattr(services.accounts, "of_keys", counted)
    async with person_at(sqlite_workspace.door("sam"), 120, 12, opening="accounts") as person:
        before = len(asked)
        await person.press(*["down"] * person.app.screen.query_one(PagedGrid).count)
        seen = person.line("▸")

    assert len(asked) == before and "…" not in seen.split("  ")
