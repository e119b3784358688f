"""The program of screens: its modes, the keys that hold everywhere, its colours, and what others change."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from importlib import import_module
from pathlib import Path, PurePath
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome
from textual.message import Message
from textual.screen import Screen

from sfactl.config.settings import Screens
from sfactl.i18n import _
from sfactl.tui import ending
from sfactl.tui.cycling import following
from sfactl.tui.desk import Desk, local_now
from sfactl.tui.finding import RecordsProvider
from sfactl.tui.keys import impossible, unknown, without_key
from sfactl.tui.screens.base import BaseScreen
from sfactl.tui.screens.main import TITLES
from sfactl.tui.themes import NAMES, OF_SETTING, THEMES
from sfactl.tui.type_ahead import TypeAhead

if TYPE_CHECKING:
    from sfactl.db.session import Door
    from sfactl.db.watch import Beat

SHOWN_S: Final = 2.0
"""By then the first screen has its rows."""
_SCREENS: Final = {mode: f"{mode.capitalize()}Screen" for mode in TITLES}
"""The screen of each mode, in the module of the mode's name, which is loaded when somebody goes there."""
_TOOLTIPS = {
    "pipeline": _("Open opportunities by stage."),
    "opportunities": _("All opportunities, found, sorted and grouped."),
    "accounts": _("Accounts, found while you type, in full, side by side."),
    "territories": _("The tree of territories with figures."),
    "quotas": _("Who has reached quota, with pace and projection."),
    "activities": _("What is planned, due and overdue."),
    "inbox": _("Agreement and questions that wait for an answer."),
    "plans": _("Changes of many rows: look, apply, take back."),
}


