"""Unknown files explained, and the manifests that are proposed for them."""

import codecs
import gzip
import tomllib
from pathlib import Path

import pytest

from sfactl.errors import UsageFault
from sfactl.transfer.explain import Explanation, explain
from sfactl.transfer.manifest import parse_manifest
from tests.hostile import HOSTILE
from tests.transfer.files import Reading, take, write

SPANISH = (
    "Cliente;Código;País;Fecha;Importe;Comercial\n"
    "Peñíscola SA;P-1;España;03/04/2025;1.234,56;ana\n"
    "Camión SL;P-2;España;25/12/2025;99,00;luis\n"
)


def proposed(folder: Path, name: str, data: str | bytes) -> tuple[Explanation, Reading]:
    """What is said of a file, and what the proposed manifest makes of it."""
    found = explain(write(folder, name, data))
    (source,) = parse_manifest(found.manifest_text, "proposal").sources([folder], currency="EUR")
    return found, take(source)


@pytest.mark.parametrize(
    ("encoding", "mark", "said"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", codecs.BOM_UTF8, "utf-8"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16-le"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16-be"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("latin-1", b"", "latin-1"),
        ("cp850", b"", "cp850"),
        ("mac-roman", b"", "mac-roman"),
    ],
)
def test_a_spanish_order_list_in_any_encoding(tmp_path: Path, encoding: str, mark: bytes, said: str) -> None:
    found, read = proposed(tmp_path, "pedidos.csv", mark + SPANISH.encode(encoding))

    assert (found.encoding, found.delimiter, found.has_header, found.noun) == (said, ";", True, "order")
    assert read.faults == []
    assert read.column("account") == ["Peñíscola SA", "Camión SL"]
    assert read.column("booked_on") == ["2025-04-03", "2025-12-25"]
    assert read.column("amount") == [123456, 9900]


def test_windows_text_is_told_by_its_own_signs(tmp_path: Path) -> None:
    found, read = proposed(tmp_path, "clientes.csv", "codigo,nombre\nA,Café – 5 €\n".encode("cp1252"))

    assert found.encoding == "cp1252"
    assert read.column("name") == ["Café – 5 €"]
    assert any("encoding is a guess" in note for note in found.notes)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_told(tmp_path: Path, delimiter: str) -> None:
    data = "\n".join(
        delimiter.join(row) for row in (["code", "name", "city"], ["A", "x y", "Vigo"], ["B", "z. w", "Gijón"])
    )

    found, read = proposed(tmp_path, "accounts.csv", data)

    assert (found.delimiter, read.values) == (delimiter, [("A", "x y", "Vigo"), ("B", "z. w", "Gijón")])


def test_a_compressed_file_is_explained(tmp_path: Path) -> None:
    found, read = proposed(tmp_path, "accounts.csv.gz", gzip.compress(b"code,name\nA,b\n", mtime=0))

    assert (found.noun, read.values) == ("account", [("A", "b")])


def test_a_file_without_header_gets_names_for_its_columns(tmp_path: Path) -> None:
    found = explain(write(tmp_path, "products.csv", "A1,Widget,12.50,2024-01-01\nA2,Gadget,3.25,2024-02-01\n"))

    assert not found.has_header
    assert [(column.name, column.kind) for column in found.columns] == [
        ("column 1", "text"),
        ("column 2", "text"),
        ("column 3", "number"),
        ("column 4", "date"),
    ]
    assert tomllib.loads(found.manifest_text)["source"][0]["columns"] == [f"column {n}" for n in (1, 2, 3, 4)]


def test_month_columns_become_rows(tmp_path: Path) -> None:
    data = "Report;;;;\n;;;;\nVendedor;Ene 2026;Feb 2026;Mar 2026;Moneda\n276;1.200,50;2.000,00;;EUR\n277;;3.400,25;12,5;EUR\n"

    found, read = proposed(tmp_path, "cuotas.csv", data)

    assert found.noun == "quota"
    assert [row.line for row in read.rows] == [4, 4, 5, 5]
    assert read.column("starts_on") == ["2026-01-01", "2026-02-01", "2026-02-01", "2026-03-01"]
    assert read.column("amount") == [120050, 200000, 340025, 1250]


def test_month_columns_without_a_year_say_so(tmp_path: Path) -> None:
    found, read = proposed(tmp_path, "targets.csv", "rep,jan,feb,mar\nA,1,2,3\n")

    assert "The month columns name no year." in found.notes
    assert len(read.rows) == 3


