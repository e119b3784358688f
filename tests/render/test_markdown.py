import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sfactl.core.text import safe
from sfactl.render.columns import Column, Kind
from sfactl.render.writers import write
from tests.hostile import HOSTILE, random_texts
from tests.render.samples import Row, output, written

NAMES = (Column("name", "Name"), Column("code", "Code", Kind.CODE))
READER = MarkdownIt("gfm-like")


def tokens(name: str) -> list[Token]:
    out = output("md")
    write([Row(name=name)], NAMES, out, title=name, footer=name)
    return [part for token in READER.parse(written(out)) for part in (token, *(token.children or ()))]


def first_cell(found: list[Token]) -> str:
    start = [token.type for token in found].index("td_open")
    return "".join(child.content for child in found[start + 1].children or ())


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_is_only_words(name: str) -> None:
    found = tokens(name)

    assert {token.type for token in found}.isdisjoint(
        {"html_inline", "html_block", "link_open", "image", "code_inline", "strong_open", "em_open", "s_open"}
    )
    assert first_cell(found).split() == safe(name).split()


def test_random_names_are_only_words() -> None:
    for name in random_texts(1000):
        assert first_cell(tokens(name)).split() == safe(name).split()


@given(st.text("\\`*_[]<>&|~!$#:/w.(){}+-1a ", max_size=20))
def test_marks_of_any_kind_are_only_words(name: str) -> None:
    assert first_cell(tokens(f"x{name}x")).split() == f"x{name}x".split()


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "www.evil.example",
        "HTTP://EVIL.EXAMPLE",
        "//evil.example/x",
        "x@evil.example",
        "mailto:x@evil.example",
    ],
)
def test_an_address_is_not_made_a_link(address: str) -> None:
    assert "link_open" not in {token.type for token in tokens(f"see {address} now")}
