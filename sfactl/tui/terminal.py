"""The terminal the screens are drawn on, which may go away while they draw."""

import os
from typing import IO, Any

from textual.drivers.linux_driver import LinuxDriver


class TerminalDriver(LinuxDriver):
    """Textual's driver, with a terminal that may be lost.

    Textual draws from a thread of its own, which would end with the first write that fails; what is drawn afterwards
    would fill its queue, and the screens wait for room there for ever, deaf to every signal.
    """

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._file: Any = _Losable(self._file)


class _Losable:
    """A terminal to write to; once it is lost, what is written goes nowhere."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        """Write the text."""
        try:
            self._file.write(text)
        except OSError:
            self._lose()

    def flush(self) -> None:
        """Write what is kept back."""
        try:
            self._file.flush()
        except OSError:
            self._lose()

    def fileno(self) -> int:
        """The file's number, as the system knows it."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether this is a terminal."""
        return self._file.isatty()

    def _lose(self) -> None:
        """Let the file's number stand for nothing, so that the interpreter can write its last bytes at the end."""
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, self._file.fileno())
        os.close(nothing)
