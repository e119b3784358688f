"""A page for a browser: data are words in it, and nothing acts or is asked for."""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.text import safe
from sfactl.render.columns import Column, Kind
from sfactl.render.detail import Section, write_detail
from sfactl.render.tree import write_tree
from sfactl.render.writers import write, write_lists
from tests.hostile import HOSTILE, WEB, random_texts
from tests.render.samples import COLUMNS, ROWS, TREE, TREE_COLUMNS, Row, output, written
from tests.soak import times

NAMES = (Column("name", "Name"), Column("code", "Code", Kind.CODE))
PLANTED = HOSTILE | {f"web: {name}": text for name, text in WEB.items()}
CLASSES = {"number", "short", "code", *(f"d{depth}" for depth in range(1, 13))}
ALLOWED = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "http-equiv", "content", "name"}, "title": set(),
    "style": set(), "body": set(), "h1": set(), "h2": set(), "p": set(), "div": set(), "table": set(), "thead": set(),
    "tbody": set(), "tr": set(), "th": {"scope", "class"}, "td": {"class"},
}  # fmt: skip
"""All tags that a page has, with their attributes."""
CLOSED = set(ALLOWED) - {"meta"}


@dataclass
class Page(HTMLParser):
    """A page as a browser reads it; anything unknown in it is a fault."""

    cells: list[str] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    metas: list[dict[str, str | None]] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        assert {name for name, _value in attrs} <= ALLOWED[tag], (tag, attrs)
        assert set((dict(attrs).get("class") or "").split()) <= CLASSES, attrs
        if tag == "meta":
            self.metas.append(dict(attrs))
        else:
            self.opened.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.opened:
            self.texts[self.opened[-1]][-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        assert decl == "DOCTYPE html"

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


def read(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    assert page.opened == []
    return page


def page_of(name: str) -> Page:
    out = output("html")
    write([Row(name=name, code=name)], (*NAMES, Column("depth", name, Kind.INTEGER)), out, title=name, footer=name)
    return read(written(out))


# case 85, case 87, case 98
@pytest.mark.parametrize("name", PLANTED.values(), ids=PLANTED)
def test_a_hostile_name_is_only_words(name: str) -> None:
    page = page_of(name)

    assert page.texts["td"][:2] == [safe(name, 2000)] * 2
    assert page.texts["th"] == ["Name", "Code", safe(name, 2000)]
    assert page.texts["title"] == page.texts["h1"] == [safe(name, 2000) if name else "sfactl"]


# case 87
@pytest.mark.parametrize("name", PLANTED.values(), ids=PLANTED)
def test_a_hostile_record_is_only_words(name: str) -> None:
    out = output("html")
    section = Section("lines", name, [Row(name=name)], NAMES, footer=name)

    write_detail(Row(name=name, code=name), NAMES, out, (section,))

    page = read(written(out))
    assert page.texts["td"] == [safe(name, 2000)] * 3 + ["ACC-1"]
    assert page.texts["h2"] == [safe(name, 2000)]


# case 87
def test_random_names_are_only_words() -> None:
    for name in random_texts(times(100_000)):
        assert page_of(name).texts["td"][0] == safe(name, 2000)


# case 87
@given(st.text("<>\"'&;#=/! -[]ascriptxd3c0\\{}", max_size=30))
def test_marks_of_any_kind_are_only_words(name: str) -> None:
    assert page_of(f"x{name}x").texts["td"][0] == f"x{name}x"


# case 87, case 98
def test_the_page_forbids_all_but_its_own_style() -> None:
    out = output("html")
    write(ROWS, COLUMNS, out, title="Accounts")
    page = read(written(out))

    style = page.texts["style"][0]
    known = b64encode(sha256(style.encode()).digest()).decode()
    policy = next(meta["content"] for meta in page.metas if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'sha256-{known}'; base-uri 'none'; form-action 'none'"
    assert not re.search(r"url\(|@import|expression|https?:|//", style)


def test_a_page_says_its_encoding_before_any_text_and_its_language() -> None:
    out = output("html")
    write(ROWS, COLUMNS, out)
    text = written(out)

    assert text.startswith('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n')
    assert "株式会社 [red]x[/red]" in text


def test_numbers_stand_at_the_right_and_a_tree_is_indented() -> None:
    numbers, tree = output("html"), output("html")
    write(ROWS, COLUMNS[:3], numbers)
    write_tree(TREE, TREE_COLUMNS, tree)

    assert '<td class="number">31,465</td>' in written(numbers)
    assert '<th scope="col" class="number">Orders</th>' in written(numbers)
    assert '<td class="d3 code">SW</td>' in written(tree)
    assert '<td class="code">WORLD</td>' in written(tree)


def test_a_tree_of_any_depth_has_a_place_for_each_row() -> None:
    out = output("html")
    write_tree([Row(depth=depth) for depth in range(60)], NAMES, out)

    assert len(read(written(out)).texts["td"]) == 120


def test_several_lists_stand_on_one_page() -> None:
    out = output("html")
    sections = [Section(key, key.title(), ROWS[:2], NAMES, footer="Said below.") for key in ("one", "two")]

    assert write_lists(sections, out) == 4

    page = read(written(out))
    assert page.texts["h2"] == ["One", "Two"]
    assert page.texts["p"] == ["Said below."] * 2
