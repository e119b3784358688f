"""How the cells of each kind of field become values."""

from pathlib import Path

import pytest

from tests.transfer.files import ACCOUNT, read, read_field


def test_money_is_whole_minor_units_of_the_row_currency(tmp_path: Path) -> None:
    data = "code,name,r,c\nA,n,12.345,EUR\nB,n,12.345,jpy\nC,n,12.3456,BHD\nD,n,-0.125,\n"
    fields = {**ACCOUNT, "annual_revenue": '"r"', "currency": '"c"'}

    found = read(tmp_path, data, fields=fields, options='decimal = "."', currency="USD")

    assert found.column("annual_revenue") == [1235, 12, 12346, -13]
    assert found.column("currency") == ["EUR", "JPY", "BHD", "USD"]


def test_an_unknown_currency_is_the_fault_of_its_own_cell(tmp_path: Path) -> None:
    fields = {**ACCOUNT, "annual_revenue": '"r"', "currency": '"c"'}

    found = read(tmp_path, "code,name,r,c\nA,n,12.30,XYX\n", fields=fields)

    assert [(fault.column, fault.value) for fault in found.faults] == [("c", "XYX")]


def test_amounts_bring_the_currency_they_were_read_in(tmp_path: Path) -> None:
    fields = {**ACCOUNT, "annual_revenue": '"r"'}
    data = "code,name,r\nA,n,5\n"

    said = read(tmp_path, data, fields=fields, top='currency = "JPY"', currency="EUR")
    passed_in = read(tmp_path, data, fields=fields, currency="BHD")
    without = read(tmp_path, data, currency="BHD")

    assert (said.source.mapped[-2:], said.values) == (("annual_revenue", "currency"), [("A", "n", 5, "JPY")])
    assert passed_in.values == [("A", "n", 5000, "BHD")]
    assert without.source.mapped == ("code", "name")


@pytest.mark.parametrize(
    ("cell", "options", "minor"),
    [
        ("1.234,56", 'decimal = ","\nthousands = "."', 123456),
        ("1.234,56 €", 'decimal = ","\nthousands = "."', 123456),
        ("(1 234,50)", 'decimal = ","\nthousands = " "', -123450),
        ("€ 12.5-", "", -1250),
        ("12", "", 1200),
        ("1,234", 'thousands = ","', 123400),
    ],
)
def test_amounts_as_files_write_them(tmp_path: Path, cell: str, options: str, minor: int) -> None:
    assert read_field(tmp_path, "annual_revenue", [cell], options=options).column("annual_revenue") == [minor]


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("1,234", "thousands = “,”"),
        ("1.234", "decimal"),
        ("$ 5", ""),
        ("5 USD", "another currency"),
        ("NaN", "not a number"),
        ("1e5", "not a number"),
        ("99999999999999999999", "larger than"),
    ],
)
def test_amounts_that_are_refused(tmp_path: Path, cell: str, word: str) -> None:
    found = read_field(tmp_path, "annual_revenue", [cell])

    if not word:  # a dollar sign may stand for many currencies
        assert found.faults == []
    else:
        assert (found.faults[0].column, found.faults[0].value) == ("x", cell)
        assert word in found.reasons[0]


def test_amounts_in_thousands(tmp_path: Path) -> None:
    spec = '{ column = "x", scale = 1000 }'

    assert read_field(tmp_path, "annual_revenue", ["1.5", "-2"], spec).column("annual_revenue") == [150_000, -200_000]


def test_a_field_may_have_marks_of_its_own(tmp_path: Path) -> None:
    spec = '{ column = "x", decimal = ",", thousands = "" }'
    options = 'decimal = "."\nthousands = ","'

    found = read_field(tmp_path, "annual_revenue", ["1234,5"], spec, options=options)

    assert found.column("annual_revenue") == [123450]


def test_whole_numbers(tmp_path: Path) -> None:
    found = read_field(tmp_path, "employees", ["12", "1,200", "13.00", "-4", "1.5", "x"], options='thousands = ","')

    assert found.column("employees") == [12, 1200, 13, -4]
    assert found.reasons == ["is not a whole number", "is not a number"]


