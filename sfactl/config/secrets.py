"""Passwords in texts that people write or read: told, and taken out."""

import re
from typing import Final

HIDDEN: Final = "…"
_IN_PLACE: Final = re.compile(r"(?P<before>\b(?!sqlite)[A-Za-z][A-Za-z0-9+.-]*://[^\s:/?#@]*:)(?:[^\s?]*|\S*)@")
"""`user:password@` of a URL, also when the password holds characters that it should not."""
_NAMED: Final = re.compile(
    r"(?i)(?P<name>\b(?:\w*(?:password|passwd|passphrase|pwd|secret|token)|pass)\s*=\s*)(?P<value>'(?:\\.|[^'])*'|[^\s&#;']+)"
)
"""`password=…` of a URL or of a connection string; a file or command that gives one (`passfile=`) is no secret."""


def has_secret(text: str) -> bool:
    """Whether a URL or connection string holds a password."""
    return bool(_NAMED.search(text) or _IN_PLACE.search(text))


def without_secret(text: str) -> str:
    """A text that may hold a URL, without the password in it."""
    return _NAMED.sub(rf"\g<name>{HIDDEN}", _IN_PLACE.sub(rf"\g<before>{HIDDEN}@", text))
