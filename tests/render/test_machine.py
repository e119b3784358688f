import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.core.text import unguard_formula
from sfactl.errors import UsageFault
from sfactl.render.columns import Column, Kind
from sfactl.render.writers import write
from tests.hostile import HOSTILE, random_texts
from tests.render.samples import COLUMNS, ROWS, Row, output, stream, written

NAMES = (Column("name", "Name"), Column("code", "Code", Kind.CODE))
STORABLE = st.text(st.characters(exclude_categories=["Cs"]))


def written_rows(form: str, names: list[str]) -> str:
    out = output(form)
    write([Row(name=name) for name in names], NAMES, out)
    return written(out)


def reread(text: str) -> list[str]:
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert rows[0] == ["name", "code"]
    assert all(row[1] == "ACC-1" for row in rows[1:])
    return [unguard_formula(row[0]) for row in rows[1:]]


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_hostile_names_come_back_exactly_from_json(form: str) -> None:
    text = written_rows(form, list(HOSTILE.values()))

    lines = json.loads(text) if form == "json" else [json.loads(line) for line in text.splitlines()]
    assert [line["name"] for line in lines] == list(HOSTILE.values())


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_holds_nothing_that_a_terminal_obeys_or_hides(form: str) -> None:
    text = written_rows(form, [*HOSTILE.values(), *random_texts(2000)])

    assert all(line.isprintable() for line in text.split("\n"))


@given(st.text())
def test_any_text_comes_back_from_json(name: str) -> None:
    assert json.loads(written_rows("jsonl", [name])) == {"name": name, "code": "ACC-1"}


def test_hostile_names_come_back_exactly_from_csv() -> None:
    names = [name for label, name in HOSTILE.items() if label != "lone surrogate"]

    assert reread(written_rows("csv", names)) == names


def test_what_utf8_cannot_hold_is_replaced_in_csv() -> None:
    assert reread(written_rows("csv", [HOSTILE["lone surrogate"]])) == ["Ac?me"]


@given(st.lists(STORABLE, max_size=5))
def test_any_text_comes_back_from_csv(names: list[str]) -> None:
    assert reread(written_rows("csv", names)) == names


def test_no_text_cell_of_csv_is_a_formula() -> None:
    text = written_rows("csv", [HOSTILE["formula"], HOSTILE["dde formula"], "-1+2", "+34 600 000 000"])

    assert [row[0][0] for row in list(csv.reader(io.StringIO(text)))[1:]] == ["'"] * 4


def test_negative_amounts_stay_numbers_in_csv() -> None:
    out = output("csv")

    write([ROWS[1]], (COLUMNS[4], COLUMNS[6]), out)

    assert written(out) == "amount,share\n-5,-0.1429\n"


def test_csv_on_a_terminal_holds_nothing_that_it_obeys() -> None:
    out = output("csv", stream=stream(terminal=True))

    write([Row(name=name) for name in HOSTILE.values()], NAMES, out)

    assert all(line.isprintable() for line in written(out).replace("\u00a0", " ").split("\n"))


def test_a_row_of_one_empty_cell_is_no_blank_line_in_csv() -> None:
    out = output("csv")

    write([Row(name=None), Row(name="")], (COLUMNS[1],), out)

    assert written(out) == 'name\n""\n""\n'


def test_flags_and_absent_values_have_their_own_form() -> None:
    row = replace(ROWS[3], active=False)
    flags = (COLUMNS[10], COLUMNS[1])
    forms = {form: output(form) for form in ("json", "csv")}

    for out in forms.values():
        write([row], flags, out)

    assert json.loads(written(forms["json"])) == [{"active": False, "name": None}]
    assert written(forms["csv"]) == "active,name\nfalse,\n"


def test_several_texts_stand_in_one_cell() -> None:
    out = output("jsonl")
    roles = Column("roles", "Roles", value=lambda _row: ("admin", "auditor"))

    write([Row()], (roles,), out)

    assert written(out) == '{"roles": "admin, auditor"}\n'


def test_moments_are_in_utc() -> None:
    out = output("jsonl")
    noon = datetime(2026, 7, 1, 12, 0, 0, 250000, tzinfo=timezone(timedelta(hours=2)))

    write([Row(moment=noon)], (COLUMNS[9],), out)

    assert written(out) == '{"moment": "2026-07-01T10:00:00.250000Z"}\n'


def test_a_moment_without_its_time_zone_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="time zone"):
        write([Row(moment=datetime(2026, 7, 1))], (COLUMNS[9],), output("json"))


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_machine_output_is_the_same_in_every_language_and_width(form: str) -> None:
    plain, dressed = output(form), output(form, locale="es", color=True, width=30)

    write(ROWS, COLUMNS, plain)
    write(ROWS, COLUMNS, dressed)

    assert written(plain) == written(dressed)


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "md", "html"])
def test_machine_output_is_utf8_whatever_the_stream_was(form: str) -> None:
    out = output(form, stream=stream("latin-1"))

    write([Row(name="Ñandú 株式会社 €")], NAMES, out)

    assert "Ñandú 株式会社 €" in written(out)


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "md", "html"])
def test_rows_are_written_as_they_come(form: str) -> None:
    out = output(form, stream=io.StringIO())
    seen: list[int] = []

    def rows() -> Iterator[Row]:
        for number in range(3):
            seen.append(out.stream.getvalue().count("Acme"))  # type: ignore[attr-defined]
            yield Row(code=str(number))

    assert write(rows(), NAMES, out) == 3
    assert seen == [0, 1, 2]


def test_fields_choose_and_order_the_columns() -> None:
    out = output("csv", fields=("city", "code", "city"))

    write([Row()], COLUMNS, out)

    assert written(out) == "city,code\nCádiz,ACC-1\n"


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "md", "html", "xlsx"])
def test_a_field_that_does_not_exist_is_a_fault_that_lists_the_columns(form: str) -> None:
    with pytest.raises(UsageFault, match="nonsense") as caught:
        write([Row()], NAMES, output(form, fields=("name", "nonsense")))

    assert "name, code" in (caught.value.hint or "")


def test_a_drawn_bar_is_no_data() -> None:
    with pytest.raises(UsageFault, match="bar"):
        write([Row()], COLUMNS, output("json", fields=("bar",)))
