import unicodedata
from dataclasses import replace

import pytest

from sfactl.render import layout
from sfactl.render.compare import write_compared
from tests.hostile import HOSTILE
from tests.render.samples import COLUMNS, ROWS, TREE_COLUMNS, Row, output, written

LONG = "Sociedad Anónima de Refrigeración Industrial y Montajes del Norte"


def shown(records, columns=TREE_COLUMNS, **options):
    out = output(**options)
    write_compared(records, columns, out)
    return written(out)


def test_a_column_a_record_and_a_line_a_field():
    assert shown([Row(), Row(code="ACC-2", name="Bolt", count=7)]).splitlines() == [
        "  Code    ACC-1   ACC-2",
        "────────  ──────  ─────",
        "  Name    Acme    Bolt",
        "  Orders  31,465      7",
    ]


def test_what_is_the_same_everywhere_has_a_mark():
    lines = shown([Row(), Row(code="ACC-2"), Row(code="ACC-3")]).splitlines()

    assert [line[:8] for line in lines[2:]] == ["= Name  ", "= Orders", "", "= the sa"]


def test_one_record_is_the_same_as_no_other():
    assert "=" not in shown([Row()])


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 200])
@pytest.mark.parametrize("count", [2, 3, 5, 9])
def test_whatever_the_width_every_value_is_whole_and_no_line_is_too_long(width, count):
    records = [Row(code=f"ACC-{n}", name=f"{LONG} {n}", city=f"City{n}" * 9, count=10**n) for n in range(count)]

    text = shown(records, COLUMNS, width=width)

    assert max(map(layout.width_of, text.splitlines())) <= width
    together = "".join(text.split())
    for n, record in enumerate(records):
        assert f"ACC-{n}" in together
        assert f"{10**n:,}" in text
        words = [word for word in (record.name or "").split() if len(word) <= 10]
        assert all(word in text for word in words)


def test_records_that_have_no_room_stand_below_in_even_blocks():
    records = [Row(code=f"ACC-{n}", name=LONG) for n in range(4)]

    heads = [line.split()[1:] for line in shown(records, width=60).splitlines() if line.startswith("  Code")]

    assert heads == [["ACC-0", "ACC-1"], ["ACC-2", "ACC-3"]]


def test_a_word_longer_than_its_column_is_broken_and_not_cut():
    text = shown([Row(name="x" * 90), Row(code="ACC-2", name="short")], width=60)

    assert text.count("x") == 90
    assert max(map(len, text.splitlines())) <= 60


def test_wide_characters_count_twice():
    text = shown([Row(name="株式会社 " * 12), Row(code="ACC-2")], width=60)

    assert max(map(layout.width_of, text.splitlines())) <= 60
    assert text.count("株式会社") == 12


def test_fields_are_the_lines_asked_for():
    lines = shown([Row(), Row(code="ACC-2")], fields=("name", "code")).splitlines()

    assert [line.split()[0] for line in lines[:3:2]] == ["=", "Code"]


def test_a_terminal_that_knows_only_ascii_gets_ascii():
    from tests.render.samples import stream

    out = replace(output(), stream=stream("ascii"))
    write_compared([ROWS[0], ROWS[1], ROWS[3]], COLUMNS, out)

    assert written(out).isascii()
    assert "----" in written(out)


@pytest.mark.parametrize("color", [False, True])
def test_hostile_names_are_inert_beside_each_other(color):
    for name in HOSTILE.values():
        plain = shown([Row(name=name), Row(code=name)], color=color, width=60)
        for style in ("\x1b[1m", "\x1b[2m", "\x1b[0m", "\n"):
            plain = plain.replace(style, "")
        assert {unicodedata.category(c) for c in plain}.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
