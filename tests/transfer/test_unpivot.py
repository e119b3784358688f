"""The month columns of a wide file as rows."""

from pathlib import Path

import pytest

from sfactl.errors import UsageFault
from sfactl.transfer.months import first_day, needs_year
from tests.transfer.files import read

FIELDS = {"user": '"rep"', "starts_on": '"@start"', "ends_on": '"@end"', "amount": '"@value"'}


def wide(folder: Path, data: str, unpivot: str, options: str = "", fields: dict[str, str] | None = None):  # type: ignore[no-untyped-def]
    return read(folder, data, noun="quota", fields=fields or FIELDS, options=f"{options}\n[source.unpivot]\n{unpivot}")


def test_each_filled_cell_becomes_a_row(tmp_path: Path) -> None:
    data = "rep,Jan 2026,Feb 2026,Dec 2026\nA,100,,0\nB,-,200.5,\n"

    found = wide(tmp_path, data, 'columns = ["Jan 2026", "Feb 2026", "Dec 2026"]', 'null = "-"')

    assert [(row.line, *row.values) for row in found.rows] == [
        (2, "A", "revenue", "2026-01-01", "2026-02-01", 10000, "EUR"),
        (2, "A", "revenue", "2026-12-01", "2027-01-01", 0, "EUR"),
        (3, "B", "revenue", "2026-02-01", "2026-03-01", 20050, "EUR"),
    ]
    assert found.faults == []


def test_the_year_may_be_said_once(tmp_path: Path) -> None:
    found = wide(tmp_path, "rep,Ene,Feb\nA,1,2\n", 'columns = ["Ene", "Feb"]\nyear = 2025')

    assert found.column("starts_on") == ["2025-01-01", "2025-02-01"]


def test_the_year_may_stand_in_a_column(tmp_path: Path) -> None:
    found = wide(tmp_path, "rep,Year,Jan\nA,2025,1\nA,2026,2\nA,x,3\n", 'columns = ["Jan"]\nyear = "Year"')

    assert found.column("starts_on") == ["2025-01-01", "2026-01-01"]
    assert found.faults[0].reason == "is not a year"


def test_columns_may_be_given_their_dates(tmp_path: Path) -> None:
    unpivot = 'columns = { M1 = "2025-07-01", M2 = "2025-08" }'

    assert wide(tmp_path, "rep,M1,M2\nA,1,2\n", unpivot).column("starts_on") == ["2025-07-01", "2025-08-01"]


def test_columns_may_be_read_by_a_format(tmp_path: Path) -> None:
    unpivot = 'columns = ["01.07.2025", "01.08.2025"]\ndates = "%d.%m.%Y"'

    assert wide(tmp_path, "rep,01.07.2025,01.08.2025\nA,1,2\n", unpivot).column("starts_on") == [
        "2025-07-01",
        "2025-08-01",
    ]


def test_quarters_last_three_months(tmp_path: Path) -> None:
    unpivot = 'columns = ["Q1", "Q4"]\nyear = 2026\nspan = "3 months"'

    found = wide(tmp_path, "rep,Q1,Q4\nA,1,2\n", unpivot)

    assert found.column("ends_on") == ["2026-04-01", "2027-01-01"]


def test_columns_need_not_be_dates(tmp_path: Path) -> None:
    fields = {"product": '"p"', "warehouse": '"@column"', "quantity": '"@value"'}
    options = '[source.unpivot]\ncolumns = { North = "WH-N", South = "WH-S" }'

    found = read(tmp_path, "p,North,South\nX,1,2\n", noun="stock", fields=fields, options=options)

    assert found.column("warehouse") == ["WH-N", "WH-S"]


def test_a_bad_cell_costs_its_own_row_only(tmp_path: Path) -> None:
    found = wide(tmp_path, "rep,Jan,Feb\nA,x,2\n", 'columns = ["Jan", "Feb"]\nyear = 2026')

    assert found.column("starts_on") == ["2026-02-01"]
    assert [(fault.line, fault.column, fault.value) for fault in found.faults] == [(2, "Jan", "x")]


def test_amounts_of_a_wide_file_may_be_in_thousands(tmp_path: Path) -> None:
    fields = {**FIELDS, "amount": '{ column = "@value", scale = 1000 }'}

    assert wide(tmp_path, "rep,Jan\nA,1.5\n", 'columns = ["Jan"]\nyear = 2026', fields=fields).column("amount") == [
        150000
    ]


@pytest.mark.parametrize(
    ("unpivot", "word"),
    [
        ('columns = ["Jan"]', "say year"),
        ('columns = ["Total"]\nyear = 2026', "Total"),
        ("columns = []", "must not be empty"),
    ],
)
def test_columns_that_do_not_say_when_are_refused_in_the_manifest(tmp_path: Path, unpivot: str, word: str) -> None:
    with pytest.raises(UsageFault, match=word):
        wide(tmp_path, "rep,Jan\n", unpivot)


def test_the_added_cells_exist_only_with_unpivot(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="@start exists only with unpivot"):
        read(tmp_path, "rep\n", noun="quota", fields=FIELDS)


@pytest.mark.parametrize(
    ("label", "day"),
    [
        ("2026-03", "2026-03-01"),
        ("2026-03-15", "2026-03-15"),
        ("Mar 2026", "2026-03-01"),
        ("mar-26", "2026-03-01"),
        ("March 2026", "2026-03-01"),
        ("marzo de 2026", None),
        ("2026 Mar", "2026-03-01"),
        ("2026M03", "2026-03-01"),
        ("202603", "2026-03-01"),
        ("03/2026", "2026-03-01"),
        ("Q3 2026", "2026-07-01"),
        ("2026Q3", "2026-07-01"),
        ("2026-Q3", "2026-07-01"),
        ("T3 2026", "2026-07-01"),
        ("Sept.", "2000-09-01"),
        ("03-15", "2000-03-15"),
        ("7", "2000-07-01"),
        ("13", None),
        ("Total", None),
        ("2026-13", None),
        ("Mayor", None),
    ],
)
def test_headers_that_mean_a_month(label: str, day: str | None) -> None:
    assert first_day(label, 2000) == day


def test_headers_without_a_year_are_known() -> None:
    assert (needs_year("Jan"), needs_year("Jan 2026"), needs_year("Total")) == (True, False, False)
