"""A file as text: opened safely, unpacked within limits, decoded strictly, cut into blocks of whole lines."""

import codecs
import gzip
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sfactl.i18n import _
from sfactl.transfer import encodings
from sfactl.transfer.faults import FileFault

_BLOCK: Final = 1 << 18
_LONGEST_LINE: Final = 1 << 24
_GZIP: Final = b"\x1f\x8b"
_SHEETS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")
"""How spreadsheets begin: ZIP archives, and the older form of Excel."""
_MIB: Final = 1 << 20
_RATIO_COUNTS_FROM: Final = 64 * _MIB

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Limits:
    """How much a compressed file may hold."""

    unpacked_mib: int = 8192
    ratio: int = 200


class ByteFile:
    """The bytes of one file in blocks, unpacked if it is a gzip file."""

    def __init__(self, path: Path, limits: Limits, progress: Progress | None = None) -> None:
        self._limits = limits
        self._progress = progress
        self._size = 0
        self._raw = _open(path)
        start = self._raw.read(4)
        self._raw.seek(0)
        if start.startswith(_SHEETS):
            self.close()
            raise _is_no_text()
        self._packed = gzip.GzipFile(fileobj=self._raw, mode="rb") if start.startswith(_GZIP) else None

    def close(self) -> None:
        """Let go of the file."""
        self._raw.close()

    def read(self) -> bytes:
        """The next block, empty at the end; raises `FileFault`."""
        try:
            data = self._packed.read(_BLOCK) if self._packed else self._raw.read(_BLOCK)
        except (gzip.BadGzipFile, EOFError, zlib.error) as fault:
            raise FileFault(_("cannot be unpacked: the gzip file is damaged or cut off")) from fault
        except OSError as fault:
            raise FileFault(_("cannot be read: {reason}").format(reason=fault.strerror)) from fault
        if self._packed:
            if not self._size and data.startswith(_SHEETS):
                raise _is_no_text()
            self._check_size(len(data))
        if self._progress:
            self._progress(self._raw.tell())
        return data

    def _check_size(self, added: int) -> None:
        self._size += added
        if self._size > self._limits.unpacked_mib * _MIB:
            raise FileFault(
                _("unpacks to more than {size} MiB: raise limits.unpacked_mib if that is right").format(
                    size=self._limits.unpacked_mib
                )
            )
        if self._size > _RATIO_COUNTS_FROM and self._size > self._raw.tell() * self._limits.ratio:
            raise FileFault(
                _("unpacks to more than {ratio} times its size: raise limits.ratio if that is right").format(
                    ratio=self._limits.ratio
                )
            )


def _is_no_text() -> FileFault:
    return FileFault(_("is a spreadsheet or a ZIP archive: save it as CSV"))


def first_bytes(path: Path, count: int) -> bytes:
    """The first bytes of a file, unpacked; a block more or less."""
    file = ByteFile(path, Limits())
    try:
        blocks: list[bytes] = []
        while sum(map(len, blocks)) < count and (block := file.read()):
            blocks.append(block)
        return b"".join(blocks)
    finally:
        file.close()


class TextFile:
    """The text of one file; iterate over it, once, for blocks that end at the end of a line.

    Iterating raises `FileFault` for what cannot be read; `encoding` and `mark` are known once opened.
    """

    def __init__(self, path: Path, encoding: str | None, limits: Limits, progress: Progress | None = None) -> None:
        self._bytes = ByteFile(path, limits, progress)
        self._line = 1
        try:
            self._start = self._bytes.read()
            self.mark, self.encoding = _encoding_of(self._start, encoding)
        except BaseException:
            self._bytes.close()
            raise

    def __enter__(self) -> "TextFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._bytes.close()

    def __iter__(self) -> Iterator[str]:
        waiting: list[str] = []
        length = 0
        for text in self._decoded():
            end = _end_of_lines(text)
            if end:
                yield "".join((*waiting, text[:end]))
                waiting, length = [], 0
            waiting.append(text[end:])
            length += len(text) - end
            if length > _LONGEST_LINE:
                raise FileFault(_("has a line of more than 16 million characters"), line=self._line)
        if length:
            yield "".join(waiting)

    def _decoded(self) -> Iterator[str]:
        """Blocks of text without NUL; counts lines on the way, for the faults."""
        decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        end = len(self._start)
        data = self._start[len(self.mark) :]
        while True:
            try:
                text = decoder.decode(data, not data)
            except UnicodeDecodeError as fault:
                raise self._undecodable(fault, end) from None
            if "\0" in text:
                line = self._line + _line_ends(text[: text.index("\0")])
                raise FileFault(_("holds a NUL character: is it UTF-16, or damaged?"), line=line)
            yield text
            if not data:
                return
            self._line += _line_ends(text)
            data = self._bytes.read()
            end += len(data)

    def _undecodable(self, fault: UnicodeDecodeError, end: int) -> FileFault:
        """The fault of bytes that the encoding does not have; the decoder was given those up to `end`."""
        start = end - len(fault.object) + fault.start
        line = self._line + _line_ends(fault.object[: fault.start].decode(self.encoding, "ignore"))
        reason = _("is not {encoding} at byte {byte} (line {line}): say encoding = “cp1252”, or what it is")
        return FileFault(reason.format(encoding=self.encoding.upper(), byte=start, line=line), line=line)


def _open(path: Path) -> BinaryIO:
    """The file, opened for reading if it is a regular one: a pipe or device would never end."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as fault:
        raise FileFault(_("cannot be read: {reason}").format(reason=fault.strerror)) from fault
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise FileFault(_("is not a regular file"))
    return os.fdopen(handle, "rb")


def _encoding_of(start: bytes, declared: str | None) -> tuple[bytes, str]:
    """The byte order mark, if any, and the encoding: the mark's, the declared one, else UTF-8."""
    if found := encodings.byte_order_mark(start):
        mark, marked = found
        if declared is not None and not encodings.agrees(declared, marked):
            raise FileFault(
                _("starts with the mark of {marked}, but the encoding is declared as {declared}").format(
                    marked=marked.upper(), declared=declared
                )
            )
        return mark, marked
    if declared is None and (wide := encodings.guess_wide(start)):
        raise FileFault(_("looks like UTF-16 without a mark: say encoding = “{wide}”").format(wide=wide))
    return b"", encodings.without_mark(declared or "utf-8")


def _line_ends(text: str) -> int:
    return text.count("\n") or text.count("\r")


def _end_of_lines(text: str) -> int:
    """Where the last complete line ends; a carriage return at the very end may have its line feed to come."""
    return text.rfind("\n") + 1 or text.rfind("\r", 0, len(text) - 1) + 1
