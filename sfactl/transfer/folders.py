"""The directories that a manifest's files lie in; nothing outside them is ever opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sfactl.i18n import _
from sfactl.transfer.faults import FileFault

_PACKED = ".gz"


@dataclass(frozen=True)
class Folders:
    """Where files are looked for, in this order."""

    directories: tuple[Path, ...]
    named: Path | None = None
    "A file that the person named directly, links and all."

    def find(self, name: str) -> Path:
        """The file of that name, or its compressed form; raises `FileFault`."""
        if self.named is not None and name == self.named.name:
            return self.named
        for directory in self.directories:
            for candidate in (directory / name, directory / (name + _PACKED)):
                if candidate.exists():
                    return _inside(candidate, directory)
        where = ", ".join(str(directory) for directory in self.directories)
        raise FileFault(_("is not there: looked in {where}").format(where=where), file=name)

    def matches(self, name: str) -> Sequence[str]:
        """The files that a name with * or ? stands for, in order; the name itself if it stands for none."""
        if not any(mark in name for mark in "*?") or any((place / name).exists() for place in self.directories):
            return [name]
        pattern = name.replace("[", "[[]")
        found = {
            str(path.relative_to(directory))
            for directory in self.directories
            for path in (*directory.glob(pattern), *directory.glob(pattern + _PACKED))
        }
        return sorted(found) or [name]


def _inside(path: Path, directory: Path) -> Path:
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError) as fault:
        raise FileFault(_("cannot be read"), file=path.name) from fault
    if not resolved.is_relative_to(directory.resolve()):
        raise FileFault(_("is a link that leads out of the directory"), file=path.name)
    return resolved
