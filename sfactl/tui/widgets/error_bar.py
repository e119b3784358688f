"""What went wrong, and what to do about it."""

from textual.widgets import Static

from sfactl.i18n import _
from sfactl.tui.cells import Cell, Tone, line, lines


class ErrorBar(Static):
    """Hidden as long as all is well."""

    def show(self, message: str, hint: str | None) -> None:
        """Show the sentence, and below it the remedy."""
        head = line(Cell(_("Not done:"), Tone.STRONG), " ", message)
        remedy = line(*([hint, " "] if hint else []), _("Press r to try again."))
        self.update(lines([head, remedy]))
        self.add_class("-shown")

    def clear(self) -> None:
        """All is well again."""
        self.remove_class("-shown")
