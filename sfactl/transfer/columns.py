"""A file with a header, read by the names of its columns alone, without a manifest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sfactl.core.text import match_key
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.transfer.cells import Getter, Sheet
from sfactl.transfer.dialect import Dialect
from sfactl.transfer.faults import BadCell, Fault, FileFault, shown
from sfactl.transfer.headers import width_reason
from sfactl.transfer.reading import Limits
from sfactl.transfer.records import Table, Unreadable
from sfactl.transfer.sniffing import sniff

MOST_SHOWN: Final = 20


@dataclass(frozen=True)
class Record:
    """A row of the file: the line it starts on, and the text of each column; None where there is none."""

    line: int
    cells: Mapping[str, str | None]

    def text(self, column: str) -> str:
        """The text of a column that every row has."""
        return self.cells[column] or ""


def read(path: Path, needed: Sequence[str], optional: Sequence[str] = ()) -> list[Record]:
    """All rows of a file; encoding, delimiter and case of the header do not matter.

    Args:
        needed: columns that must be there, and be filled in every row.
        optional: columns that may be there.

    Raises:
        UsageFault: the file cannot be read, or a row is not as it should be; each fault with file, line and column.
    """
    records: list[Record] = []
    faults: list[Fault] = []
    for item in _items(path, needed, optional):
        if isinstance(item, Fault):
            faults.append(item)
        else:
            records.append(item)
    require_none(faults)
    return records


def require_none(faults: Sequence[Fault]) -> None:
    """Refuse a file with faults, naming the first of them.

    Raises:
        UsageFault: there are some.
    """
    if not faults:
        return
    said = [_said(fault) for fault in faults[:MOST_SHOWN]]
    if len(faults) > MOST_SHOWN:
        said.append(_("… and {count} more.").format(count=len(faults) - MOST_SHOWN))
    raise UsageFault("\n".join(said), _("Mend the file; nothing was changed."))


def _said(fault: Fault) -> str:
    place = ":".join(filter(None, (fault.file, str(fault.line) if fault.line else "", fault.column)))
    value = f"“{fault.value}” " if fault.value else ""
    return f"{place}: {value}{fault.reason}."


def _items(path: Path, needed: Sequence[str], optional: Sequence[str]) -> Iterator[Record | Fault]:
    try:
        found = sniff(path)
        dialect = Dialect(encoding=found.encoding, delimiter=found.delimiter, skip=found.skip, unguard=True)
        with Table(path, dialect, Limits()) as table:
            yield from _rows(path.name, table, needed, optional)
    except FileFault as fault:
        yield fault.fault(path.name)


def _rows(name: str, table: Table, needed: Sequence[str], optional: Sequence[str]) -> Iterator[Record | Fault]:
    positions = {_key(header): index for index, header in enumerate(table.header)}
    missing = [column for column in needed if column not in positions]
    if missing:
        reason = _("there is no such column: the file has {columns}").format(columns=", ".join(table.header)[:200])
        yield from (Fault(name, table.header_line, column, "", reason) for column in missing)
        return
    sheet = Sheet(positions, table.encoding, unguard=True)
    getters = {column: sheet.cell(column) for column in (*needed, *optional) if column in positions}
    for line, cells in table:
        if isinstance(cells, Unreadable):
            yield Fault(name, line, "", "", cells.reason)
        elif any(cell.strip() for cell in cells):
            yield from _row(name, line, cells, table, getters, needed, optional)


def _key(header: str) -> str:
    return match_key(header).replace(" ", "_").replace("-", "_")


def _row(
    name: str, line: int, cells: list[str], table: Table, getters: Mapping[str, Getter],
    needed: Sequence[str], optional: Sequence[str],
) -> Iterator[Record | Fault]:  # fmt: skip
    if len(cells) != len(table.header):
        value = shown(",".join(cells))
        yield Fault(name, line, "", value, width_reason(len(cells), len(table.header)))
        return
    found: dict[str, str | None] = dict.fromkeys((*needed, *optional))
    faults = []
    for column, get in getters.items():
        try:
            found[column] = get(cells)
        except BadCell as bad:
            faults.append(Fault(name, line, column, shown(bad.value), bad.reason))
    faults += [
        Fault(name, line, column, "", _("is empty")) for column in needed if found[column] is None and not faults
    ]
    if faults:
        yield from faults
    else:
        yield Record(line, found)
