"""What others change appears by itself, on both databases; a lost connection is told, and comes back."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest

from sfactl.db import watch
from sfactl.db.session import Door
from sfactl.services import activities, opportunity_editing
from sfactl.services.activities import NewActivity
from sfactl.services.opportunity_editing import Edit
from tests.tui.seeing import SOON_S, person_at, until
from tests.workspace import TestWorkspace


async def test_a_change_of_somebody_else_appears_and_leaves_cursor_and_typing_alone(workspace: TestWorkspace) -> None:
    async with person_at(workspace.door("sam"), 140, 40, opening="opportunities", is_live=True) as person:
        await person.press("down")
        before = person.line("▸")
        await person.press("slash")
        await person.pilot.press("p", "u", "m")
        await person.pilot.pause(1)
        await asyncio.to_thread(
            workspace.door("sam").write, opportunity_editing.edit, "OPP-1", Edit(next_step="Somebody wrote this")
        )
        seen = await until(person, lambda text: "Somebody wrote this" in text)

    assert "pum" in seen and before


async def test_a_form_is_left_alone_while_others_change_what_lies_under_it(workspace: TestWorkspace) -> None:
    async with person_at(workspace.door("sam"), 140, 40, opening="accounts", is_live=True) as person:
        await person.press("l")
        await person.types("half a sent")
        await asyncio.to_thread(
            workspace.door("sam").write, activities.log, NewActivity("call", "Another one", account="A-SW2")
        )
        await person.pilot.pause(1.5)

        assert "half a sent" in person.sees() and "Log an activity" in person.sees()


def test_the_watcher_tells_of_each_commit_and_of_nothing_else(workspace: TestWorkspace) -> None:
    stop, beats = threading.Event(), []

    def listen() -> None:
        beats.extend(type(beat).__name__ for beat in watch.changes(workspace.door("sam").url, stop))

    thread = threading.Thread(target=listen)
    thread.start()
    time.sleep(1.5)
    with workspace.door("sam").read() as session:
        activities.find(session, activities.Filter())
    time.sleep(1.2)
    quiet = list(beats)
    workspace.door("sam").write(activities.log, NewActivity("call", "One", account="A-SW1"))
    deadline = time.monotonic() + SOON_S
    while not beats and time.monotonic() < deadline:
        time.sleep(0.1)
    stop.set()
    thread.join()

    assert quiet == [] and set(beats) == {"Changed"}


async def test_a_lost_file_is_said_in_the_title_until_it_is_back(path: Path, door: Door) -> None:
    away = path.with_suffix(".away")
    async with person_at(door, 120, 30) as person:
        path.rename(away)
        [lost] = await asyncio.to_thread(_first_beats, door, 1)
        person.app.post_message(person.app.DataChanged(lost))  # type: ignore[attr-defined]
        said = await until(person, lambda text: "No connection" in text)
        away.rename(path)
        person.app.post_message(person.app.DataChanged(watch.Back()))  # type: ignore[attr-defined]
        await until(person, lambda text: "No connection" not in text)

    assert isinstance(lost, watch.Lost) and "There is no database" in lost.reason
    assert "Qualify" in said, "what was read stays"


def test_a_file_that_comes_back_is_told(path: Path, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "RETRY_S", 0.1)
    away = path.with_suffix(".away")
    path.rename(away)
    threading.Timer(0.5, lambda: away.rename(path)).start()

    beats = _first_beats(door, 30, until_back=True)

    assert isinstance(beats[0], watch.Lost) and isinstance(beats[-1], watch.Back)


def _first_beats(door: Door, most: int, *, until_back: bool = False) -> list[watch.Beat]:
    stop, found = threading.Event(), []
    for beat in watch.changes(door.url, stop):
        found.append(beat)
        if len(found) == most or (until_back and isinstance(beat, watch.Back)):
            stop.set()
    return found
