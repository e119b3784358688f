"""What went wrong, and what to do about it."""

from textual.widgets import Static

from sfactl.i18n import _
from sfactl.tui.cells import Cell, Tone, line, lines


class ErrorBar(Static):
    """Hidden as long as all is well."""

    def show(self, message: str, hint: str | None, *, key: str = "") -> None:
        """Show the sentence, and below it the remedy.

        Args:
            key: what tries the same again; nothing where that would not help.
        """
        head = line(Cell(_("Not done:"), Tone.STRONG), " ", message)
        remedy = [hint] if hint else []
        remedy += [_("Press {key} to try again.").format(key=key)] if key else []
        self.update(lines([head, *([line(" ".join(remedy))] if remedy else [])]))
        self.add_class("-shown")

    def clear(self) -> None:
        """All is well again."""
        self.remove_class("-shown")
