"""Which encodings a file may be in, and how a wrong choice shows."""

import codecs
import re
from typing import Final

_NAMES: Final = (
    "utf-8 utf-16 utf-16-le utf-16-be utf-32 ascii latin-1 "
    "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp437 cp850 cp852 cp858 cp866 "
    "iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-13 "
    "iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman "
    "shift_jis cp932 euc_jp gbk gb18030 big5 euc_kr cp949"
)
_OTHER_NAMES: Final = {"utf-8-sig": "utf-8", "utf8-bom": "utf-8", "latin-9": "iso8859-15"}
_ALLOWED: Final = {codecs.lookup(name).name for name in _NAMES.split()}
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE: Final = ("utf-16", "utf-32")
_LIKELY: Final = re.compile("[\u00a0-\u017f\u0400-\u045f\u2010-\u2027\u20ac]+")
_SINGLE_BYTE: Final = re.compile("cp125[0-8]|cp437|cp8[56][0-9]|iso8859-[0-9]+|koi8-[ru]|mac-roman")


def canonical_encoding(name: str) -> str | None:
    """The codec's own name for an encoding that files may be in, None for any other."""
    try:
        found = codecs.lookup(_OTHER_NAMES.get(name.lower(), name)).name
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return None
    return found if found in _ALLOWED else None


def byte_order_mark(start: bytes) -> tuple[bytes, str] | None:
    """The mark that a file starts with, and the encoding it says."""
    return next(((mark, name) for mark, name in _BOMS if start.startswith(mark)), None)


def agrees(declared: str, marked: str) -> bool:
    """Whether a byte order mark bears out the declared encoding."""
    return marked == declared or (declared in _WIDE and marked.startswith(declared))


def without_mark(declared: str) -> str:
    """The encoding to read with when no mark says the byte order: little-endian, as Windows writes it."""
    return f"{declared}-le" if declared in _WIDE else declared


def guess_wide(start: bytes) -> str | None:
    """UTF-16 without a mark, told by the zero bytes of plain letters."""
    sample = start[:2000]
    if len(sample) < 4 or sample.count(0) * 4 < len(sample):
        return None
    return "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"


def utf8_reading(text: str, encoding: str) -> str | None:
    """What a text decoded by a one-byte encoding says as UTF-8, when that is what it must have been.

    "JosÃ©" was "José". Rare sequences that happen to be UTF-8 ("JOSÉ’S") are left alone: they would become
    letters that hardly anybody writes.
    """
    if not _SINGLE_BYTE.fullmatch(encoding):
        return None
    try:
        reading = text.encode(encoding).decode()
    except UnicodeError:
        return None
    strange = "".join(character for character in reading if not character.isascii())
    return reading if _LIKELY.fullmatch(strange) else None
