"""Something in full, over the screen from which it was opened."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sfactl.tui.desk import Desk
from sfactl.tui.screens.dialog import Dialog
from sfactl.tui.widgets.fact_sheet import FactSheet, Section

if TYPE_CHECKING:
    from sfactl.db.session import Session


class SheetScreen(Dialog):
    """Sections that are asked for, as wide as the terminal lets them be."""

    DEFAULT_CLASSES = "in-full"

    def __init__(
        self, desk: Desk, question: "Callable[[Session], Sequence[Section]]", words: Sequence[str], *more: Sequence[str]
    ) -> None:
        super().__init__(desk)
        self._question = question
        self._commands = [list(words), *(list(each) for each in more)]

    def reload(self) -> None:
        """Ask."""
        self.ask("sheet", self._question, self.query_one(FactSheet).show)

    def command(self) -> list[str]:
        """The first of the commands that print the same."""
        return self._commands[0]

    def commands(self) -> list[list[str]]:
        """All of them."""
        return self._commands