def read_other(folder: Path, noun: str, fields: dict[str, str], data: str, options: str = ""):  # type: ignore[no-untyped-def]
    return read(folder, data, noun=noun, fields=fields, options=options)


LINE = {"order": '"o"', "line": '"l"', "product": '"p"', "quantity": '"q"', "amount": '"a"'}


def test_quantities_prices_and_shares_have_their_own_units(tmp_path: Path) -> None:
    fields = {**LINE, "unit_price": '"u"', "discount": '"d"'}
    data = "o;l;p;q;u;d;a\nO;1;P;1.5;12.34565;0.15;10\nO;2;P;2;€ 1;15 %;10\nO;3;P;0.0005;-1;1;10\n"

    found = read_other(tmp_path, "order-line", fields, data, 'delimiter = ";"\ndecimal = "."')

    assert found.column("quantity") == [1500, 2000, 1]
    assert found.column("unit_price") == [123457, 10000, -10000]
    assert found.column("discount") == [1500, 1500, 10000]


@pytest.mark.parametrize(
    ("cell", "word"), [("15", "scale = 0.01"), ("101%", "more than 100"), ("-0.1", "less than"), ("x%", "number")]
)
def test_shares_that_are_refused(tmp_path: Path, cell: str, word: str) -> None:
    data = f"o;l;p;q;d;a\nO;1;P;1;{cell};10\n"

    found = read_other(tmp_path, "order-line", {**LINE, "discount": '"d"'}, data, 'delimiter = ";"')

    assert word in found.reasons[0]


def test_percent_without_the_sign_is_a_scale(tmp_path: Path) -> None:
    fields = {**LINE, "discount": '{ column = "d", scale = 0.01 }'}

    found = read_other(tmp_path, "order-line", fields, "o;l;p;q;d;a\nO;1;P;1;15.5;10\n", 'delimiter = ";"')

    assert found.column("discount") == [1550]


def test_yes_and_no(tmp_path: Path) -> None:
    data = "code,name,x\n" + "".join(
        f"{n},n,{word}\n" for n, word in enumerate(["1", "0", "true", "NO", "Sí", "x", "maybe"])
    )

    found = read_other(tmp_path, "product", {**ACCOUNT, "active": '"x"'}, data)

    assert found.column("active") == [1, 0, 1, 0, 1, 1]
    assert found.faults[0].value == "maybe"


def test_choices_are_found_whatever_case_and_blanks(tmp_path: Path) -> None:
    data = "t,u,r\nT,1,Account Manager\nT,2,MANAGER\nT,3,account-manager\nT,4,boss\n"

    found = read_other(tmp_path, "member", {"territory": '"t"', "user": '"u"', "role": '"r"'}, data)

    assert found.column("role") == ["account_manager", "manager", "account_manager"]
    assert found.reasons == ["is none of manager, account_manager, specialist"]


def test_email_is_exactly_one_address(tmp_path: Path) -> None:
    cells = ["ana@example.com", "José@exämple.es", "a@b, evil@x", "a b@c", "x", "a@b\nc"]
    data = "l;n;x\n" + "".join(f'u{n};n;"{cell}"\n' for n, cell in enumerate(cells))

    found = read_other(tmp_path, "user", {"login": '"l"', "name": '"n"', "email": '"x"'}, data, 'delimiter = ";"')

    assert found.column("email") == cells[:2]


def test_codes_are_short_and_on_one_line(tmp_path: Path) -> None:
    found = read(tmp_path, f'code,name\n{"x" * 64},n\n{"y" * 65},n\n"a\nb",n\nA  B,n\n')

    assert found.column("code") == ["x" * 64, "A  B"]
    assert found.reasons == ["has 65 characters, and at most 64 fit", "has a line end or a tab inside"]


def test_dates_of_a_file_and_of_a_field(tmp_path: Path) -> None:
    options = 'dates = ["day-first", "iso"]'

    assert read_field(tmp_path, "owned_since", ["03/04/2026", "2026-01-02"], options=options).column("owned_since") == [
        "2026-04-03",
        "2026-01-02",
    ]
    spec = '{ column = "x", dates = "%d %b %Y" }'
    assert read_field(tmp_path, "owned_since", ["4 Mar 2026"], spec, options=options).column("owned_since") == [
        "2026-03-04"
    ]


