"""Whole screens as files to look at.

Rewrite them with `SFACTL_GOLDEN=write pytest tests/tui/test_pictures.py`, and read the difference.
"""

import os
from pathlib import Path

import pytest

from sfactl.db.session import Door
from tests.tui.seeing import person_at

GOLDEN = Path(__file__).parent.parent / "golden" / "tui"

PICTURES = {
    "pipeline_80x24": (80, 24, ["right"]),
    "pipeline_200x60": (200, 60, ["right", "right"]),
    "opportunity_80x24": (80, 24, ["right", "enter"]),
    "territories_80x24": (80, 24, ["4"]),
    "territories_120x40": (120, 40, ["4", "end", "up"]),
    "territories_200x60": (200, 60, ["4", "p"]),
    "board_120x40": (120, 40, ["right"]),
    "opportunities_80x24": (80, 24, ["2"]),
    "opportunities_200x60": (200, 60, ["2", "g", "down"]),
    "accounts_80x24": (80, 24, ["3"]),
    "accounts_120x40": (120, 40, ["3", "down"]),
    "quotas_120x40": (120, 40, ["5", "b", "b"]),
    "activities_80x24": (80, 24, ["6"]),
    "gate_80x24": (80, 24, ["2", "greater_than_sign"]),
    "log_80x24": (80, 24, ["3", "l"]),
    "help_100x40": (100, 40, ["question_mark"]),
    "pipeline_20x5": (20, 5, []),
}


@pytest.mark.parametrize("name", PICTURES)
async def test_a_screen_looks_as_before(name: str, door: Door) -> None:
    width, height, keys = PICTURES[name]

    async with person_at(door, width, height) as person:
        await person.press(*keys)
        text = person.sees() + "\n"

    path = GOLDEN / f"{name}.txt"
    if os.environ.get("SFACTL_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
