"""Where the text of a field comes from."""

from pathlib import Path

import pytest

from sfactl.errors import UsageFault
from tests.transfer.files import ACCOUNT, read, read_field, write


def city(folder: Path, spec: str, data: str, **siblings: str):  # type: ignore[no-untyped-def]
    """Read `city` by a spec from data.csv, beside sibling files (named with _csv)."""
    for name, text in siblings.items():
        write(folder, name.replace("_", "."), text)
    return read(folder, data, fields={**ACCOUNT, "city": spec})


DATA = "code,name,k,j\nA,n,1,x\nB,n,2,y\nC,n,,z\nD,n,9,\n"


def test_a_column_a_constant_and_a_default(tmp_path: Path) -> None:
    assert city(tmp_path, '"k"', DATA).column("city") == ["1", "2", None, "9"]
    assert city(tmp_path, '{ const = "Bilbao" }', DATA).column("city") == ["Bilbao"] * 4
    assert city(tmp_path, '{ column = "k", default = "none" }', DATA).column("city") == ["1", "2", "none", "9"]


def test_a_template_puts_columns_together_and_is_empty_when_one_is(tmp_path: Path) -> None:
    assert city(tmp_path, '"{k}-{j}"', DATA).column("city") == ["1-x", "2-y", None, None]
    assert city(tmp_path, '{ template = "<{{{k}}}>" }', DATA).column("city") == ["<{1}>", "<{2}>", None, "<{9}>"]


def test_an_optional_part_of_a_template_may_be_empty(tmp_path: Path) -> None:
    data = "code,name,first,middle,last\nA,n,Ana,M.,Ruiz\nB,n,Ana,,Ruiz\nC,n,Ana,,\n"

    assert city(tmp_path, '"{first} {middle?} {last}"', data).column("city") == ["Ana M. Ruiz", "Ana Ruiz", None]


def test_a_column_whose_name_has_braces_is_named_in_full(tmp_path: Path) -> None:
    assert city(tmp_path, '{ column = "{x}" }', "code,name,{x}\nA,n,v\n").column("city") == ["v"]


PLACES = "id,city,note\n1,Bilbao,a\n2,Vigo,b\n"


def test_a_lookup_in_a_sibling_file(tmp_path: Path) -> None:
    spec = '{ lookup = { file = "places.csv", from = "k", key = "id", take = "city" }, optional = true }'

    found = city(tmp_path, spec, DATA, places_csv=PLACES)

    assert found.column("city") == ["Bilbao", "Vigo", None, None]


def test_a_key_that_is_not_there_is_a_fault_unless_optional_or_defaulted(tmp_path: Path) -> None:
    lookup = 'lookup = { file = "places.csv", from = "k", key = "id", take = "city" }'

    strict = city(tmp_path, f"{{ {lookup} }}", DATA, places_csv=PLACES)
    defaulted = city(tmp_path, f'{{ {lookup}, default = "?" }}', DATA, places_csv=PLACES)

    assert [(fault.line, fault.column, fault.value) for fault in strict.faults] == [(5, "k", "9")]
    assert strict.reasons == ["is not in places.csv, by id: say optional = true if it need not be"]
    assert defaulted.column("city") == ["Bilbao", "Vigo", "?", "?"]


def test_the_key_column_may_have_the_same_name_in_both_files(tmp_path: Path) -> None:
    spec = '{ lookup = { file = "places.csv", key = "k", take = "city" } }'

    assert city(tmp_path, spec, "code,name,k\nA,n,1\n", places_csv="k,city\n1,Bilbao\n").column("city") == ["Bilbao"]


def test_a_chain_of_lookups(tmp_path: Path) -> None:
    spec = """{ optional = true, lookup = [
        { file = "places.csv", from = "k", key = "id", take = "note" },
        { file = "notes.csv", key = "n", take = "text" },
    ] }"""

    found = city(tmp_path, spec.replace("\n", " "), DATA, places_csv=PLACES, notes_csv="n,text\na,Alpha\nb,Beta\n")

    assert found.column("city") == ["Alpha", "Beta", None, None]


def test_a_lookup_by_several_columns_at_once(tmp_path: Path) -> None:
    spec = '{ lookup = { file = "places.csv", from = "{k}/{j}", key = "{id}/{kind}", take = "{city} ({id})" }, optional = true }'

    found = city(tmp_path, spec, DATA, places_csv="id,kind,city\n1,x,Bilbao\n1,y,Vigo\n2,y,Gijón\n")

    assert found.column("city") == ["Bilbao (1)", "Gijón (2)", None, None]


def test_a_key_may_be_cut_out_of_a_text_before_it_is_looked_up(tmp_path: Path) -> None:
    spec = """{ lookup = { file = "places.csv", from = "j", pattern = '^p-(\\d+)$', key = "id", take = "city" } }"""

    assert city(tmp_path, spec, "code,name,j\nA,n,p-2\n", places_csv=PLACES).column("city") == ["Vigo"]


