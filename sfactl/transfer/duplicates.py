"""Which keys a file has had already, in 20 to 60 bytes a row, whatever the keys are."""

from array import array
from typing import Final

_FIRST_SIZE: Final = 1 << 10
_HASH: Final = (1 << 64) - 1


class Seen:
    """Hashes of keys with the line that each came from first and, if asked for, a hash of the row there.

    Open addressing in plain arrays: a dict of a million keys takes three times as much. Two keys of one hash
    would be taken for the same: with a million rows that has a chance of one in 37 million.
    """

    def __init__(self, *, with_rows: bool) -> None:
        self._with_rows = with_rows
        self._count = 0
        self._resize(_FIRST_SIZE)

    def _resize(self, size: int) -> None:
        self._mask = size - 1
        self._most = size * 3 // 5
        self._keys = array("Q", bytes(8 * size))
        self._lines = array("I", bytes(4 * size))
        self._rows = array("Q", bytes(8 * size if self._with_rows else 0))

    def first(self, key: object, line: int, row: object = None) -> tuple[int, bool] | None:
        """None for a new key, which is kept; else its first line, and whether the row there was the same."""
        wanted = hash(key) & _HASH or 1
        found = self._slot(wanted)
        if self._keys[found]:
            return self._lines[found], self._with_rows and self._rows[found] == hash(row) & _HASH
        self._put(found, wanted, line)
        if self._with_rows:
            self._rows[found] = hash(row) & _HASH
        if self._count > self._most:
            self._grow()
        return None

    def _slot(self, wanted: int) -> int:
        keys, mask = self._keys, self._mask
        slot = wanted & mask
        while keys[slot] and keys[slot] != wanted:
            slot = (slot + 1) & mask
        return slot

    def _put(self, slot: int, key: int, line: int) -> None:
        self._keys[slot], self._lines[slot] = key, line
        self._count += 1

    def _grow(self) -> None:
        keys, lines, rows = self._keys, self._lines, self._rows
        self._resize(2 * (self._mask + 1))
        self._count = 0
        for old, key in enumerate(keys):
            if key:
                slot = self._slot(key)
                self._put(slot, key, lines[old])
                if self._with_rows:
                    self._rows[slot] = rows[old]
