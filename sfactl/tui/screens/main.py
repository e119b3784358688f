"""The screens one goes to by a key, each with its name in the title bar."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.widget import Widget

from sfactl.i18n import N_, _
from sfactl.tui.keys import said
from sfactl.tui.screens.base import BaseScreen
from sfactl.tui.widgets.title_bar import Tab, TitleBar

TITLES = {
    "pipeline": N_("Pipeline"), "opportunities": N_("Opportunities"), "accounts": N_("Accounts"),
    "territories": N_("Territories"), "quotas": N_("Quotas"), "activities": N_("Activities"), "inbox": N_("Inbox"),
    "plans": N_("Plans"),
}  # fmt: skip
"""The modes in the order of their keys: 1, 2 and so on."""


class MainScreen(BaseScreen[None]):
    """A mode's screen."""

    MODE: ClassVar[str]

    def head(self) -> Iterable[Widget]:
        """The names of all modes."""
        own = self.desk.likes.keys
        tabs = [
            Tab(mode, said(own.get(f"app.{mode}", str(number)).partition(",")[0]), _(title))
            for number, (mode, title) in enumerate(TITLES.items(), 1)
        ]
        yield TitleBar(tabs, self.MODE)

    @property
    def cursor_key(self) -> str | None:
        """What the row under the cursor is called."""
        raise NotImplementedError

    def with_row(self, act: Callable[[str], object]) -> None:
        """Do something with the row under the cursor; where there is none, say so: a key that does nothing puzzles."""
        key = self.cursor_key
        if key is None:
            self.notify(_("No row is under the cursor: there is nothing to do this with."), markup=False)
        else:
            act(key)
