"""How an unknown file is written, told from its beginning: encoding, delimiter, header."""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

from sfactl.transfer import encodings
from sfactl.transfer.reading import first_bytes
from sfactl.transfer.records import Unreadable

_SAMPLE_BYTES: Final = 1 << 20
_SAMPLE_ROWS: Final = 2_000
_MOST_TITLES: Final = 20
_DELIMITERS: Final = (",", ";", "\t", "|")
_ONE_BYTE: Final = ("cp1252", "cp850", "mac-roman", "cp1250", "cp1251")
_WESTERN: Final = re.compile(
    "(?<=[A-Za-z])[àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿœßšž]|[ÁÉÍÓÚÑÜÖÄÅØ](?=[a-z])|[€º°ª]"
    "|(?<=[A-Za-z])’(?=[sSA-Z])|(?<= )[–—](?= )|(?<!\\w)[“‘]|[”’](?!\\w)"
)
"""What stands where it should, if the encoding is right."""


@dataclass(frozen=True)
class Sniffed:
    """How a file is written, and the first of its rows as they stand."""

    encoding: str
    has_mark: bool
    delimiter: str
    skip: int
    "Title lines before the header or the first row."
    records: list[list[str]]
    "The header, if there is one, and the rows of the sample."
    ragged: int
    "Rows of another width than most."


def sniff(path: Path) -> Sniffed:
    """How the file is written; raises `FileFault` when it cannot be read."""
    data = first_bytes(path, _SAMPLE_BYTES)
    encoding, mark = guess_encoding(data)
    text = data[len(mark) :].decode(encoding, "ignore")
    if len(data) >= _SAMPLE_BYTES:  # the last line is cut somewhere
        text = text[: text.rfind("\n") + 1] or text
    delimiter, records = _best_delimiter(text)
    width = _usual_width(records)
    skip = _titles(records, width)
    rows = [record for record in records[skip:] if any(cell.strip() for cell in record)]
    full = [record for record in rows if len(record) == width]
    return Sniffed(encoding, bool(mark), delimiter, skip, full, len(rows) - len(full))


def guess_encoding(data: bytes) -> tuple[str, bytes]:
    """The encoding, and the byte order mark if there is one.

    UTF-16 is told by its zero bytes, UTF-8 by its own rules; of the one-byte encodings, the one in which the
    most letters outside ASCII stand where letters stand.
    """
    if found := encodings.byte_order_mark(data):
        return found[1], found[0]
    if wide := encodings.guess_wide(data):
        return wide, b""
    try:
        data[: max(len(data) - 4, 0)].decode()
        return "utf-8", b""
    except UnicodeDecodeError as fault:
        if fault.reason == "unexpected end of data" and fault.start >= len(data) - 8:
            return "utf-8", b""
    best = max(_ONE_BYTE, key=lambda name: _letters(data, name))
    if best == "cp1252" and not any(0x80 <= byte <= 0x9F for byte in data):
        return "latin-1", b""
    return best, b""


def _letters(data: bytes, encoding: str) -> int:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return -len(data)
    strange = sum(1 for character in text if not character.isascii())
    if encoding == "cp1251":
        return 2 * len(re.findall("[а-яё]{3}", text)) - strange // 2
    return 2 * len(_WESTERN.findall(text)) - strange


def _best_delimiter(text: str) -> tuple[str, list[list[str]]]:
    """The delimiter that cuts the most records into the same number of fields, and those records."""
    best: tuple[float, int] = (0.0, 0)
    chosen, records = ",", _records(text, ",")
    for delimiter in _DELIMITERS:
        found = _records(text, delimiter)
        width = _usual_width(found)
        full = [record for record in found if record]
        share = sum(len(record) == width for record in full) / len(full) if full else 0.0
        if width > 1 and (round(share, 1), width) > best:
            best, chosen, records = (round(share, 1), width), delimiter, found
    return chosen, records


def _records(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    records: list[list[str]] = []
    while len(records) < _SAMPLE_ROWS:
        try:
            records.append(next(reader))
        except StopIteration:
            break
        except csv.Error:
            records.append(Unreadable(""))
    return records


def _usual_width(records: list[list[str]]) -> int:
    widths = Counter(len(record) for record in records if record)
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def _titles(records: list[list[str]], width: int) -> int:
    """How many lines stand before the first record of the usual width with more than a title in it."""
    for count, record in enumerate(records[:_MOST_TITLES]):
        filled = sum(1 for cell in record if cell.strip())
        if len(record) == width and filled > (width > 2):
            return count
    return 0
