"""docs/importing.md says what is so."""

import re
from pathlib import Path

import pytest

from sfactl.errors import UsageFault
from sfactl.transfer import schema
from sfactl.transfer.faults import Fault
from sfactl.transfer.manifest import Manifest, parse_manifest
from sfactl.transfer.nouns import NOUNS
from tests.transfer.files import take, write

PAGE = (Path(__file__).parents[2] / "docs" / "importing.md").read_text()
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
TABLES = (
    schema.ManifestSpec,
    schema.SourceSpec,
    schema.FieldSpec,
    schema.LookupSpec,
    schema.ConditionSpec,
    schema.SiblingSpec,
    schema.NextSpec,
    schema.UnpivotSpec,
    schema.LimitsSpec,
)


def manifest(text: str) -> Manifest:
    try:
        return parse_manifest(text, "docs/importing.md")
    except UsageFault as fault:
        pytest.fail(f"{fault.message}\n{text}")


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_example_is_a_manifest(block: str) -> None:
    assert manifest(block).spec.source


def test_every_key_is_explained() -> None:
    keys = {info.alias or name for table in TABLES for name, info in table.model_fields.items()}
    summary = PAGE[PAGE.index("## Every key in one place") :]

    assert {key for key in keys if not re.search(rf"[`\[.]{key}[`\]. ]", summary)} == set()


@pytest.mark.parametrize("noun", NOUNS.values(), ids=list(NOUNS))
def test_the_table_of_nouns_is_right(noun) -> None:  # type: ignore[no-untyped-def]
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{noun.name}`"))
    _start, _name, fields, key, _end = row.split("|")

    said = re.findall(r"`(\w+)`(!?)(?:→([\w-]+))?", fields)
    assert said == [(field.key, "!" * field.required, field.refers_to or "") for field in noun.fields]
    assert tuple(re.findall(r"`(\w+)`", key)) == (() if noun.keys == ("external_id",) else noun.keys)


def test_every_choice_is_named() -> None:
    for noun in NOUNS.values():
        for field in noun.fields:
            assert all(choice in PAGE for choice in field.choices)


def test_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ")).strip().lower().replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("#")
    }

    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= headings


def files_before(text: str, folder: Path) -> None:
    for name, data in re.findall(r"`([\w.]+)`:?\n\n?```csv\n(.*?)```", text, re.DOTALL):
        write(folder, name, data)


def read_all(folder: Path, text: str) -> dict[str, list[dict[str, object]]]:
    rows: dict[str, list[dict[str, object]]] = {}
    for source in manifest(text).sources([folder], currency="EUR"):
        found = take(source)
        assert not found.faults, found.faults
        rows.setdefault(source.noun.name, []).extend(
            dict(zip(source.mapped, values, strict=True)) for values in found.values
        )
    return rows


def test_the_smallest_manifest_reads_its_file(tmp_path: Path) -> None:
    section = PAGE[PAGE.index("## The smallest manifest") : PAGE.index("## Nouns and their fields")]
    files_before(section, tmp_path)

    rows = read_all(tmp_path, re.findall(r"```toml\n(.*?)```", section, re.DOTALL)[0])

    assert rows["account"][0] == {"code": "C-1", "name": "Northwind", "owner": "ana", "city": "Bilbao"}


def test_the_whole_example_reads_its_files(tmp_path: Path) -> None:
    section = PAGE[PAGE.index("## A whole example") : PAGE.index("## Every key in one place")]
    files_before(section, tmp_path)

    rows = read_all(tmp_path, re.findall(r"```toml\n(.*?)```", section, re.DOTALL)[0])

    assert {noun: len(each) for noun, each in rows.items()} == {
        "territory": 2,
        "user": 5,
        "member": 5,
        "account": 4,
        "product": 2,
        "price": 2,
        "opportunity": 2,
    }
    won, open_ = rows["opportunity"]
    assert (won["amount"], won["currency"], won["account"], won["stage"]) == (483_000, "USD", "Cancity", "won")
    assert (open_["account"], open_["amount"], open_["close_on"], open_["name"]) == (
        "unknown",
        5_500,
        "2017-12-31",
        "MG Special",
    )
    assert rows["account"][0]["annual_revenue"] == 110_004_000_000


def test_the_example_of_month_columns_reads_its_file(tmp_path: Path) -> None:
    section = PAGE[PAGE.index("## Month columns") : PAGE.index("## Rows, faults and mending")]
    write(tmp_path, "targets.csv", re.findall(r"```csv\n(.*?)```", section, re.DOTALL)[0])

    (source,) = manifest(re.findall(r"```toml\n(.*?)```", section, re.DOTALL)[0]).sources([tmp_path], currency="EUR")
    found = take(source)

    assert not any(isinstance(item, Fault) for item in found.faults)
    assert found.column("starts_on") == ["2026-01-01", "2026-03-01"]
    assert found.column("amount") == [12_000_000, 14_000_000]


def test_the_table_of_numbers_is_right(tmp_path: Path) -> None:
    for cell, options, minor in [
        ("1,234.56", 'thousands = ","', 123456),
        ("1.234,56", 'decimal = ","\nthousands = "."', 123456),
        ("1 234,56", 'decimal = ","\nthousands = " "', 123456),
        ("1234.5", "", 123450),
        ("1.234", 'decimal = "."', 123),
    ]:
        assert f"`{cell}`" in PAGE
        write(tmp_path, "data.csv", f"c;n;x\nA;n;{cell}\n")
        text = f'[[source]]\nnoun = "account"\nfile = "data.csv"\ndelimiter = ";"\n{options}\n'
        text += '[source.fields]\ncode = "c"\nname = "n"\nannual_revenue = "x"\n'
        (source,) = manifest(text).sources([tmp_path], currency="EUR")
        assert take(source).column("annual_revenue") == [minor]
