"""The demo company's screens as pictures in text: what stands there, and in which colours."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rich.cells import cell_len
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text
from textual.color import Color as Shade
from textual.geometry import Region
from textual.strip import Strip

from sfactl.db.session import Door
from sfactl.db.url import DatabaseUrl
from sfactl.services import demo, moves, moving_along, plan_doing
from sfactl.services.narrowing import AccountFilter
from sfactl.services.plan_making import Order
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.widgets.card_board import CardBoard
from sfactl.tui.widgets.fact_sheet import FactSheet
from sfactl.tui.widgets.record_grid import RecordGrid
from tests.tui.seeing import Person, person_at

DAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
SIZES = ((80, 24), (120, 40), (200, 60))
THEMES = ("sfactl-dark", "sfactl-light")
PLAIN = {"sfactl-contrast": 4.5, "sfactl-safe": 3}
"""Those for whoever sees less, with how much all text differs at least from what it stands on; no picture of them is kept."""
ALL_ROWS = (*["pagedown"] * 9, "home")
"""Columns are as wide as the rows that were read: here, all of them."""
MANAGER, SELLER, DIRECTOR = "rvega", "lbegay", "ehalvorsen"


@dataclass(frozen=True)
class Walk:
    """Who is at the keyboard, the screen he begins with, and the keys he presses."""

    person: str
    opening: str = "pipeline"
    keys: tuple[str, ...] = ()
    is_first: bool = False
    "Whether he comes for the first time."
    leave: tuple[str, ...] = ()
    "Keys that take the others back, where a change of colours does not reach what they opened."


WALKS: Mapping[str, Walk] = {
    "welcome": Walk(MANAGER, is_first=True),
    "pipeline": Walk(MANAGER, keys=("right",)),
    "stages": Walk(MANAGER, keys=("v", "right")),
    "forecast": Walk(MANAGER, keys=("c", "ctrl+s")),
    "gate": Walk(SELLER, "opportunities", ("down", "down", "down", "greater_than_sign", "enter")),
    "move": Walk(SELLER, "opportunities", ("down", "greater_than_sign")),
    "opportunities": Walk(SELLER, "opportunities", (*ALL_ROWS, "down")),
    "groups": Walk(SELLER, "opportunities", (*ALL_ROWS, "g")),
    "opportunity": Walk(SELLER, "opportunities", ("enter",)),
    "accounts": Walk(SELLER, "accounts", (*ALL_ROWS, "down")),
    "account": Walk(SELLER, "accounts", ("down", "enter")),
    "log": Walk(SELLER, "accounts", ("l",)),
    "territories": Walk(DIRECTOR, "territories", ("end", "up")),
    "quotas": Walk(MANAGER, "quotas", ("down",)),
    "activities": Walk(SELLER, "activities", ("down",)),
    "inbox": Walk(MANAGER, "inbox"),
    "quote": Walk(MANAGER, "inbox", ("enter",)),
    "answer": Walk(MANAGER, "inbox", ("x",)),
    "plans": Walk(MANAGER, "plans"),
    "help": Walk(MANAGER, keys=("question_mark",)),
    "palette": Walk(SELLER, keys=("ctrl+p", "c", "o", "l", "d"), leave=("escape",)),
}


_SIGN = re.compile(r"^[!✓●✗]|^[-+][0-9.,]+%?$|\+$")
_WORDS = {"scheduled"}
"""What is coloured, and says itself what the colour says."""


def by_colour_alone(person: Person) -> list[str]:
    """Rows of lists, sheets and cards in which something is coloured and nothing else says so."""
    found: list[tuple[Cell, ...]] = []
    for screen in person.app.screen_stack:
        for grid in screen.query(RecordGrid):
            found += [grid.row_at(index).cells for index in range(min(grid.count, 200))]
        for sheet in screen.query(FactSheet):
            found += [
                row for body in sheet.children for section in getattr(body, "sections", ()) for row in section.rows
            ]
        for board in screen.query(CardBoard):
            found += [line for lane in board._lanes for card in lane.cards for line in card.lines]
    told = (Tone.WARNING, Tone.GOOD)
    return [
        " | ".join(cell.text for cell in row) for row in found
        if any(cell.tone in told and cell.text for cell in row)
        and not any(_SIGN.search(cell.text) or cell.text in _WORDS for cell in row)
    ]  # fmt: skip


def make_company(folder: Path) -> DatabaseUrl:
    """The demo company as it is on the day of the pictures; an account went from one seller to another."""
    where = demo.create(folder, today=DAY).url
    request = moves.Request(AccountFilter(where="code = ACC-0002"), "nhartley", None, False, moving_along.Along())
    with patch("sfactl.services.plan_making.new_key", lambda now: f"{now:%Y%m%dT%H%M%S}-4e1c70b2"):
        order = Order("assignment move", moves.lines, request, DAY, "She knows the trade")
        plan_doing.carry_out(Door(where, as_user=MANAGER, now=NOW, today=DAY), order)
    return where


def at(where: DatabaseUrl, walk: Walk, settings_path: Path) -> AbstractAsyncContextManager[Person]:
    """The screens as its person sees them, in the smallest of the sizes."""
    door = Door(where, as_user=walk.person, now=NOW, today=DAY)
    path = settings_path if walk.is_first else None
    return person_at(door, *SIZES[0], opening=walk.opening, clock=lambda: NOW, settings_path=path)


@dataclass(frozen=True)
class Picture:
    """A screen as rows of runs: a text and its style."""

    rows: tuple[tuple[tuple[str, Style], ...], ...]

    @classmethod
    def of(cls, person: Person) -> Picture:
        """What a person is meant to read: what a sheet or a form leaves of the screen below it is left out."""
        screen = person.app.screen
        regions = _regions(screen.children) or _regions(screen.walk_children()) if screen.is_modal else [screen.region]
        strips = screen._compositor.render_strips()
        return cls(tuple(tuple(_shown(strip, line, regions)) for line, strip in enumerate(strips)))

    def text(self) -> str:
        """The words alone."""
        return "\n".join("".join(text for text, _style in row).rstrip() for row in self.rows) + "\n"

    def svg(self, title: str) -> str:
        """The picture for the eye."""
        width = max(sum(cell_len(text) for text, _style in row) for row in self.rows)
        console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor")
        for row in self.rows:
            console.print(Text.assemble(*row), no_wrap=True, crop=True)
        return console.export_svg(title=title)

    def colours(self) -> str:
        """The colours alone: each style has a letter, and a row says which letter holds for how many columns."""
        letters: dict[str, str] = {}
        rows = []
        for row in self.rows:
            signs = [(letters.setdefault(_named(style), _letter(len(letters))), cell_len(text)) for text, style in row]
            runs = (
                (sign, sum(width for _sign, width in run)) for sign, run in groupby(signs, key=lambda each: each[0])
            )
            rows.append(" ".join(f"{sign}{width}" for sign, width in runs))
        return "\n".join([*_numbered(rows), "", *(f"{sign} {named}" for named, sign in letters.items())]) + "\n"

    def dim(self, least: float = 3) -> list[str]:
        """Words whose colour differs too little from what they stand on, by the measure of WCAG 2.2 (3:1, text 4.5:1)."""
        return [
            f"{text.strip()!r} {_named(style)}"
            for row in self.rows
            for text, style in row
            if any(each.isalnum() for each in text) and _contrast(style) < least
        ]


def _regions(widgets: Iterable[Any]) -> list[Region]:
    """Where these are, as far as they are seen."""
    return [each.region for each in widgets if each.display and each.visible and each.region]


def _shown(strip: Strip, line: int, regions: Sequence[Region]) -> Iterator[tuple[str, Style]]:
    column = 0
    for part in strip:
        width = cell_len(part.text)
        is_shown = any(region.contains(column, line) for region in regions)
        yield (part.text, part.style or Style()) if is_shown else (" " * width, Style())
        column += width


def _letter(number: int) -> str:
    return chr(ord("a") + number) if number < 26 else chr(ord("A") + number - 26)


def _numbered(rows: Iterable[str]) -> Iterable[str]:
    """Rows that are alike, told once."""
    line = 1
    for row, same in groupby(rows):
        count = len(list(same))
        yield f"{line}{f'-{line + count - 1}' if count > 1 else ''}: {row}"
        line += count


def _named(style: Style) -> str:
    marks = [name for name in ("bold", "dim", "italic", "underline", "reverse", "strike") if getattr(style, name)]
    return " ".join([_colour(style.color), "on", _colour(style.bgcolor), *marks])


def _colour(color: Color | None) -> str:
    return "-" if color is None else Shade.from_rich_color(color).hex.lower()


def _contrast(style: Style) -> float:
    if style.color is None or style.bgcolor is None:
        return 21.0
    ink, paper = Shade.from_rich_color(style.color), Shade.from_rich_color(style.bgcolor)
    lighter, darker = sorted((_luminance(ink), _luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Shade) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
