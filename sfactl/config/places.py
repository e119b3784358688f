"""Where each key of a TOML text stands, so that an error can point at it."""

import tomllib
from collections.abc import Sequence
from contextlib import suppress

Path = tuple[str | int, ...]
_BLANK = " \t"
_GAP = " \t\r\n"
_AFTER_VALUE = ",]}\r\n#"


class Places:
    """Line and column of every key of a TOML text; the text must be valid."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._offsets: dict[Path, int] = {}
        self._elements: dict[Path, int] = {}
        with suppress(IndexError, ValueError):  # a key not found is reported at the nearest one that is
            self._read_document()

    def find(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column, from 1, of the longest part of the path that is written out."""
        known: Path = ()
        for part in path:
            if (*known, part) in self._offsets:
                known = (*known, part)
            elif part != 0:  # a single value may stand where a list may
                break
        offset = self._offsets.get(known, 0)
        return self._text.count("\n", 0, offset) + 1, offset - self._text.rfind("\n", 0, offset)

    def _read_document(self) -> None:
        base: Path = ()
        while self._skip_gaps():
            base = self._header() if self._text[self._at] == "[" else self._pair(base)

    def _skip_gaps(self) -> bool:
        while self._at < len(self._text):
            if self._text[self._at] == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif self._text[self._at] in _GAP:
                self._at += 1
            else:
                return True
        return False

    def _skip_blanks(self) -> None:
        while self._at < len(self._text) and self._text[self._at] in _BLANK:
            self._at += 1

    def _header(self) -> Path:
        """`[a.b]` or `[[a.b]]`: the path that the following keys belong to."""
        brackets = 2 if self._text.startswith("[[", self._at) else 1
        self._at += brackets
        self._skip_blanks()
        start = self._at
        path: Path = ()
        keys = self._dotted()
        for key, offset in keys[:-1]:
            path = self._note((*path, key), offset)
            if path in self._elements:
                path = (*path, self._elements[path])
        path = self._note((*path, keys[-1][0]), start)
        if brackets == 2:
            self._elements[path] = self._elements.get(path, -1) + 1
            path = self._note((*path, self._elements[path]), start)
        self._at += brackets
        return path

    def _pair(self, base: Path) -> Path:
        path = base
        for key, offset in self._dotted():
            path = self._note((*path, key), offset)
        self._at += 1  # the equals sign
        self._skip_blanks()
        self._value(path)
        return base

    def _note(self, path: Path, offset: int) -> Path:
        self._offsets.setdefault(path, offset)
        return path

    def _dotted(self) -> list[tuple[str, int]]:
        keys: list[tuple[str, int]] = []
        while True:
            self._skip_blanks()
            start = self._at
            if self._text[start] in "\"'":
                self._string()
                keys.append((str(next(iter(tomllib.loads(self._text[start : self._at] + "=0")))), start))
            else:
                while self._text[self._at].isalnum() or self._text[self._at] in "-_":
                    self._at += 1
                keys.append((self._text[start : self._at], start))
            self._skip_blanks()
            if self._text[self._at] != ".":
                return keys
            self._at += 1

    def _value(self, path: Path) -> None:
        first = self._text[self._at]
        if first in "\"'":
            self._string()
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            while self._at < len(self._text) and self._text[self._at] not in _AFTER_VALUE:
                self._at += 1

    def _array(self, path: Path) -> None:
        self._at += 1
        index = 0
        while self._skip_gaps() and self._text[self._at] != "]":
            self._note((*path, index), self._at)
            self._value((*path, index))
            index += 1
            self._skip_gaps()
            self._at += self._text[self._at] == ","
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        while self._skip_gaps() and self._text[self._at] != "}":
            self._pair(path)
            self._skip_gaps()
            self._at += self._text[self._at] == ","
        self._at += 1

    def _string(self) -> None:
        quote = self._text[self._at]
        if self._text.startswith(quote * 3, self._at):
            self._at = self._next_end(quote * 3) + 3
            while self._at < len(self._text) and self._text[self._at] == quote:  # up to two belong to the text
                self._at += 1
        else:
            self._at = self._next_end(quote) + 1

    def _next_end(self, quotes: str) -> int:
        at = self._at + len(quotes)
        while not self._text.startswith(quotes, at):
            at += 2 if self._text[at] == "\\" and quotes[0] == '"' else 1
        return at
