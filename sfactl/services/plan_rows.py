"""The rows of a file on their way to a plan."""

from collections.abc import Iterator, Sequence
from typing import Final

from sfactl.errors import UsageFault
from sfactl.i18n import _, ngettext
from sfactl.transfer.faults import Fault, Row
from sfactl.transfer.source import Source

MOST_FAULTS: Final = 1000
"""So many faults of a file are named."""


class BadFile(UsageFault):
    """A file with lines that cannot be followed; nothing is planned then."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        text = ngettext("{count} fault; nothing was planned.", "{count} faults; nothing was planned.", len(faults))
        super().__init__(text.format(count=len(faults)), _("Mend the file, and feed it again."))
        self.faults = faults


class PlanRows:
    """What a file says, row by row, and what is wrong with it: a fault is kept, and the next row is read.

    Reading raises `UsageFault` where it is the file as a whole that cannot be read.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._place = {name: index for index, name in enumerate(source.mapped)}
        self.faults: list[Fault] = []
        self.rows = self._read()

    def _read(self) -> Iterator[Row]:
        for found in self._source.rows():
            if isinstance(found, Fault):
                self._tell(found)
            else:
                yield found

    def _tell(self, fault: Fault) -> None:
        if not fault.line:
            raise UsageFault(_("{file} {reason}.").format(file=fault.file, reason=fault.reason))
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)