def test_the_year_column_of_a_wide_file_is_used(tmp_path: Path) -> None:
    _found, read = proposed(tmp_path, "targets.csv", "rep,year,q1,q2,q3,q4\nA,2025,1,2,3,4\n")

    assert read.column("starts_on")[0] == "2025-01-01"
    assert read.column("ends_on")[3] == "2026-01-01"


def test_dates_that_could_be_read_both_ways_are_pointed_out(tmp_path: Path) -> None:
    found, read = proposed(tmp_path, "orders.csv", "order number,customer,order date,amount\n1,A,03/04/2025,5\n")

    assert any("day or the month first" in note for note in found.notes)
    assert "nothing tells" in found.manifest_text
    assert read.faults == []


def test_month_first_dates_are_told_by_a_large_day(tmp_path: Path) -> None:
    data = "order number,customer,order date,amount\n1,A,03/04/2025,5.25\n2,A,12/25/2025,1.10\n"

    _found, read = proposed(tmp_path, "orders.csv", data)

    assert read.column("booked_on") == ["2025-03-04", "2025-12-25"]


def test_two_columns_with_dates_of_their_own(tmp_path: Path) -> None:
    data = "code,name,account,stage,close date,created\n1,n,A,won,2025-12-25,25.12.2024\n2,n,A,lost,2025-01-31,31.01.2024\n"

    _found, read = proposed(tmp_path, "deals.csv", data)

    assert read.faults == []
    assert read.column("created_on") == ["2024-12-25", "2024-01-31"]


def test_numbers_that_could_be_read_both_ways_are_pointed_out(tmp_path: Path) -> None:
    found = explain(write(tmp_path, "orders.csv", "order number,customer,order date,amount\n1,A,2025-01-01,1.234\n"))

    assert any("1.234" in note for note in found.notes)


def test_thousands_marks_percent_and_null_words(tmp_path: Path) -> None:
    data = (
        "order id,line number,product,quantity,discount,amount\n"
        'O1,1,P,2,15 %,"1,234.50"\nO1,2,P,NULL,0%,"12,234.50"\nO1,3,P,3,5%,NULL\n'
    )

    found = explain(write(tmp_path, "order_lines.csv", data))
    said = tomllib.loads(found.manifest_text)["source"][0]

    assert (said["decimal"], said["thousands"], said["null"]) == (".", ",", ["NULL"])
    assert {column.name: column.kind for column in found.columns}["discount"] == "percent"


def test_na_is_left_alone_and_told(tmp_path: Path) -> None:
    found = explain(write(tmp_path, "accounts.csv", "code,name,region\nA,n,NA\nB,n,EU\n"))

    assert "null" not in tomllib.loads(found.manifest_text)["source"][0]
    assert any("“NA”" in note for note in found.notes)


def test_first_and_last_names_are_put_together(tmp_path: Path) -> None:
    _found, read = proposed(tmp_path, "employees.csv", "employee id,login,first name,last name\n1,ana,Ana,Ruiz\n")

    assert read.column("name") == ["Ana Ruiz"]


def test_required_fields_that_no_column_looks_like_are_named(tmp_path: Path) -> None:
    found = explain(write(tmp_path, "orders.csv", "customer,total\nA,5\nA,5\n"))

    assert '# code = ""' in found.manifest_text
    assert any("booked_on" in note for note in found.notes)
    with pytest.raises(UsageFault, match="every order needs"):
        parse_manifest(found.manifest_text, "proposal")


@pytest.mark.parametrize("data", [b"", b"\n\n"])
def test_an_empty_file_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UsageFault, match="empty"):
        explain(write(tmp_path, "x.csv", data))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="cannot be read"):
        explain(tmp_path / "none.csv")


def test_a_spreadsheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="save it as CSV"):
        explain(write(tmp_path, "x.csv", b"PK\x03\x04"))


@pytest.mark.parametrize("text", list(HOSTILE.values()), ids=list(HOSTILE))
def test_hostile_cells_and_headers_stay_inside_their_comment_or_string(tmp_path: Path, text: str) -> None:
    raw = text.encode("utf-8", "replace").decode()
    quoted = '"' + raw.replace('"', '""') + '"'
    data = f"code,name,{quoted},other\nA,{quoted},{quoted},x\nB,b,c,{quoted}\n"

    found = explain(write(tmp_path, "accounts.csv", data))

    said = tomllib.loads(found.manifest_text)
    assert said["source"][0]["noun"]
    assert "\x1b" not in found.manifest_text.replace("\\u001b", "")
    assert all("\n" not in sample for column in found.columns for sample in column.samples)
