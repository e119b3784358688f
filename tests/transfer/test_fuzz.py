"""Whatever a file or a manifest holds, it is read or refused: no traceback (case 103)."""

import random
from pathlib import Path

import pytest

from sfactl.errors import UsageFault
from sfactl.transfer.explain import explain
from sfactl.transfer.faults import Fault, Row
from sfactl.transfer.manifest import parse_manifest
from tests.soak import times
from tests.transfer.files import manifest_of, write

SEED = 20_240_601
CSV = (
    "code,name,owned,amount\n"
    'A1,"Peña, SA",2026-01-02,12.50\n'
    'A2,"two\nlines",2026-02-03,"1,234.50"\n'
    "A3,x,,\n\ncode,name,owned,amount\nA4,'=1+1,2026-03-04,(5)\n"
)
FIELDS = {
    "code": '"code"',
    "name": "{ column = 'name', pattern = '(.*)' }",
    "owned_since": '"owned"',
    "annual_revenue": '"amount"',
}
PIECES = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x1f\x8b",
    b"PK\x03\x04",
    b"a" * 5000,
]


def mutated(data: bytes, chance: random.Random) -> bytes:
    for _change in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data = data[:at] + chance.choice(PIECES) + data[at:]
            case 1:
                data = data[:at] + data[at + chance.randint(1, 20) :]
            case 2:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case _:
                data = data[:at] + data[chance.randrange(len(data) + 1) :]
    return data


def test_mutated_files_are_read_or_refused(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    for option in ("", 'encoding = "cp1252"', 'encoding = "utf-16"', 'delimiter = ";"\nquote = ""'):
        text = manifest_of(fields=FIELDS, options=option)
        (source,) = parse_manifest(text, "m").sources([tmp_path], currency="EUR")
        for _round in range(times(20_000)):
            data = mutated(CSV.encode(chance.choice(["utf-8", "cp1252", "utf-16"])), chance)
            write(tmp_path, "data.csv", data)

            items = list(source.rows())

            assert all(isinstance(item, Row | Fault) for item in items), data
            lines = [item.line for item in items]
            assert lines == sorted(lines) or items[-1].is_final, data


def test_mutated_files_are_explained_or_refused(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    for _round in range(times(5_000)):
        data = mutated(CSV.encode(chance.choice(["utf-8", "cp1252", "utf-16"])), chance)
        try:
            explain(write(tmp_path, "data.csv", data))
        except UsageFault:
            continue


def test_mutated_manifests_are_read_or_refused_with_a_place() -> None:
    chance = random.Random(SEED)
    whole = manifest_of(
        fields={**FIELDS, "city": '{ lookup = [{ file = "a.csv", key = "k", take = "{t}" }], default = "x" }'},
        options='where = { column = "a", in = ["b", 1] }\ndates = ["iso", "%d/%m/%Y"]',
        top='currency = "EUR"\n[defaults]\nnull = ["NA"]\n[files."a.csv"]\nskip = 1',
    )
    for _round in range(times(50_000)):
        text = mutated(whole.encode(), chance).decode("utf-8", "replace")
        try:
            parse_manifest(text, "m.toml")
        except UsageFault as fault:
            assert fault.message.startswith("m.toml"), text


@pytest.mark.parametrize("data", [{"source": [{"noun": "account"}]}, {"source": [[]]}, {"files": 3, "source": []}])
def test_tables_of_the_wrong_shape_are_refused(data: dict[str, object]) -> None:
    text = "\n".join(f"{key} = {toml(value)}" for key, value in data.items())

    with pytest.raises(UsageFault):
        parse_manifest(text, "m.toml")


def toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)
