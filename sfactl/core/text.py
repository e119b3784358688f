"""Text that other people wrote: made harmless for terminals and spreadsheets, and compared without tricks."""

import re
import unicodedata
from typing import Final

_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters that draw nothing: a name made of them looks empty."""
_SELECTORS: Final = re.compile("[\u034f\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Marks that only choose a glyph; terminals disagree about the width they make."""
_MARKS_IN_A_ROW: Final = 3
_REPLACEMENT: Final = "\ufffd"

_BLANK: Final = (
    "[\x00-\x09\x0b\x0c\x0e-\x20\x85\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff]"
)
_SIGN: Final = "[=+@|%\uff1d\uff0b\uff0d\uff20-]"
_FIRST_LINE: Final = f"(?='*(?:\t|{_BLANK}*(?:{_SIGN}|[\r\n])))"
_NEXT_LINE: Final = f"(?='*(?:\t|{_BLANK}*{_SIGN}))"
_FORMULA: Final = re.compile(f"\\A{_FIRST_LINE}|(?<=[\r\n]){_NEXT_LINE}")
_GUARDED: Final = re.compile(f"\\A'{_FIRST_LINE}|(?<=[\r\n])'{_NEXT_LINE}")
_NUMBER: Final = re.compile("[+-]?[0-9]+(?:[.,][0-9]+)?")
_LONGEST_ROLE: Final = 63
_OTHER_ROLES: Final = frozenset({"public", "none", "sfa_owner", "sfa_guard", "sfa_user"})


def safe(text: str, limit: int = 200) -> str:
    """The text as a terminal cell may show it: one line, and nothing in it that a terminal obeys or hides.

    Line ends and tabs become a blank; control, format, private, unassigned and surrogate characters become
    U+FFFD; at most three combining marks follow each other. More than `limit` characters end in "…".
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(_shown(unicodedata.normalize("NFC", text.replace("\r\n", "\n"))))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _shown(text: str) -> list[str]:
    shown: list[str] = []
    marks = 0
    for character in _SELECTORS.sub("", text):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if character in "\n\t":
            shown.append(" ")
        elif category in _HIDDEN_CATEGORIES or character in _BLANK_LETTERS:
            shown.append(_REPLACEMENT)
        elif marks <= _MARKS_IN_A_ROW:
            shown.append(character)
    return shown


def guard_formula(text: str) -> str:
    """The text with an apostrophe before each line that a spreadsheet would compute.

    Such a line starts, after blanks and invisible characters, with one of `= + - @ | %` (full-width too) or a
    tab; a text that starts with a line end counts as well. A plain number, negative or not, stays as it is; a
    telephone number with blanks ("+34 600 000 000") is no number and is guarded.
    """
    if _NUMBER.fullmatch(text):
        return text
    return _FORMULA.sub("'", text)


def unguard_formula(text: str) -> str:
    """The text that `guard_formula` was given, exactly: one apostrophe less on each guarded line."""
    # No text only looks guarded: a line with apostrophes before its formula sign is guarded by one more.
    return _GUARDED.sub("", text)


def is_role_name(name: str) -> bool:
    """Whether PostgreSQL takes a name for a role of a person's: it fits whole, and nobody else is called so.

    The server cuts a name after 63 bytes, keeps names that begin with `pg_` for itself, and gives some a meaning.
    """
    fits = 0 < len(name.encode("utf-8", "replace")) <= _LONGEST_ROLE and name.isprintable() and name == name.strip()
    return fits and not name.startswith("pg_") and name not in _OTHER_ROLES


def match_key(text: str) -> str:
    """The key under which two spellings of a name are the same name.

    Compatibility forms, case, invisible format characters, number and kind of blanks make no difference.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", visible).casefold())
    return " ".join(unicodedata.normalize("NFKC", folded.casefold()).split())
