"""The columns that a source needs, found in the header that a file has."""

import difflib
from collections.abc import Iterable

from sfactl.i18n import _
from sfactl.transfer.cells import Sheet, find_column, positions_of
from sfactl.transfer.dialect import DELIMITERS, Dialect
from sfactl.transfer.faults import Fault
from sfactl.transfer.records import Table


class MissingColumns(Exception):
    """Columns that a file should have and does not."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__()
        self.faults = faults


def open_sheet(table: Table, name: str, dialect: Dialect, wanted: Iterable[str]) -> Sheet:
    """The columns of an opened file, those that are wanted under the names they are wanted by.

    Raises:
        MissingColumns: with a fault for each that is not there.
    """
    positions = positions_of(table.header)
    known = dict(positions)
    faults: list[Fault] = []
    for column in dict.fromkeys(wanted):
        header = find_column(column, positions)
        if header is None:
            faults.append(Fault(name, table.header_line, column, "", _why_missing(column, table.header), True))
        else:
            known[column] = positions[header]
    if faults:
        raise MissingColumns(faults)
    return Sheet(known, table.encoding, dialect.null, dialect.unguard)


def _why_missing(column: str, header: list[str]) -> str:
    near = difflib.get_close_matches(column, header, n=1, cutoff=0.7)
    if near:
        return _("there is no such column: is it “{near}”?").format(near=near[0])
    if len(header) == 1:
        other = next((mark for mark in DELIMITERS.values() if mark != " " and mark in header[0]), None)
        if other:
            return _("there is no such column: the header is one field, is the delimiter “{other}”?").format(
                other="tab" if other == "\t" else other
            )
    return _("there is no such column: the file has {columns}").format(columns=", ".join(header)[:200])


def width_reason(has: int, needs: int) -> str:
    """Why a record of another width than the header cannot be read."""
    if has < needs:
        return _("has {has} fields where the header has {needs}: some are missing").format(has=has, needs=needs)
    return _("has {has} fields where the header has {needs}: is a delimiter unquoted?").format(has=has, needs=needs)
