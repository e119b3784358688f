"""Small files and manifests for the tests of what comes in."""

from dataclasses import dataclass
from pathlib import Path

from sfactl.transfer.faults import Fault, Row
from sfactl.transfer.manifest import parse_manifest
from sfactl.transfer.source import Source

ACCOUNT = {"code": '"code"', "name": '"name"'}


@dataclass
class Reading:
    """What one source said of its file."""

    source: Source
    rows: list[Row]
    faults: list[Fault]

    @property
    def values(self) -> list[tuple[str | int | None, ...]]:
        return [row.values for row in self.rows]

    def column(self, key: str) -> list[str | int | None]:
        return [row.values[self.source.mapped.index(key)] for row in self.rows]

    @property
    def reasons(self) -> list[str]:
        return [fault.reason for fault in self.faults]


def write(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def manifest_of(
    noun: str = "account", fields: dict[str, str] | None = None, *, options: str = "", top: str = ""
) -> str:
    """A manifest of one source; the values of `fields` are TOML."""
    lines = "\n".join(f"{key} = {value}" for key, value in (fields or ACCOUNT).items())
    return f'{top}\n[[source]]\nnoun = "{noun}"\nfile = "data.csv"\n{options}\n[source.fields]\n{lines}\n'


def read(
    folder: Path,
    data: str | bytes,
    *,
    noun: str = "account",
    fields: dict[str, str] | None = None,
    options: str = "",
    top: str = "",
    currency: str = "EUR",
) -> Reading:
    """Read `data` as data.csv with a manifest of one source."""
    write(folder, "data.csv", data)
    text = manifest_of(noun, fields, options=options, top=top)
    (source,) = parse_manifest(text, "manifest.toml").sources([folder], currency=currency)
    return take(source)


def take(source: Source) -> Reading:
    items = list(source.rows())
    rows = [item for item in items if isinstance(item, Row)]
    return Reading(source, rows, [item for item in items if isinstance(item, Fault)])


def read_field(
    folder: Path, kind_field: str, cells: list[str], spec: str = '"x"', *, noun: str = "account", **more: str
) -> Reading:
    """Read a column `x` of these cells as one field of an account (or another noun), quoted as needed."""
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    data = "code;name;x\n" + "".join(f"c{number};n;{cell}\n" for number, cell in enumerate(quoted))
    options = 'delimiter = ";"\n' + more.get("options", "")
    fields = {**ACCOUNT, kind_field: spec}
    return read(folder, data, noun=noun, fields=fields, options=options, currency=more.get("currency", "EUR"))
