"""What somebody reads who opens the screens for the first time: how to begin, on one screen."""

from sfactl.config import settings_file
from sfactl.errors import SfaError
from sfactl.i18n import N_, _
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.screens.dialog import Dialog
from sfactl.tui.widgets.fact_sheet import FactSheet, Section

_FIRST = (
    ("1 … 8", N_("go from screen to screen; the arrows move, enter opens")),
    ("/", N_("narrows a list while you type; ctrl+p finds whatever has a name")),
    (">", N_("lets an opportunity enter its next stage, l logs a call")),
    ("y", N_("copies the command that does the same in a script")),
    ("?", N_("explains every key of the screen you are on")),
    ("esc, q", N_("go back, and back to the shell")),
)


class WelcomeScreen(Dialog):
    """Shown once; it is kept in the settings that it was."""

    def reload(self) -> None:
        """Write it; there is nothing to ask."""
        rows = tuple((Cell(sign, Tone.STRONG), Cell(_(text))) for sign, text in _FIRST)
        more = _("Changes of others appear by themselves. What is marked with ! wants you. Enter begins.")
        self.query_one(FactSheet).show([Section(_("Welcome to sfactl"), rows), Section("", ((Cell(more),),))])

    def command(self) -> list[str]:
        """The help of the commands."""
        return ["--help"]

    def on_unmount(self) -> None:
        """Keep that it was read; where that cannot be kept, it is shown again."""
        path = self.desk.settings_path
        if path is not None:
            try:
                settings_file.greeted(path)
            except SfaError as error:
                self.log(error.message)
