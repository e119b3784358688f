"""Drawings of numbers as SVG: nothing acts in them, nothing is asked for, and they read in black and white.

Each shape has a class, which a page colours for light and dark, and a colour of its own for everything else. Words in them are
escaped here; a table with the same numbers stands beside each drawing, so what a drawing leaves out is not lost.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from math import ceil, cos, floor, log10, radians
from typing import Final

from sfactl.core.text import safe
from sfactl.render.layout import clipped

WIDTH: Final = 480
"""A drawing is so many units wide, and a unit about a pixel."""
MOST_BARS: Final = 20
"""What has room beside a title on one page; the table has all."""
_ROW, _BAR, _LABEL, _TEXT = 22, 14, 128, 78
_LETTER: Final = 7.5
"""So many units a character of a label takes."""
_LETTERS: Final = 21
"""What a label has room for."""
_MAP: Final = 300
"""A map is so high."""
_MAP_ROOM: Final = WIDTH - _TEXT - 58 - 24
"""Its points lie within so much of the width; beside them stands whose they are."""
DEGREE_KM: Final = 111.195
"""A degree of latitude, on a globe of 6,371 km."""
_CIRCLE, _SQUARE, _UP = "m-3.5,0 a3.5,3.5 0 1,0 7,0 a3.5,3.5 0 1,0 -7,0", "m-3,-3 h6 v6 h-6 z", "m0,-4 l4,7 h-8 z"
_DIAMOND, _DOWN, _FLAT = "m0,-4 l4,4 l-4,4 l-4,-4 z", "m0,4 l4,-7 h-8 z", "m-4,-2 h8 v4 h-8 z"
_MARKS: Final = tuple(shape for shape in (_CIRCLE, _SQUARE, _UP, _DIAMOND, _DOWN, _FLAT) for _fill in range(2))
"""Each shape twice, full and hollow."""
_COLOURS: Final = {
    "ink": 'fill="#1b1f24"', "quiet": 'fill="#5b6470"', "bar": 'fill="#3b6ea5"', "done": 'fill="#2f7d5b"',
    "track": 'fill="#e6eaef"', "rule": 'stroke="#d5dae1"', "mark": 'stroke="#1b1f24"', "first": 'stroke="#3b6ea5"',
    "second": 'stroke="#8a929c"', "dot": 'fill="#3b6ea5"',
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: how long it is, what is written beside it, and where it should end by now."""

    label: str
    value: Fraction | None
    text: str
    mark: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line over points of time; a point without a value is a gap."""

    name: str
    values: Sequence[Fraction | None]


@dataclass(frozen=True, slots=True)
class Trend:
    """How one thing went, and what is written beside it."""

    label: str
    values: Sequence[Fraction | None]
    text: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A point of a map, in degrees, and whose it is."""

    group: str
    longitude: Fraction
    latitude: Fraction
    is_home: bool = False
    "It is where the person is, and is named."


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a drawing to those who do not see it."""

    id: str
    title: str
    description: str


def bars(rows: Sequence[Bar], words: Words, *, goal: Fraction | None = None, is_mean: bool = False) -> str:
    """A bar a row, from the left; with a goal, a line where it is reached, and another colour for bars that do.

    Args:
        is_mean: the goal is a mean, and nobody is better for being above it.
    """
    shown = rows[:MOST_BARS]
    reach = _longest([*(row.value for row in shown), *(row.mark for row in shown), goal])
    room = WIDTH - _LABEL - _TEXT
    shapes = []
    for place, row in enumerate(shown):
        top = place * _ROW + (_ROW - _BAR) // 2
        shapes.append(_text(_LABEL - 8, top + 11, row.label, "ink", anchor="end"))
        shapes.append(_rect(_LABEL, top, room, _BAR, "track"))
        length = _part(row.value, reach, room)
        is_done = goal is not None and not is_mean and row.value is not None and row.value >= goal
        kind = "done" if is_done else "bar"
        shapes.append(_rect(_LABEL, top, length, _BAR, kind) if length else "")
        if row.mark is not None:
            at = _LABEL + _part(row.mark, reach, room)
            shapes.append(_stroke(at, top - 3, at, top + _BAR + 3, "mark", 2))
        shapes.append(_text(WIDTH - _TEXT + 8, top + 11, row.text, "ink"))
    height = len(shown) * _ROW
    if goal is not None and reach > 0:
        at = _LABEL + _part(goal, reach, room)
        shapes.append(_stroke(at, 0, at, height, "second", 1, dashes="3 3"))
    return _drawing(shapes, height, words)


def funnel(rows: Sequence[Bar], words: Words) -> str:
    """A bar a step, one below the other around a middle, so that each narrows what stands above it."""
    reach = _longest([row.value for row in rows])
    room, step = WIDTH - _LABEL - _TEXT - 30, 34
    shapes = []
    for place, row in enumerate(rows[:MOST_BARS]):
        length = _part(row.value, reach, room)
        shapes.append(_text(_LABEL - 8, place * step + 19, row.label, "ink", anchor="end"))
        shapes.append(_rect(_LABEL + (room - length) / 2, place * step + 3, max(length, 1), step - 6, "bar"))
        shapes.append(_text(_LABEL + room + 8, place * step + 19, row.text, "ink"))
    return _drawing(shapes, min(len(rows), MOST_BARS) * step, words)


def lines(points: Sequence[str], drawn: Sequence[Line], tick: Callable[[Fraction], str], words: Words) -> str:
    """Lines over time: the first one strong, with a dot a point, the others dashed.

    Args:
        points: what stands below each point.
        tick: a number of the scale in words.
    """
    left, right, top, bottom, height = 58, 12, 30, 26, 230
    low, high, step = _scale([value for line in drawn for value in line.values])
    span = high - low

    def x(place: int) -> float:
        return left + (WIDTH - left - right) * (place / (len(points) - 1) if len(points) > 1 else 0.5)

    def y(value: Fraction) -> float:
        return top + float((high - value) / span) * (height - top - bottom)

    shapes = _grid(low, high, step, y, tick, left, right)
    for place in _labelled(points, WIDTH - left - right):
        anchor = "middle" if place < len(points) - 1 or not place else "end"
        shapes.append(_text(x(place), height - 8, points[place], "quiet", anchor=anchor))
    for number, line in enumerate(drawn):
        shapes += _line(line, x, y, is_first=not number) + _legend(line.name, number, left)
    return _drawing(shapes, height, words)


def points(spots: Sequence[Spot], words: Words, *, home: str = "") -> str:
    """A map without coasts: each group has a mark of its own, the largest first; those that find none share a dot.

    Where people are is ringed and named, and below stands how long a distance is.

    Args:
        home: what a ring means.
    """
    sizes = Counter(spot.group for spot in spots if not spot.is_home)
    named = sorted(sizes, key=lambda group: (-sizes[group], group))[: len(_MARKS)]
    placed, scale = _projected(spots)
    shapes = [
        _mark(named.index(spot.group) if spot.group in named else len(_MARKS), x, y)
        for x, y, spot in placed
        if not spot.is_home
    ]
    homes = [(x, y, spot.group) for x, y, spot in placed if spot.is_home]
    for x, y, group in homes:
        shapes += _home(x, y, group if group in named or len(homes) <= len(_MARKS) else "")
    shapes += _legend_of_map([(group, sizes[group]) for group in named], home if homes else "")
    height = max(_MAP, (len(named) + 1) * 18 + 16)
    return _drawing([*shapes, *_ruler(scale, height + 12)], height + 24, words)


def _legend_of_map(groups: Sequence[tuple[str, int]], home: str) -> list[str]:
    left, shapes = WIDTH - _TEXT - 58, []
    for number, (group, size) in enumerate(groups):
        shapes += [
            _mark(number, left, 14 + number * 18),
            _text(left + 12, 18 + number * 18, f"{group} ({size})", "ink"),
        ]
    at = 14 + len(groups) * 18
    return [*shapes, *([_ring(left, at), _text(left + 12, at + 4, home, "quiet")] if home else [])]


def _home(x: float, y: float, name: str) -> list[str]:
    """Where somebody is, with his name to the left of it where there is no room to the right."""
    is_right = x > _MAP_ROOM * 0.75
    shift, anchor = (-9, "end") if is_right else (9, "start")
    return [_ring(x, y), *([_text(x + shift, y + 4, name, "ink", anchor=anchor)] if name else [])]


def _ring(x: float, y: float) -> str:
    return f'<circle class="mark" {_COLOURS["mark"]} fill="none" stroke-width="2" cx="{_n(x)}" cy="{_n(y)}" r="6"/>'


def _ruler(scale: float, y: float) -> list[str]:
    """A line as long as a round distance, of a third of the map at most.

    Args:
        scale: units a degree of latitude.
    """
    a_unit = DEGREE_KM / scale
    most = a_unit * _MAP_ROOM / 3
    size = 10.0 ** floor(log10(most))
    distance = next(step * size for step in (5, 2, 1) if step * size <= most)
    end = 10 + distance / a_unit
    ends = [_stroke(x, y - 4, x, y + 4, "mark", 1.5) for x in (10, end)]
    return [_stroke(10, y, end, y, "mark", 1.5), *ends, _text(end + 8, y + 4, f"{distance:g} km", "ink")]


def _projected(spots: Sequence[Spot]) -> tuple[list[tuple[float, float, Spot]], float]:
    """Where each spot lies, and how long a degree of latitude is; one of longitude is as long as it is at the middle of the map."""
    middle = sum(float(spot.latitude) for spot in spots) / max(len(spots), 1)
    at = [(float(spot.longitude) * cos(radians(middle)), -float(spot.latitude), spot) for spot in spots]
    west, north = min((x for x, _y, _s in at), default=0.0), min((y for _x, y, _s in at), default=0.0)
    wide = max((x - west for x, _y, _s in at), default=0.0)
    high = max((y - north for _x, y, _s in at), default=0.0)
    height = _MAP - 20
    scale = min(_MAP_ROOM / wide if wide else height, height / high if high else _MAP_ROOM)
    return [(10 + (x - west) * scale, 10 + (y - north) * scale, spot) for x, y, spot in at], scale


def _mark(number: int, x: float, y: float) -> str:
    """The mark of a group, told from the others without colour."""
    path = _MARKS[number] if number < len(_MARKS) else "m-1,0 h2"
    is_hollow = number % 2 == 1
    kind = 'fill="none"' if is_hollow else 'fill="#3b6ea5"'
    return f'<path class="{"hollow" if is_hollow else "dot"}" {kind} stroke="#3b6ea5" d="M{_n(x)},{_n(y)} {path}"/>'


def trends(rows: Sequence[Trend], words: Words) -> str:
    """A small line a row, each on its own scale: how it went, not how much it is; its last point is a dot."""
    step, room = 26, WIDTH - _LABEL - _TEXT
    shapes = []
    for place, row in enumerate(rows[:MOST_BARS]):
        top = place * step
        shapes.append(_text(_LABEL - 8, top + 17, row.label, "ink", anchor="end"))
        shapes.append(_stroke(_LABEL, top + step - 3, _LABEL + room, top + step - 3, "rule", 1))
        shapes += _sparkline(row.values, top + 4, room, step - 11)
        shapes.append(_text(WIDTH - _TEXT + 8, top + 17, row.text, "ink"))
    return _drawing(shapes, min(len(rows), MOST_BARS) * step, words)


def _sparkline(values: Sequence[Fraction | None], top: float, width: float, height: float) -> list[str]:
    known = [value for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (Fraction(0), Fraction(1))
    span = (high - low) or Fraction(1)
    at = [
        (_LABEL + 4 + (width - 8) * place / max(len(values) - 1, 1), top + float((high - value) / span) * height)
        for place, value in enumerate(values)
        if value is not None
    ]
    return ([_path(at, "first", 1.5)] if len(at) > 1 else []) + ([_dot(*at[-1])] if at else [])


def _longest(values: Sequence[Fraction | None]) -> Fraction:
    return max((value for value in values if value is not None and value > 0), default=Fraction(0))


def _part(value: Fraction | None, whole: Fraction, room: int) -> float:
    """How long a value is where the longest takes all the room."""
    if value is None or value <= 0 or whole <= 0:
        return 0.0
    return float(value / whole) * room


def _scale(values: Sequence[Fraction | None]) -> tuple[Fraction, Fraction, Fraction]:
    """From where to where a scale goes, and in which steps: three to six of 1, 2 or 5 times a power of ten."""
    known = [value for value in values if value is not None]
    low, high = min([*known, Fraction(0)]), max([*known, Fraction(0)])
    if low == high:
        high = low + 1
    size = Fraction(1)
    while size * 50 < high - low:
        size *= 10
    while size > high - low:
        size /= 10
    step = next(step for step in (size, 2 * size, 5 * size, 10 * size, 20 * size) if step * 6 >= high - low)
    return low // step * step, -(-high // step) * step, step


def _grid(
    low: Fraction, high: Fraction, step: Fraction, y: Callable[[Fraction], float], tick: Callable[[Fraction], str],
    left: int, right: int,
) -> list[str]:  # fmt: skip
    shapes, value = [], low
    while value <= high:
        shapes.append(_stroke(left, y(value), WIDTH - right, y(value), "rule", 1))
        shapes.append(_text(left - 6, y(value) + 4, tick(value), "quiet", anchor="end"))
        value += step
    return shapes


def _labelled(points: Sequence[str], width: float) -> list[int]:
    """Which points have room for their label: the last, which ends at its point, and each so many before it."""
    pitch = width / max(len(points) - 1, 1)
    longest = max(map(len, points), default=0) * _LETTER
    stride = max(ceil(longest * 1.5 / pitch), 1)
    return list(range(len(points) - 1, -1, -stride))[::-1]


def _line(line: Line, x: Callable[[int], float], y: Callable[[Fraction], float], *, is_first: bool) -> list[str]:
    """Its stretches between gaps."""
    shapes: list[str] = []
    stretch: list[tuple[float, float]] = []
    for place, value in enumerate([*line.values, None]):
        if value is not None:
            stretch.append((x(place), y(value)))
            continue
        if len(stretch) > 1:
            shapes.append(_path(stretch, "first", 2.5) if is_first else _path(stretch, "second", 1.5, dashes="5 4"))
        if is_first or len(stretch) == 1:
            shapes += [_dot(*point) for point in stretch]
        stretch = []
    return shapes


def _legend(name: str, number: int, left: int) -> list[str]:
    at = left + number * 190
    sample = _stroke(at, 12, at + 22, 12, "first" if not number else "second", 2.5 if not number else 1.5,
                     dashes=None if not number else "5 4")  # fmt: skip
    return [sample, _text(at + 28, 16, name, "ink")]


def _drawing(shapes: Sequence[str], height: int, words: Words) -> str:
    name = escape(words.id)
    inside = "\n".join(shape for shape in shapes if shape)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {max(height, 1)}" width="{WIDTH}"'
        f' height="{max(height, 1)}" role="img" aria-labelledby="{name}-title {name}-desc" font-family="Libertinus Serif,'
        f' system-ui, sans-serif" font-size="12">\n<title id="{name}-title">{_said(words.title)}</title>\n'
        f'<desc id="{name}-desc">{_said(words.description)}</desc>\n{inside}\n</svg>\n'
    )


def _said(text: str) -> str:
    return escape(safe(text, 1000))


def _text(x: float, y: float, text: str, kind: str, *, anchor: str = "start") -> str:
    shown = escape(clipped(safe(text), _LETTERS, "…"))
    return f'<text class="{kind}" {_COLOURS[kind]} x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">{shown}</text>'


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" {_COLOURS[kind]} x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="2"/>'


def _stroke(x: float, y: float, to_x: float, to_y: float, kind: str, width: float, *, dashes: str | None = None) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line class="{kind}" {_COLOURS[kind]} x1="{_n(x)}" y1="{_n(y)}" x2="{_n(to_x)}" y2="{_n(to_y)}"'
        f' stroke-width="{width}"{dashed}/>'
    )


def _path(points: Sequence[tuple[float, float]], kind: str, width: float, *, dashes: str | None = None) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    at = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
    return (
        f'<polyline class="{kind}" {_COLOURS[kind]} points="{at}" fill="none" stroke-width="{width}"'
        f' stroke-linejoin="round" stroke-linecap="round"{dashed}/>'
    )


def _dot(x: float, y: float) -> str:
    return f'<circle class="dot" {_COLOURS["dot"]} cx="{_n(x)}" cy="{_n(y)}" r="3"/>'


def _n(number: float) -> str:
    """A coordinate to a tenth of a unit."""
    return f"{number:.1f}".removesuffix(".0")
