"""Dates (case 93)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfactl.transfer.dates import add_span, check_format, date_reader, day_after
from sfactl.transfer.faults import BadCell


def iso(text: str, *forms: str) -> str | None:
    try:
        return date_reader(forms or ("iso",))(text)
    except BadCell:
        return None


@pytest.mark.parametrize(
    ("text", "form", "day"),
    [
        ("2026-03-04", "iso", "2026-03-04"),
        ("2026-03-04 10:20", "iso", "2026-03-04"),
        ("2026-03-04T10:20:30", "iso", "2026-03-04"),
        ("2014-09-12 11:15:06.967000000", "iso", "2014-09-12"),
        ("2026-03-04T23:30:00+02:00", "iso-zoned", "2026-03-04"),
        ("2026-03-04T23:30:00.000Z", "iso-zoned", "2026-03-04"),
        ("2026-03-04", "iso-zoned", "2026-03-04"),
        ("03/04/2026", "day-first", "2026-04-03"),
        ("3.4.2026", "day-first", "2026-04-03"),
        ("25-12-2026 23:59", "day-first", "2026-12-25"),
        ("03/04/2026", "month-first", "2026-03-04"),
        ("12/25/2026", "month-first", "2026-12-25"),
        ("20260304", "%Y%m%d", "2026-03-04"),
        ("04/03/26", "%d/%m/%y", "2026-03-04"),
        ("04/03/68", "%d/%m/%y", "2068-03-04"),
        ("04/03/69", "%d/%m/%y", "1969-03-04"),
        ("4-Mar-2026", "%d-%b-%Y", "2026-03-04"),
        ("4-ene-2026", "%d-%b-%Y", "2026-01-04"),
        ("March 4, 2026", "%B %d, %Y", "2026-03-04"),
        ("4 de agosto de 2026", "%d de %B de %Y", "2026-08-04"),
        ("03/2026", "%m/%Y", "2026-03-01"),
        ("2026-03-04 01:02 PM", "%Y-%m-%d %I:%M %p", "2026-03-04"),
        ("45000", "excel", "2023-03-15"),
        ("45000.75", "excel", "2023-03-15"),
        ("1", "excel", "1900-01-01"),
        ("59", "excel", "1900-02-28"),
        ("61", "excel", "1900-03-01"),
        ("0", "excel-1904", None),
        ("43538", "excel-1904", "2023-03-15"),
        ("60", "excel", None),
        ("2024-02-29", "iso", "2024-02-29"),
        ("29/02/2024", "day-first", "2024-02-29"),
    ],
)
def test_a_date_is_read_by_its_declared_format(text: str, form: str, day: str | None) -> None:
    assert iso(text, form) == day


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("31/02/2026", "day-first"),
        ("29/02/2026", "day-first"),
        ("29/02", "day-first"),
        ("2026-02-30", "iso"),
        ("2026-13-01", "iso"),
        ("2026-00-10", "iso"),
        ("2026-10-00", "iso"),
        ("0000-10-10", "iso"),
        ("2026-03-04 24:01", "iso"),
        ("2026-03-04 10:61", "iso"),
        ("2026-3-4", "iso"),
        ("03/04/2026", "iso"),
        ("03/04/26", "day-first"),
        ("03/04-2026", "day-first"),
        ("2026-03-04T23:30:00+02:00", "iso"),
        ("2026-03-04Z", "iso"),
        ("٢٠٢٦-٠٣-٠٤", "iso"),
        ("2026-03-04x", "iso"),
        ("4-Xyz-2026", "%d-%b-%Y"),
        ("45000", "iso"),
        ("-5", "excel"),
        ("9999999", "excel"),
        ("today", "iso"),
    ],
)
def test_what_is_no_such_date_is_refused(text: str, form: str) -> None:
    assert iso(text, form) is None


@pytest.mark.parametrize(
    ("text", "form", "word"),
    [
        ("03/04/2026", "iso", "day-first"),
        ("03/04/26", "day-first", "two digits"),
        ("31/02/2026", "day-first", "does not have"),
        ("2026-03-04T10:00:00Z", "iso", "iso-zoned"),
        ("x", "%Y%m%d", "%Y%m%d"),
    ],
)
def test_the_reason_names_the_remedy(text: str, form: str, word: str) -> None:
    with pytest.raises(BadCell) as found:
        date_reader([form])(text)

    assert word in found.value.reason


def test_several_formats_are_tried_in_order() -> None:
    assert iso("03/04/2026", "iso", "day-first", "month-first") == "2026-04-03"
    assert iso("2026-03-04", "day-first", "iso") == "2026-03-04"


@pytest.mark.parametrize("form", ["iso", "excel", "%Y-%m-%d", "%d.%m.%y", "%b %Y"])
def test_formats_that_exist(form: str) -> None:
    check_format(form)


@pytest.mark.parametrize("form", ["ISO", "dd/mm/yyyy", "%Y-%q-%d", "%d/%m", "%Y %y %m %d", "%H:%M %Y-%m-%d %H", ""])
def test_formats_that_do_not(form: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_format(form)


@pytest.mark.parametrize(
    ("day", "span", "end"),
    [
        ("2014-03-01", "3 months", "2014-06-01"),
        ("2026-01-31", "1 month", "2026-02-28"),
        ("2024-01-31", "1 month", "2024-02-29"),
        ("2026-11-30", "1 quarter", "2027-02-28"),
        ("2024-02-29", "1 year", "2025-02-28"),
        ("2026-12-31", "1 day", "2027-01-01"),
        ("2026-01-01", "2 weeks", "2026-01-15"),
    ],
)
def test_spans_are_added_by_the_calendar(day: str, span: str, end: str) -> None:
    assert add_span(day, span) == end


@pytest.mark.parametrize(
    ("day", "span"), [("2026-01-01", "3 moons"), ("2026-01-01", "three months"), ("9999-06-01", "1 year")]
)
def test_what_is_no_span_is_refused(day: str, span: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        add_span(day, span)


def test_the_day_after_an_inclusive_end() -> None:
    assert day_after("2012-02-28") == "2012-02-29"
    with pytest.raises(BadCell, match="null word"):
        day_after("9999-12-31")


@given(st.dates())
def test_every_day_is_read_back_from_each_form(day) -> None:  # type: ignore[no-untyped-def]
    text = day.isoformat()
    year, month, number = text.split("-")

    assert iso(text) == iso(f"{number}/{month}/{year}", "day-first") == text
    assert iso(f"{month}/{number}/{year}", "month-first") == iso(year + month + number, "%Y%m%d") == text


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    iso(text, "iso", "iso-zoned", "day-first", "month-first", "excel", "%d %b %y")
