"""What other files are asked for: the rows behind lookups and conditions, each question answered once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from sfactl.transfer.cells import named_columns
from sfactl.transfer.dialect import Dialect
from sfactl.transfer.faults import BadCell, FileFault
from sfactl.transfer.filters import compile_filter
from sfactl.transfer.folders import Folders
from sfactl.transfer.headers import open_sheet, width_reason
from sfactl.transfer.reading import Limits
from sfactl.transfer.records import Table, Unreadable
from sfactl.transfer.schema import ConditionSpec, LookupSpec, SiblingSpec, columns_of_conditions


@dataclass
class LookupTable:
    """The texts of a file by key, and the keys that stand for several different ones."""

    values: dict[str, str | None] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)

    def add(self, key: str, text: str | None, pick: str) -> None:
        """Keep a row's text; what happens to a second one is `pick`: only, first or last."""
        if pick == "last" or key not in self.values:
            self.values[key] = text
        elif pick == "only" and self.values[key] != text:
            self.several.add(key)


class Siblings:
    """The files that a manifest's sources look things up in."""

    def __init__(self, folders: Folders, dialect_of: Callable[[str], Dialect], limits: Limits) -> None:
        self.folders = folders
        self.limits = limits
        self._dialect_of = dialect_of
        self._tables: dict[str, LookupTable] = {}
        self._keys: dict[str, set[str | None]] = {}

    def table(self, spec: LookupSpec) -> LookupTable:
        """The texts that a lookup takes; raises `FileFault` naming the file."""
        question = spec.model_dump_json(exclude={"from_", "pattern"})
        if question not in self._tables:
            table = LookupTable()
            for key, text in self._texts(spec.file, (spec.key, spec.take), spec.where):
                if key is not None:
                    table.add(key, text, spec.pick)
            self._tables[question] = table
        return self._tables[question]

    def keys(self, spec: SiblingSpec) -> set[str | None]:
        """The keys that occur in a file; raises `FileFault` naming the file."""
        question = spec.model_dump_json()
        if question not in self._keys:
            self._keys[question] = {key for (key,) in self._texts(spec.file, (spec.key,), spec.where) if key}
        return self._keys[question]

    def _texts(
        self, name: str, references: Sequence[str], where: Sequence[ConditionSpec]
    ) -> Iterator[tuple[str | None, ...]]:
        """What the references say in each row that fulfils the conditions."""
        dialect = self._dialect_of(name)
        wanted = [column for text in references for column in named_columns(text)]
        try:
            with Table(self.folders.find(name), dialect, self.limits) as table:
                sheet = open_sheet(table, name, dialect, [*wanted, *columns_of_conditions(where)])
                keep = compile_filter(where, sheet, self)
                getters = [sheet.reference(text) for text in references]
                for line, record in _full_records(table):
                    try:
                        if keep is None or keep(record):
                            yield tuple([get(record) for get in getters])
                    except BadCell as fault:
                        raise FileFault(fault.reason, line=line, value=fault.value) from None
        except FileFault as fault:
            fault.file = fault.file or name
            raise


def _full_records(table: Table) -> Iterator[tuple[int, list[str]]]:
    width = len(table.header)
    for line, record in table:
        if len(record) == width:
            if record != table.raw_header:
                yield line, record
        elif isinstance(record, Unreadable):
            raise FileFault(record.reason, line=line)
        elif any(text.strip() for text in record):
            raise FileFault(width_reason(len(record), width), line=line)