def test_a_key_that_stands_for_several_rows_is_a_fault_unless_one_is_picked(tmp_path: Path) -> None:
    twice = PLACES + "1,Getxo,c\n2,Vigo,c\n"
    lookup = '{ file = "places.csv", from = "k", key = "id", take = "city", pick = "%s" }'
    data = "code,name,k\nA,n,1\nB,n,2\n"

    assert [
        fault.line for fault in city(tmp_path, f"{{ lookup = {lookup % 'only'} }}", data, places_csv=twice).faults
    ] == [2]
    assert city(tmp_path, f"{{ lookup = {lookup % 'first'} }}", data).column("city") == ["Bilbao", "Vigo"]
    assert city(tmp_path, f"{{ lookup = {lookup % 'last'} }}", data).column("city") == ["Getxo", "Vigo"]


def test_a_lookup_may_leave_rows_out(tmp_path: Path) -> None:
    twice = PLACES + "1,Getxo,c\n"
    spec = """{ lookup = { file = "places.csv", from = "k", key = "id", take = "city",
        where = { column = "note", equals = "c" } } }""".replace("\n", " ")

    assert city(tmp_path, spec, "code,name,k\nA,n,1\n", places_csv=twice).column("city") == ["Getxo"]


def test_faults_of_a_sibling_file_name_it(tmp_path: Path) -> None:
    spec = '{ lookup = { file = "places.csv", from = "k", key = "id", take = "city" } }'

    absent = city(tmp_path, spec, DATA)
    without = city(tmp_path, spec, DATA, places_csv="id,town\n1,x\n")
    ragged = city(tmp_path, spec, DATA, places_csv="id,city\n1\n")
    control = city(tmp_path, spec, DATA, places_csv="id,city\n1,\x1b\n")

    assert (absent.faults[0].file, absent.faults[0].line) == ("places.csv", 0)
    assert (without.faults[0].file, without.faults[0].column) == ("places.csv", "city")
    assert (ragged.faults[0].file, ragged.faults[0].line) == ("places.csv", 2)
    assert (control.faults[0].file, control.faults[0].line) == ("places.csv", 2)
    assert not any(found.rows for found in (absent, without, ragged, control))


def test_a_sibling_file_has_its_own_dialect(tmp_path: Path) -> None:
    write(tmp_path, "places.csv", "1;Móstoles\n".encode("cp1252"))
    top = '[files."places.csv"]\nencoding = "cp1252"\ndelimiter = ";"\ncolumns = ["id", "city"]'
    spec = '{ lookup = { file = "places.csv", from = "k", key = "id", take = "city" } }'

    found = read(tmp_path, "code,name,k\nA,n,1\n", fields={**ACCOUNT, "city": spec}, top=top)

    assert found.column("city") == ["Móstoles"]


def test_the_first_origin_that_says_something_counts(tmp_path: Path) -> None:
    spec = """{ first = [ { lookup = { file = "places.csv", from = "k", key = "id", take = "p:{city}" }, optional = true },
        "{j}!", { const = "none" } ] }""".replace("\n", " ")

    assert city(tmp_path, spec, DATA, places_csv=PLACES).column("city") == ["p:Bilbao", "p:Vigo", "z!", "none"]


def test_a_map_replaces_values(tmp_path: Path) -> None:
    spec = '{ column = "k", map = { 1 = "one", 2 = "two" }, map_else = "%s" }'

    assert [fault.value for fault in city(tmp_path, spec % "fault", DATA).faults] == ["9"]
    assert city(tmp_path, spec % "keep", DATA).column("city") == ["one", "two", None, "9"]
    assert city(tmp_path, spec % "null", DATA).column("city") == ["one", "two", None, None]


def test_a_map_may_say_that_a_value_is_none(tmp_path: Path) -> None:
    spec = '{ column = "k", map = { 1 = "", 2 = "two" }, map_else = "keep", default = "d" }'

    assert city(tmp_path, spec, DATA).column("city") == ["d", "two", "d", "9"]


def test_what_the_manifest_says_is_read_in_its_own_form(tmp_path: Path) -> None:
    options = 'dates = "day-first"\ndecimal = ","\nthousands = "."'
    spec = '{ column = "x", map = { never = "2099-12-31" }, map_else = "keep", default = "2000-01-01" }'

    dates = read_field(tmp_path, "owned_since", ["never", "03/04/2026", ""], spec, options=options)
    money = read_field(
        tmp_path, "annual_revenue", ["1.234,5", ""], '{ column = "x", default = "12.50" }', options=options
    )

    assert dates.column("owned_since") == ["2099-12-31", "2026-04-03", "2000-01-01"]
    assert money.column("annual_revenue") == [123450, 1250]


