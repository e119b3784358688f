import json
import unicodedata

import pytest

from sfactl.errors import UsageFault
from sfactl.render.detail import Section, write_detail
from tests.hostile import HOSTILE
from tests.render.samples import COLUMNS, ROWS, TREE_COLUMNS, Row, output, written

LINES = Section("lines", "Lines", ROWS[:2], COLUMNS)


def test_json_holds_the_sections_as_arrays() -> None:
    for form in ("json", "jsonl"):
        out = output(form)
        write_detail(ROWS[0], TREE_COLUMNS, out, (LINES, Section("notes", "Notes", (), TREE_COLUMNS)))
        whole = json.loads(written(out))
        assert list(whole) == ["code", "name", "count", "lines", "notes"]
        assert [line["code"] for line in whole["lines"]] == ["ACC-1", "ACC-2"]
        assert "bar" not in whole["lines"][0]
        assert whole["notes"] == []


def test_fields_choose_from_the_record_and_leave_the_sections_whole() -> None:
    out = output("json", fields=("name",))

    write_detail(ROWS[0], TREE_COLUMNS, out, (LINES,))

    whole = json.loads(written(out))
    assert list(whole) == ["name", "lines"]
    assert "city" in whole["lines"][0]


def test_a_field_that_the_record_has_not_is_a_fault() -> None:
    with pytest.raises(UsageFault, match="city"):
        write_detail(ROWS[0], TREE_COLUMNS, output(fields=("city",)))


def test_csv_is_the_record_alone() -> None:
    out = output("csv")

    write_detail(ROWS[0], TREE_COLUMNS, out, (LINES,))

    assert written(out) == "code,name,count\nACC-1,Acme,31465\n"


def test_a_card_shows_the_wide_columns_too() -> None:
    out = output()

    write_detail(ROWS[0], COLUMNS, out)

    assert "City        Cádiz" in written(out)


def test_a_long_text_is_shown_whole_in_lines() -> None:
    out = output(width=40)

    write_detail(Row(name="word " * 60), TREE_COLUMNS, out)

    assert written(out).count("word") == 60
    assert max(map(len, written(out).splitlines())) <= 40


@pytest.mark.parametrize("form", ["table", "md"])
def test_hostile_names_are_inert_in_a_record(form: str) -> None:
    for name in HOSTILE.values():
        out = output(form, color=form == "table", width=60)
        write_detail(Row(name=name), TREE_COLUMNS, out, (Section("x", name, (Row(name=name),), TREE_COLUMNS),))
        plain = written(out).replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[2m", "").replace("\n", "")
        assert {unicodedata.category(c) for c in plain}.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
