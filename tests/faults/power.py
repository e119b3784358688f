"""What a power cut may leave of files: of each call to the system, which is recorded, that was not made to last.

The model is a strict one. The content of a file lasts when the file was synchronised, its name when its folder was. What is
not made to last may be there, be lost, or be there in part; a write may be torn between sectors of 512 bytes. Names come and
go in their order, and no earlier than they were asked to.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

SECTOR = 512
CALLS = "pwrite64,fsync,fdatasync,ftruncate,unlink,write,openat"

_HEX = re.compile(rb"\\x([0-9a-f]{2})")
_LINE = re.compile(rb"(?:\d+ +)?(\w+)\((.*)\) += (\d+)")
_FILE = re.compile(rb"\d+<([^>]*)>")


class Kind(Enum):
    """What a recorded call does."""

    WRITE = "write"
    SIZE = "size"
    SYNC = "sync"
    SYNC_FOLDER = "sync folder"
    UNLINK = "unlink"
    TOLD = "told"


@dataclass(frozen=True)
class Call:
    """A call to the system that changes files, or makes them last."""

    kind: Kind
    name: str = ""
    offset: int = 0
    data: bytes = b""


def recorded(log: Path, database: Path, output: Path) -> list[Call]:
    """The calls that concern a database, and those that tell a person of it, from what strace wrote with -y -xx."""
    found = (_call(line, database, output) for line in log.read_bytes().splitlines())
    return [call for call in found if call is not None]


def _call(line: bytes, database: Path, output: Path) -> Call | None:
    said = _LINE.match(line)
    if said is None:
        return None
    what, words, result = said[1].decode(), said[2], int(said[3])
    file = _FILE.match(words)
    path = Path(_plain(file[1]).decode() if file else _plain(words).decode(errors="replace"))
    if what == "write":
        return Call(Kind.TOLD) if path == output else None
    if path == database.parent and what in ("fsync", "fdatasync"):
        return Call(Kind.SYNC_FOLDER)
    if not path.name.startswith(database.name) or path.name.endswith("-shm"):
        return None
    parts = words.rsplit(b", ", 2)
    match what:
        case "pwrite64":
            data = _plain(parts[0].partition(b', "')[2])[:result]
            return Call(Kind.WRITE, path.name, int(parts[2]), data)
        case "ftruncate":
            return Call(Kind.SIZE, path.name, int(parts[-1]))
        case "fsync" | "fdatasync":
            return Call(Kind.SYNC, path.name)
        case "unlink":
            return Call(Kind.UNLINK, path.name)
    return None


def _plain(text: bytes) -> bytes:
    return bytes.fromhex(b"".join(_HEX.findall(text)).decode())


@dataclass
class File:
    """The content that lasts, and the calls since."""

    lasting: bytearray = field(default_factory=bytearray)
    waiting: list[Call] = field(default_factory=list)

    def sync(self) -> None:
        """Make all of it last."""
        for call in self.waiting:
            put(self.lasting, call)
        self.waiting.clear()


class Fate(Enum):
    """What becomes of what was not made to last."""

    LOST = "lost"
    THERE = "there"
    SOME = "some of it"
    TORN = "torn"


class Disk:
    """Files as a program sees them, and as they would be after a power cut."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = {name: File(bytearray(content)) for name, content in files.items()}
        self._lasting = dict(self._files)
        "Names that last, with their files."
        self._waiting: list[tuple[str, File | None]] = []
        "Names that came, with their files, or went, with none."

    def run(self, call: Call) -> None:
        """Carry out a call."""
        match call.kind:
            case Kind.WRITE | Kind.SIZE:
                self._file(call.name).waiting.append(call)
            case Kind.SYNC:
                self._file(call.name).sync()
            case Kind.SYNC_FOLDER:
                self._lasting = self._names(len(self._waiting))
                self._waiting.clear()
            case Kind.UNLINK:
                self._files.pop(call.name, None)
                self._waiting.append((call.name, None))
            case Kind.TOLD:
                pass

    def _file(self, name: str) -> File:
        if name not in self._files:
            self._files[name] = File()
            self._waiting.append((name, self._files[name]))
        return self._files[name]

    def _names(self, count: int) -> dict[str, File]:
        names = dict(self._lasting)
        for name, file in self._waiting[:count]:
            names.pop(name, None)
            if file is not None:
                names[name] = file
        return names

    def after_cut(self, fate: Fate, chance: random.Random) -> dict[str, bytes]:
        """What is there when the power comes back."""
        waiting = len(self._waiting)
        count = {Fate.LOST: 0, Fate.THERE: waiting}.get(fate, chance.randint(0, waiting))
        return {name: _content(file, fate, chance) for name, file in self._names(count).items()}


def _content(file: File, fate: Fate, chance: random.Random) -> bytes:
    content = bytearray(file.lasting)
    for call in file.waiting:
        for part in _parts(call, fate, chance):
            put(content, part)
    return bytes(content)


def _parts(call: Call, fate: Fate, chance: random.Random) -> Iterator[Call]:
    if fate is Fate.THERE or (fate in (Fate.SOME, Fate.TORN) and chance.random() < 0.5):
        yield call
    elif fate is Fate.TORN and call.kind is Kind.WRITE:
        for start in range(0, len(call.data), SECTOR):
            if chance.random() < 0.5:
                yield Call(Kind.WRITE, call.name, call.offset + start, call.data[start : start + SECTOR])


def put(content: bytearray, call: Call) -> None:
    """Carry out a call on the content of a file."""
    size = call.offset if call.kind is Kind.SIZE else call.offset + len(call.data)
    if len(content) < size:
        content.extend(bytes(size - len(content)))
    if call.kind is Kind.SIZE:
        del content[size:]
    else:
        content[call.offset : size] = call.data


def states(
    before: dict[str, bytes], calls: Sequence[Call], count: int, chance: random.Random
) -> Iterator[tuple[dict[str, bytes], bool, str]]:
    """So many states after a power cut at random moments; whether the person had been told; and what it was.

    Every second moment lies beside a synchronisation or a change of names, where a mistake would show.
    """
    edges = [number for number, call in enumerate(calls, 1) if call.kind in (Kind.SYNC, Kind.SYNC_FOLDER, Kind.UNLINK)]
    fates = list(Fate)
    moments = sorted(
        max(0, min(len(calls), chance.choice(edges) - chance.randint(0, 1)))
        if number % 2
        else chance.randint(0, len(calls))
        for number in range(count)
    )
    disk, done, is_told = Disk(before), 0, False
    for number, moment in enumerate(moments):
        for call in calls[done:moment]:
            disk.run(call)
            is_told = is_told or call.kind is Kind.TOLD
        done = max(done, moment)
        fate = fates[number % len(fates)]
        yield disk.after_cut(fate, chance), is_told, f"after call {moment} of {len(calls)}, {fate.value}"