def test_a_pattern_takes_a_part(tmp_path: Path) -> None:
    spec = "{ column = 'j', pattern = '\\\\(.+)$' }"
    data = "code,name,j\nA,n,adventure-works\\linda3\n"

    assert city(tmp_path, spec, data).column("city") == ["linda3"]


def test_a_value_that_does_not_fit_the_pattern_is_a_fault_unless_optional(tmp_path: Path) -> None:
    spec = "{ column = 'j', pattern = '^(x)$' }"

    assert [fault.value for fault in city(tmp_path, spec, DATA).faults] == ["y", "z"]
    optional = "{ column = 'j', pattern = '^(x)$', optional = true }"
    assert city(tmp_path, optional, DATA).column("city") == ["x", None, None, None]


def test_a_long_value_is_not_matched_at_all(tmp_path: Path) -> None:
    found = city(tmp_path, "{ column = 'j', pattern = '(x+)' }", f"code,name,j\nA,n,{'x' * 300}\n")

    assert "too long for a pattern" in found.reasons[0]


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(\w+\s?)*$",
        r"((a+)+)b",
        r"(a|aa)+b",
        r"(?:a?)+(b)",
        r"(.*)(?:x+){2,}",
        r"(a)\1",
        r"(?P<q>a)(?P=q)",
        r".*.*.*.*(x)",
        r"(x",
        r"x",
        r"(x)(y)",
    ],
)
def test_patterns_that_may_run_for_long_or_capture_nothing_are_refused(tmp_path: Path, pattern: str) -> None:
    # Case 97.
    with pytest.raises(UsageFault, match="pattern"):
        city(tmp_path, f"{{ column = 'j', pattern = '{pattern}' }}", DATA)


@pytest.mark.parametrize(
    "pattern", [r"^(.*/)[^/]+/$", r"(\d{3})-\d+", r"(?:ab|cd)(x)", r"[+*?](\d+)", r"\(([^)]+)\)", r"(a?)b", r"(?i)(x)"]
)
def test_patterns_of_every_day_are_accepted(tmp_path: Path, pattern: str) -> None:
    city(tmp_path, f"{{ column = 'j', pattern = '{pattern}', optional = true }}", DATA)


def test_filled_says_what_any_value_means(tmp_path: Path) -> None:
    fields = {**ACCOUNT, "active": '{ column = "end", filled = "no", default = "yes" }'}

    found = read(tmp_path, "code,name,end\nA,n,2013-05-29\nB,n,\n", noun="product", fields=fields)

    assert found.column("active") == [0, 1]


QUOTA = {"user": '"u"', "starts_on": '"d"', "amount": '"a"'}
WINDOWS = "u,d,a\nX,2013-05-30,3\nX,2012-11-30,1\nY,2013-01-01,9\nX,2013-02-28,2\n"


def quota(folder: Path, ends_on: str, data: str = WINDOWS, options: str = ""):  # type: ignore[no-untyped-def]
    return read(folder, data, noun="quota", fields={**QUOTA, "ends_on": ends_on}, options=options)


def test_an_end_is_the_next_date_of_the_same_key_whatever_the_order(tmp_path: Path) -> None:
    found = quota(tmp_path, '{ next = { column = "d", key = "u", last = "3 months" } }')

    assert found.column("ends_on") == ["2013-08-30", "2013-02-28", "2013-04-01", "2013-05-30"]


def test_rows_that_are_filtered_out_end_nothing(tmp_path: Path) -> None:
    options = 'where = { column = "a", not = "2" }'

    found = quota(tmp_path, '{ next = { column = "d", key = ["u"], last = "3 months" } }', options=options)

    assert found.column("ends_on") == ["2013-08-30", "2013-05-30", "2013-04-01"]


def test_the_last_window_may_stay_open(tmp_path: Path) -> None:
    fields = {
        "product": '"u"',
        "unit_price": '"a"',
        "valid_from": '"d"',
        "valid_to": '{ next = { column = "d", key = "u" } }',
    }

    found = read(tmp_path, WINDOWS, noun="price", fields=fields)

    assert found.column("valid_to") == [None, "2013-02-28", None, "2013-05-30"]


def test_next_dates_are_read_in_the_form_of_the_file(tmp_path: Path) -> None:
    data = "u,d,a\nX,30/11/2012,1\nX,01/12/2012,2\nX,bad,3\n"

    found = quota(tmp_path, '{ next = { column = "d", key = "u", last = "1 month" } }', data, 'dates = "day-first"')

    assert found.column("ends_on") == ["2012-12-01", "2013-01-01"]
    assert {fault.value for fault in found.faults} == {"bad"}
