"""How wide each column of a terminal table is, and which columns stand together when they do not fit in one line.

Only text is cut. Headers fold at their blanks. What does not fit then is shown in a second band of the same rows,
which starts with the columns that name them.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sfactl.render.columns import Column, Kind

GAP: Final = 2
"""Blanks between two columns."""
_LEAST_TEXT: Final = 8
_LEAST_CODE: Final = 20
_LEAST_FOLDED: Final = 20
_LEAST: Final = {Kind.TEXT: _LEAST_TEXT, Kind.CODE: _LEAST_CODE}


def width_of(text: str) -> int:
    """How many cells of a terminal the text takes: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def clipped(text: str, width: int, ellipsis: str) -> str:
    """The text in at most `width` cells; what is cut ends in the ellipsis."""
    if width_of(text) <= width:
        return text
    room = max(width - len(ellipsis), 0)
    used = 0
    for index, character in enumerate(text):
        used += _width(character)
        if used > room:
            return text[:index] + ellipsis[:width]
    return text


def padded(text: str, width: int, *, right: bool = False) -> str:
    """The text with blanks up to `width` cells."""
    blanks = " " * max(width - width_of(text), 0)
    return blanks + text if right else text + blanks


def folded(header: str, width: int) -> list[str]:
    """The header in lines of at most `width` cells, as far as its words allow."""
    lines: list[str] = []
    for word in header.split():
        if lines and width_of(lines[-1]) + 1 + width_of(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines or [""]


@dataclass(frozen=True, slots=True)
class Measure:
    """What one column needs, in cells."""

    natural: int
    """For all of it in one line."""
    folded: int
    """For its cells whole, and its header in several lines."""
    least: int
    """For its numbers whole, and its text cut."""


def measure(column: Column, header: str, cells: Sequence[str]) -> Measure:
    """What the column needs with this header and these cells."""
    content = max(map(width_of, cells), default=0)
    word = max(map(width_of, header.split()), default=0)
    fold = max(content, word)
    room = _LEAST_FOLDED if column.is_folded else _LEAST.get(column.kind, fold)
    least = min(fold, max(room, word))
    return Measure(max(content, width_of(header)), fold, least)


def total(widths: Sequence[int]) -> int:
    """The cells of a line with columns of these widths."""
    return sum(widths) + GAP * (len(widths) - 1)


def bands(columns: Sequence[Column], measures: Sequence[Measure], width: int | None) -> list[list[int]]:
    """The indexes of the columns that stand together in each band: one band when all fit, else as few as possible.

    Each band starts with the columns that name the row, two at most, of which the first may be its number; bands are about
    equally wide.
    """
    least = [m.least for m in measures]
    if width is None or total(least) <= width:
        return [list(range(len(columns)))]
    names = _naming(columns)
    fewest = _filled_to(width, least, names)
    for narrower in range(total(least) // len(fewest), width):
        found = _filled_to(narrower, least, names)
        if len(found) == len(fewest):
            return found
    return fewest


def _filled_to(width: int, least: Sequence[int], names: Sequence[int]) -> list[list[int]]:
    found = [[*names]]
    for index in range(len(names), len(least)):
        if found[-1] == names or total([least[i] for i in (*found[-1], index)]) <= width:
            found[-1].append(index)
        else:
            found.append([*names, index])
    return found


def _naming(columns: Sequence[Column]) -> list[int]:
    names: list[int] = []
    for index, column in enumerate(columns[:2]):
        if column.kind not in _LEAST and not (index == 0 and column.kind is Kind.INTEGER):
            break
        names.append(index)
    return names


def fitted(measures: Sequence[Measure], width: int | None) -> list[int]:
    """The width of each column so that a line has at most `width` cells: headers fold first, then text is cut."""
    widths = [m.natural for m in measures]
    if width is None:
        return widths
    for floors in ([m.folded for m in measures], [m.least for m in measures]):
        _narrow(widths, floors, total(widths) - width)
    return widths


def _narrow(widths: list[int], floors: Sequence[int], excess: int) -> None:
    for _cell in range(max(excess, 0)):
        spare = [i for i in range(len(widths)) if widths[i] > floors[i]]
        if not spare:
            return
        widths[max(spare, key=lambda i: widths[i])] -= 1
