"""The program of screens: its modes, the keys that hold everywhere, and its colours."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.filter import LineFilter, Monochrome
from textual.screen import Screen

from sfactl.i18n import _
from sfactl.tui.desk import Desk, local_now
from sfactl.tui.screens.help import HelpScreen
from sfactl.tui.screens.pipeline import PipelineScreen
from sfactl.tui.screens.territories import TerritoriesScreen
from sfactl.tui.themes import NAMES, THEMES

if TYPE_CHECKING:
    from sfactl.db.session import Door


class SalesApp(App[None]):
    """The screens over one person's data."""

    TITLE = "sfactl"
    DEFAULT_MODE = "pipeline"
    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = [
        "styles/frame.tcss", "styles/pipeline.tcss", "styles/territories.tcss",
    ]  # fmt: skip
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (140, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (10, "-short"), (20, "-tall")]  # noqa: RUF012 - as Textual declares it
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "switch_mode('pipeline')", _("Pipeline"), show=False, id="app.pipeline",
                tooltip=_("Open opportunities by stage.")),
        Binding("2", "switch_mode('territories')", _("Territories"), show=False, id="app.territories",
                tooltip=_("The tree of territories with figures.")),
        Binding("t", "next_theme", _("Theme"), id="app.theme", tooltip=_("Dark, light or high contrast.")),
        Binding("question_mark", "help", _("Help"), id="app.help", tooltip=_("All keys, and what the signs mean.")),
        Binding("ctrl+p", "command_palette", _("Find"), id="app.palette", priority=True,
                tooltip=_("Find an action by its name.")),
        Binding("q", "quit", _("Quit"), id="app.quit", tooltip=_("Go back to the shell.")),
    ]  # fmt: skip

    def __init__(
        self,
        door: "Door | Callable[[], Door]",
        *,
        locale: str,
        no_color: bool = False,
        clock: Callable[[], datetime] = local_now,
    ) -> None:
        super().__init__()
        self._desk = Desk(door, locale, clock)
        self.add_mode("pipeline", partial(PipelineScreen, self._desk))
        self.add_mode("territories", partial(TerritoriesScreen, self._desk))
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.no_color = self.no_color or no_color

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Shades of grey where no colour is wanted."""
        filters = list(super().get_line_filters())
        is_grey = any(isinstance(one, Monochrome) for one in filters)
        return [*filters, Monochrome()] if self.no_color and not is_grey else filters

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers: every key's action that has a name."""
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.id and not binding.id.startswith(("list.", "tree.")) and binding.id != "app.palette":
                act = partial(self.run_action, binding.action, active.node)
                yield SystemCommand(binding.description, binding.tooltip, act)

    def action_command_palette(self) -> None:
        """Open the palette."""
        if self.use_command_palette and not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder=_("Find an action …"), id="--command-palette"))

    def action_help(self) -> None:
        """Show all keys."""
        self.push_screen(HelpScreen(self._desk, self.screen.active_bindings.values()))

    def action_help_quit(self) -> None:
        """Ctrl-C does not end the program by accident; say what does."""
        self.notify(_("Press q to quit."), markup=False)

    def action_next_theme(self) -> None:
        """Use the next set of colours."""
        names = list(NAMES)
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        self.notify(_("Theme: {name}").format(name=_(NAMES[self.theme])), markup=False)
