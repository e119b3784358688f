"""A process drawn in three ways, all of the same arrows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest

from sfactl.render import processes
from sfactl.render.processes import Arrow, arrows, as_mermaid, as_svg, as_text


@dataclass(frozen=True)
class Stage:
    """A stage, as little of one as can be drawn."""

    stage: str
    status: str = "open"
    probability: int = 5000
    requires: tuple[str, ...] = ()
    automatic: tuple[str, ...] = ()
    opportunities: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As its code."""
        return self.stage.title()


STAGES = (Stage("qualify"), Stage("won", "won"), Stage("propose"), Stage("lost", "lost"), Stage("void", "lost"))


def in_text(drawn: str) -> list[tuple[str, bool]]:
    """To which boxes an arrow leads, and whether it is dotted."""
    lines = drawn.split("\n")
    found = [(lines[n + 2], False) for n, line in enumerate(lines) if "▼" in line]
    found += [(line, "┄" in line.partition("▶")[0]) for line in lines if "▶" in line]
    return [(re.sub(r".*│ (\w+) .*", r"\1", line), is_lost) for line, is_lost in found]


def in_mermaid(drawn: str) -> list[Arrow]:
    """Its arrows."""
    found = re.findall(r"s(\d+) (-->|-\.->) s(\d+)", drawn)
    return [Arrow(int(start), int(end), line == "-.->") for start, line, end in found]


def in_svg(drawn: str) -> list[tuple[str, bool]]:
    """What its arrows are called, and whether they are dotted."""
    groups = ElementTree.fromstring(drawn).findall("{*}g")
    return [
        (group.findtext("{*}title") or "", any("stroke-dasharray" in each.attrib for each in group)) for group in groups
    ]


@pytest.mark.parametrize("stages", [STAGES, STAGES[:1], STAGES[1:2], STAGES[::-1], ()])
def test_text_mermaid_and_svg_draw_the_same_arrows(stages: tuple[Stage, ...]) -> None:
    found = arrows(stages)

    assert in_text(as_text("P", stages)) == [(stages[each.end].name, each.is_lost) for each in found]
    assert in_mermaid(as_mermaid(stages)) == found
    assert in_svg(as_svg("P", stages)) == [
        (f"{stages[each.start].name} → {stages[each.end].name}", each.is_lost) for each in found
    ]


def test_all_ends_branch_off_the_last_open_stage() -> None:
    assert arrows(STAGES) == [Arrow(0, 2), Arrow(2, 1), Arrow(2, 3, True), Arrow(2, 4, True)]


def test_a_drawing_of_text_is_never_wider_than_a_terminal_and_counts_what_does_not_fit() -> None:
    many = tuple(f"OPP-{n:06}" for n in range(40))
    stages = [Stage(name, status, opportunities=many) for name, status in (("a", "open"), ("b", "won"), ("c", "lost"))]

    drawn = as_text("P", stages)

    assert max(map(len, drawn.split("\n"))) <= 80
    assert re.findall(r"(\d+) more", drawn) == ["35", "36", "36"], "one line each"
    assert processes.MOST == 6