def test_an_inclusive_last_day_is_stored_as_the_day_after(tmp_path: Path) -> None:
    fields = {"territory": '"t"', "user": '"u"', "role": '{ const = "manager" }', "valid_from": '"f"'}
    data = "t,u,f,e\nT,1,2026-01-01,2026-01-31\nT,2,2026-01-01,\nT,3,2026-01-31,2026-01-31\n"

    inclusive = {**fields, "valid_to": '{ column = "e", inclusive = true }'}

    assert read_other(tmp_path, "member", inclusive, data).column("valid_to") == ["2026-02-01", None, "2026-02-01"]
    exclusive = read_other(tmp_path, "member", {**fields, "valid_to": '"e"'}, data)
    assert [fault.line for fault in exclusive.faults] == [4]
    assert "inclusive = true" in exclusive.reasons[0]


def test_null_words_of_the_file_and_of_a_field(tmp_path: Path) -> None:
    data = "code,name,t,s\nA,n,NULL,NULL\nB,n,NA,NA\nC,n,,-\n"
    fields = {**ACCOUNT, "territory": '{ column = "t", null = ["-"] }', "segment": '"s"'}

    found = read(tmp_path, data, fields=fields, options='null = ["NULL", "NA", "-"]')

    assert found.column("territory") == ["NULL", "NA", None]
    assert found.column("segment") == [None, None, None]


def test_na_is_a_value_unless_the_manifest_says_otherwise(tmp_path: Path) -> None:
    fields = {**ACCOUNT, "territory": '"t"'}
    data = "code,name,t\nA,n,NA\n"

    assert read(tmp_path, data, fields=fields).column("territory") == ["NA"]
    assert read(tmp_path, data, fields=fields, options='null = "NA"').column("territory") == [None]


def test_one_of_user_and_territory_is_needed_for_a_quota(tmp_path: Path) -> None:
    fields = {"user": '"u"', "territory": '"t"', "starts_on": '"s"', "ends_on": '"e"', "amount": '"a"'}
    data = "u,t,s,e,a\nU,,2026-01-01,2026-04-01,5\n,T,2026-01-01,2026-04-01,5\n,,2026-01-01,2026-04-01,5\n"

    found = read_other(tmp_path, "quota", fields, data)

    assert found.column("measure") == ["revenue", "revenue"]
    assert [(fault.line, fault.column) for fault in found.faults] == [(4, "u, t")]


def test_a_window_that_ends_before_it_starts_is_refused(tmp_path: Path) -> None:
    fields = {"user": '"u"', "starts_on": '"s"', "ends_on": '"e"', "amount": '"a"'}

    found = read_other(tmp_path, "quota", fields, "u,s,e,a\nU,2026-04-01,2026-01-01,5\n")

    assert [(fault.column, fault.value) for fault in found.faults] == [("e", "2026-01-01")]


def test_the_apostrophes_of_own_exports_come_off_where_asked(tmp_path: Path) -> None:
    data = "code,name\nA,'=1+1\nB,'-x\nC,'hello\nD,''=2\nE,O'Hara\n"

    kept = read(tmp_path, data)
    taken = read(tmp_path, data, options="unguard = true")

    assert kept.column("name")[0] == "'=1+1"
    assert taken.column("name") == ["=1+1", "-x", "'hello", "'=2", "O'Hara"]


def test_degrees_keep_six_decimals_and_lie_on_the_earth(tmp_path: Path) -> None:
    fields = {**ACCOUNT, "latitude": '"a"', "longitude": '"o"'}
    data = "code,name,a,o\nA,n,33.4483771,-112.0740373\nB,n,,180\nC,n,90.1,0\nD,n,1,-181\n"

    found = read(tmp_path, data, fields=fields)

    assert found.column("latitude")[:2] == [33448377, None]
    assert found.column("longitude")[:2] == [-112074037, 180000000]
    assert found.reasons == ["is not between -90 and 90", "is not between -180 and 180"]
