"""Each role sees in every screen, in the palette and in each search what is his, and nothing else."""

from __future__ import annotations

import pytest

from tests.tui.seeing import person_at
from tests.workspace import TestWorkspace

HIDDEN = {
    "sam": ("Drizzle Coffee", "A-NW1", "Elm Hospital", "A-NE1", "Gone Missing"),
    "mike": ("Elm Hospital", "A-NE1", "Fjord Shipping", "Gone Missing"),
}
"""Names of accounts that somebody must not meet anywhere."""
SCREENS = ("1", "2", "3", "4", "5", "6", "7", "8")


@pytest.mark.parametrize("login", HIDDEN)
async def test_nothing_outside_the_scope_is_in_any_screen_search_or_palette(
    workspace: TestWorkspace, login: str
) -> None:
    seen = []

    async with person_at(workspace.door(login), 200, 50) as person:
        for screen in SCREENS:
            seen.append(await person.press(screen))
        seen += [await person.press(key) for key in ("6", "m", "v", "v", "v", "v", "7", "v", "v")]
        await person.press("3", "slash")
        for words in ("coffee", "hospital", "missing", "A-N", "adobe", "owner:eve"):
            person.app.screen.query_one("FilterBar").value = words  # type: ignore[attr-defined]
            await person.pilot.pause(0.3)
            await person.settle()
            seen.append("\n".join(person.lines()[2:]))
        await person.press("escape")
        await person.pilot.press("ctrl+p", *"hosp")
        await person.pilot.pause(1)
        seen.append("\n".join(line for line in person.lines() if "hosp" not in line))

    everything = "\n".join(seen)
    assert not [name for name in HIDDEN[login] if name in everything]
    assert "Not done:" not in "".join(seen[: len(SCREENS)])


async def test_somebody_without_rights_is_told_so_in_every_screen(sqlite_workspace: TestWorkspace) -> None:
    async with person_at(sqlite_workspace.door("nils"), 120, 40) as person:
        for screen in ("1", "2", "3", "5"):
            assert "Your role does not allow this" in await person.press(screen)
        assert "Nobody waits for an answer of yours." in await person.press("7")
