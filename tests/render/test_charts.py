"""Drawings: what is long is long, nothing acts, and whoever does not see them is told."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.text import safe
from sfactl.render import charts
from sfactl.render.charts import WIDTH, Bar, Line, Spot, Trend, Words
from tests.hostile import HOSTILE, WEB

SVG = "{http://www.w3.org/2000/svg}"
WORDS = Words("c0", "Revenue", "Two of them.")
TAGS = {"svg", "title", "desc", "rect", "text", "line", "polyline", "circle", "path"}


def drawn(svg: str) -> ElementTree.Element:
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in TAGS
        assert not [name for name in element.attrib if name.startswith("on") or "href" in name or name == "style"]
    return root


def widths(root: ElementTree.Element, kind: str) -> list[float]:
    return [float(each.attrib["width"]) for each in root.iter(f"{SVG}rect") if each.attrib["class"] == kind]


def test_bars_are_as_long_as_their_shares_and_show_goal_and_pace() -> None:
    rows = [
        Bar("Ana", Fraction(3, 2), "150%", Fraction(1, 2)), Bar("Sam", Fraction(3, 4), "75%"), Bar("Eve", None, "–"),
        Bar("Leo", Fraction(-1, 4), "-25%"),
    ]  # fmt: skip
    root = drawn(charts.bars(rows, WORDS, goal=Fraction(1)))

    room = WIDTH - 128 - 78
    assert widths(root, "track") == [room] * 4
    assert (widths(root, "done"), widths(root, "bar")) == ([room], [room / 2])
    marks = [each for each in root.iter(f"{SVG}line") if each.attrib["class"] == "mark"]
    assert [float(each.attrib["x1"]) for each in marks] == pytest.approx([128 + room / 3], abs=0.06)
    goals = [each for each in root.iter(f"{SVG}line") if each.attrib["class"] == "second"]
    assert [float(each.attrib["x1"]) for each in goals] == pytest.approx([128 + room / 1.5], abs=0.06)


def test_a_drawing_says_what_it_is() -> None:
    root = drawn(charts.funnel([Bar("Qualify", Fraction(2), "2")], WORDS))

    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "c0-title c0-desc"
    assert [(each.attrib["id"], each.text) for each in root[:2]] == [
        ("c0-title", "Revenue"),
        ("c0-desc", "Two of them."),
    ]


def test_a_line_has_a_scale_of_round_numbers_and_gaps_where_nothing_is_known() -> None:
    values = [Fraction(1200), Fraction(2700), None, Fraction(4100)]
    root = drawn(charts.lines(["a", "b", "c", "d"], [Line("Now", values), Line("Before", values)], str, WORDS))

    ticks = [each.text for each in root.iter(f"{SVG}text") if each.attrib["class"] == "quiet"]
    assert ticks == ["0", "1000", "2000", "3000", "4000", "5000", "a", "b", "c", "d"]
    assert len(list(root.iter(f"{SVG}polyline"))) == 2
    assert len(list(root.iter(f"{SVG}circle"))) == 4


@given(st.lists(st.none() | st.fractions(-(10**12), 10**12), min_size=1, max_size=40))
def test_any_numbers_are_drawn_within_their_frame(values: list[Fraction | None]) -> None:
    points = [str(place) for place in range(len(values))]
    bars = [Bar(point, value, "x", value) for point, value in zip(points, values, strict=True)]
    for svg in (
        charts.lines(points, [Line("x", values)], str, WORDS), charts.bars(bars, WORDS, goal=Fraction(1)),
        charts.funnel(bars, WORDS), charts.trends([Trend("x", values, "y")], WORDS),
    ):  # fmt: skip
        root = drawn(svg)
        _x, _y, width, height = map(float, root.attrib["viewBox"].split())
        for element in root.iter():
            for name, value in element.attrib.items():
                if name in ("x", "x1", "x2", "cx"):
                    assert -0.1 <= float(value) <= width + 0.1
                if name in ("y1", "y2", "cy"):
                    assert -4 <= float(value) <= height + 4
        assert "nan" not in svg and "inf" not in svg


# case 83, case 87, case 98
@pytest.mark.parametrize("name", [*HOSTILE.values(), *WEB.values()])
def test_hostile_words_are_only_words(name: str) -> None:
    svg = charts.bars([Bar(name, Fraction(1), name)], Words(f"c{0}", name, name))

    root = drawn(svg)
    assert root[0].text in (safe(name, 1000), None)
    assert not re.search(r"<script|<!\[|<\?|&(?!amp;|lt;|gt;|quot;|#x27;)", svg)


def test_many_bars_are_not_all_drawn() -> None:
    rows = [Bar(str(n), Fraction(n), "x") for n in range(100)]

    assert len(widths(drawn(charts.bars(rows, WORDS)), "track")) == charts.MOST_BARS


def test_what_stands_below_the_points_never_overlaps_and_is_not_cut_off():
    for count in range(1, 61):
        points = [f"2026-{n:02}" for n in range(count)]
        line = Line("Revenue", tuple(map(Fraction, range(count))))
        drawing = charts.lines(points, [line], str, WORDS)
        spans = []
        for x, anchor, text in re.findall(r' x="([\d.]+)" y="222" text-anchor="(\w+)">(2026-\d+)<', drawing):
            wide = len(text) * 7.5
            start = float(x) - {"middle": wide / 2, "end": wide}[anchor]
            spans.append((start, start + wide))
        assert spans
        assert spans[0][0] >= 0
        assert spans[-1][1] <= WIDTH
        assert all(end < start for (_start, end), (start, _end) in pairwise(spans)), count


def test_a_mean_makes_nobody_better() -> None:
    rows = [Bar("sam", Fraction(3, 2), "150%", Fraction(1)), Bar("eve", Fraction(1, 2), "50%", Fraction(1))]

    kinds = {
        rect.get("class") for rect in drawn(charts.bars(rows, WORDS, goal=Fraction(1), is_mean=True)).iter(f"{SVG}rect")
    }

    assert kinds == {"track", "bar"}


degrees = st.fractions(min_value=-80, max_value=80, max_denominator=1000)


@given(st.lists(st.tuples(st.integers(0, 30), degrees, degrees), min_size=1, max_size=40))
def test_points_of_a_map_lie_within_it_and_each_of_the_first_groups_has_its_mark(
    given_spots: list[tuple[int, Fraction, Fraction]],
) -> None:
    spots = [Spot(f"u{group}", x, y) for group, x, y in given_spots]
    root = drawn(charts.points(spots, WORDS))

    marks = [re.match(r"M([0-9.]+),([0-9.]+) (.*)", mark.get("d", "")) for mark in root.iter(f"{SVG}path")]
    named = min(len({spot.group for spot in spots}), 12)

    assert len(marks) == len(spots) + named
    assert all(mark and 0 <= float(mark[1]) <= WIDTH and 0 <= float(mark[2]) <= 300 for mark in marks)
    fills = {
        (mark.get("fill"), mark.get("d", "").partition(" ")[2]) for mark in list(root.iter(f"{SVG}path"))[len(spots) :]
    }
    assert len(fills) == named


def test_north_is_above_and_east_to_the_right() -> None:
    root = drawn(charts.points([Spot("a", Fraction(0), Fraction(50)), Spot("a", Fraction(1), Fraction(49))], WORDS))

    first, second, _legend = (re.match(r"M([0-9.]+),([0-9.]+)", each.get("d", "")) for each in root.iter(f"{SVG}path"))

    assert first and second
    assert float(first[1]) < float(second[1])
    assert float(first[2]) < float(second[2])


def test_a_map_rings_where_people_are_and_says_how_long_a_distance_is() -> None:
    here, there = Spot("ann", Fraction(0), Fraction(50)), Spot("ann", Fraction(0), Fraction(51))
    root = drawn(
        charts.points([here, there, Spot("ann", Fraction(0), Fraction(50), is_home=True)], WORDS, home="a person")
    )

    rings = list(root.iter(f"{SVG}circle"))
    texts = [each.text for each in root.iter(f"{SVG}text")]
    ruler = next(each for each in root.iter(f"{SVG}line"))

    assert len(rings) == 2
    assert texts == ["ann", "ann (2)", "a person", "20 km"]
    degree = float(rings[0].get("cy", 0)) - 10
    assert (float(ruler.get("x2", 0)) - 10) / degree == pytest.approx(20 / 111.195, rel=0.01)