class SalesApp(App[None]):
    """The screens over one person's data."""

    TITLE = "sfactl"
    DEFAULT_MODE = "pipeline"
    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = [
        "styles/frame.tcss", "styles/pipeline.tcss", "styles/territories.tcss", "styles/lists.tcss",
    ]  # fmt: skip
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (140, "-wide")]  # noqa: RUF012 - as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (10, "-short"), (20, "-tall")]  # noqa: RUF012 - as Textual declares it
    COMMAND_PALETTE_BINDING = "ctrl+p"
    COMMANDS = App.COMMANDS | {RecordsProvider}
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"switch_mode('{mode}')", _(title), show=False, id=f"app.{mode}", tooltip=_TOOLTIPS[mode])
            for number, (mode, title) in enumerate(TITLES.items(), 1)
        ),
        Binding("t", "next_theme", _("Theme"), show=False, id="app.theme", tooltip=_("Dark, light, high contrast, or safe for the colour-blind.")),
        Binding("question_mark", "help", _("Help"), id="app.help", tooltip=_("All keys, and what the signs mean.")),
        Binding("ctrl+p", "command_palette", _("Find"), id="app.palette", priority=True,
                tooltip=_("Find an action, or an account, opportunity, quote, territory or person by name.")),
        Binding("q", "quit", _("Quit"), id="app.quit", tooltip=_("Go back to the shell.")),
    ]  # fmt: skip

    class DataChanged(Message):
        """Somebody changed something, or the database does not answer, or does again."""

        def __init__(self, beat: "Beat") -> None:
            super().__init__()
            self.beat = beat

    def __init__(
        self,
        door: "Door | Callable[[], Door]",
        *,
        locale: str,
        no_color: bool = False,
        clock: Callable[[], datetime] = local_now,
        opening: str = "pipeline",
        likes: Screens | None = None,
        settings_path: Path | None = None,
        is_live: bool = True,
        on_shown: Callable[[], None] = lambda: None,
    ) -> None:
        self.DEFAULT_MODE = opening  # type: ignore[misc]  # Textual reads it while it is made
        super().__init__()
        likes = likes or Screens()
        self._desk = Desk(door, locale, clock, likes, settings_path)
        self._is_live = is_live
        self._on_shown = on_shown
        self._type_ahead = TypeAhead(self)
        self._stop = Event()
        self._forget_signals: Callable[[], None] = lambda: None
        self.changes = 0
        "How many changes were noticed."
        for mode in _SCREENS:
            self.add_mode(mode, partial(self._screen, mode))
        for theme in THEMES:
            self.register_theme(theme)
        self.set_reactive(App.theme, OF_SETTING[likes.theme or "dark"])  # its watcher runs anyway, once
        self.no_color = self.no_color or no_color

    def get_driver_class(self) -> type[Driver]:
        """The driver of this platform; a terminal that is lost does not hold it up."""
        driver = super().get_driver_class()
        if driver.__name__ != "LinuxDriver":
            return driver
        from sfactl.tui.terminal import TerminalDriver

        return TerminalDriver

    def _screen(self, mode: str) -> Screen[Any]:
        made: Screen[Any] = getattr(import_module(f"sfactl.tui.screens.{mode}"), _SCREENS[mode])(self._desk)
        return made

    @property
    def is_typed_ahead(self) -> bool:
        """Whether keys were pressed that are not dealt with yet."""
        return self._type_ahead.is_waiting

    async def on_event(self, event: events.Event) -> None:
        """Deal with an event; keys one by one."""
        if self._type_ahead.keeps(event):
            return
        if isinstance(event, events.Key) and self.screen_stack and isinstance(self.screen, BaseScreen):
            self.screen.pressed(event.key)
        await super().on_event(event)

    @property
    def desk(self) -> Desk:
        """What every screen works with."""
        return self._desk

    def on_load(self) -> None:
        """Use the keys that the person likes; the first screen shows them."""
        if self._desk.likes.keys:
            self.set_keymap(self._desk.likes.keys)

    def on_mount(self) -> None:
        """Listen to what others change, once the first picture is there."""
        self._forget_signals = ending.hear(self._end)
        if self._desk.likes.keys:
            self.run_worker(self._look_for_unknown_keys, name="keys", group="keys", thread=True)
        if self._desk.greets:
            from sfactl.tui.screens.welcome import WelcomeScreen

            self.push_screen(WelcomeScreen(self._desk))
        self.set_timer(SHOWN_S, self._on_shown)
        if not self.is_headless:
            self.set_interval(ending.LOOK_S, self._look_at_the_terminal)
        if self._is_live:
            self.run_worker(self._listen, name="watch", group="watch", thread=True)

    def _look_for_unknown_keys(self) -> None:
        """Say which names of the settings are no action, and which keys are none or taken: what does nothing puzzles."""
        own = self._desk.likes.keys
        names, keys, taken = (
            ", ".join(found) for found in (unknown(own), impossible(own.values()), without_key(own))
        )  # fmt: skip
        told = []
        if names:
            told.append(_("there is no action {names}; docs/commands.md names them all.").format(names=names))
        if keys:
            told.append(_("there is no key {keys}; for example: f3, ctrl+x, Q.").format(keys=keys))
        if taken:
            told.append(_("these have no key any more, since another has it: {names}.").format(names=taken))
        for each in told:
            text = _("Settings, screens.keys: {told}").format(told=each)
            self.call_from_thread(self.notify, text, severity="warning", markup=False)

    def on_unmount(self) -> None:
        """Listen no more."""
        self._stop.set()
        self._forget_signals()

    def _end(self, code: int) -> None:
        self._stop.set()
        self.exit(return_code=code)

    def _look_at_the_terminal(self) -> None:
        if ending.is_hung_up():
            self._end(ending.HUNG_UP)

    def _listen(self) -> None:
        from sfactl.db import watch

        for beat in watch.changes(self._desk.door.url, self._stop):
            self.post_message(self.DataChanged(beat))

    def on_sales_app_data_changed(self, message: DataChanged) -> None:
        """Let the screen that is looked at read again; others do when somebody goes back to them."""
        from sfactl.db import watch

        message.stop()
        if isinstance(message.beat, watch.Lost):
            self._say_lost(message.beat.reason)
            return
        self._say_lost("")
        self.changes += 1
        for screen in self.screen_stack:
            if isinstance(screen, BaseScreen):
                screen.changed()

    def _say_lost(self, reason: str) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, BaseScreen):
                screen.say_lost(reason)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Shades of grey where no colour is wanted."""
        filters = list(super().get_line_filters())
        is_grey = any(isinstance(one, Monochrome) for one in filters)
        return [*filters, Monochrome()] if self.no_color and not is_grey else filters

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers: every key's action that has a name."""
        yield from self._kept_filters()
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.id and not binding.id.startswith(("list.", "tree.", "board.")) and binding.id != "app.palette":
                act = partial(self.run_action, binding.action, active.node)
                yield SystemCommand(binding.description, binding.tooltip, act)

    def _kept_filters(self) -> Iterable[SystemCommand]:
        """Filters that were kept, of all screens."""
        for mode, filters in self._desk.likes.filters.items():
            for name, text in filters.items():
                title, screen = _("Filter: {name}").format(name=name), _(TITLES.get(mode, mode))
                yield SystemCommand(title, f"{screen}: {text}", partial(self._narrow, mode, text))

    async def _narrow(self, mode: str, text: str) -> None:
        from sfactl.tui.screens.listing import ListScreen

        await self.switch_mode(mode)
        if isinstance(self.screen, ListScreen):
            self.screen.set_filter(text)

    def action_command_palette(self) -> None:
        """Open the palette."""
        if self.use_command_palette and not isinstance(self.screen, CommandPalette):
            self.push_screen(
                CommandPalette(placeholder=_("Find an action, an account, a quote, a person …"), id="--command-palette")
            )

    def action_help(self) -> None:
        """Show all keys."""
        from sfactl.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self._desk, self.screen.active_bindings.values()))

    async def action_quit(self) -> None:
        """Go back to the shell; over something that was typed, the key asks first."""
        if isinstance(self.screen, BaseScreen) and self.screen.keeps_open():
            return
        self.exit()

    def action_help_quit(self) -> None:
        """Ctrl-C does not end the program by accident; say what does."""
        self.notify(_("Press q to quit."), markup=False)

    def action_next_theme(self) -> None:
        """Use the next set of colours."""
        self.theme = following(NAMES, self.theme)
        self.notify(_("Theme: {name}").format(name=_(NAMES[self.theme])), markup=False)
