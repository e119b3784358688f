"""What all screens do alike: ask the services in a thread, show what went wrong, copy the command that prints the same."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget
from textual.worker import get_current_worker

from sfactl import services
from sfactl.core.actor import Actor
from sfactl.core.text import safe
from sfactl.errors import NotAllowed, SfaError, Unavailable
from sfactl.i18n import _
from sfactl.tui import exporting
from sfactl.tui.desk import Desk
from sfactl.tui.forms import joined
from sfactl.tui.keys import key_of
from sfactl.tui.widgets.card_board import CardBoard
from sfactl.tui.widgets.error_bar import ErrorBar
from sfactl.tui.widgets.fact_sheet import FactSheet
from sfactl.tui.widgets.key_bar import KeyBar
from sfactl.tui.widgets.record_grid import RecordGrid
from sfactl.tui.widgets.title_bar import TitleBar, Whose

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.tui.exporting import Exported
    from sfactl.tui.forms import Form

T = TypeVar("T")
_OPENING: Final = "open"
"""What a form that was not opened is refused as."""
_ASIDE: Final = frozenset({_OPENING, "gate", "edit", "choices", "bundles", "quotes", "fields"})
"""Questions that a key asks before it opens something: what was refused is over with the next key."""
_MOST_COPIED: Final = 80
"""So much of what was copied is told."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A question that was asked; a later one on the same topic makes it obsolete."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class About:
    """Whose data an answer holds."""

    workspace: str
    actor: Actor


class BaseScreen(Screen[ScreenResultType]):
    """A screen that asks services and never waits for them."""

    AGAIN: ClassVar[str] = "screen.refresh"
    "The binding whose key tries again what was refused."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy_command", _("Copy"), id="screen.copy-command",
                tooltip=_("Copy the sfactl command that prints the same.")),
        Binding("Y", "copy_row", _("Copy row"), show=False, id="screen.copy-row",
                tooltip=_("Copy what is under the cursor: the values of the row, or the sheet.")),
        Binding("K", "copy_code", _("Copy code"), show=False, id="screen.copy-code",
                tooltip=_("Copy the code of the row under the cursor.")),
        Binding("E", "export", _("Export"), show=False, id="screen.export",
                tooltip=_("Write the list to a file: CSV, JSON, workbook, Markdown or page.")),
        Binding("r", "reload", _("Refresh"), show=False, id="screen.refresh", tooltip=_("Read everything again.")),
    ]  # fmt: skip

    class Answered(Message):
        """A worker has an answer, or a part of it."""

        def __init__(self, ticket: Ticket, about: About | None, show: Callable[[], None]) -> None:
            super().__init__()
            self.ticket, self.about, self.show = ticket, about, show
            "Whose data it is stays as it was for what was changed, and not read."

    class Refused(Message):
        """A worker met an error that is a sentence for a person."""

        def __init__(self, ticket: Ticket, error: SfaError) -> None:
            super().__init__()
            self.ticket, self.error = ticket, error

    class Finished(Message):
        """A worker has nothing more to say."""

        def __init__(self, ticket: Ticket) -> None:
            super().__init__()
            self.ticket = ticket

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._latest: dict[str, int] = {}
        self._pending: set[str] = set()
        self._refused: str | None = None
        self._works: dict[str, Callable[[], None]] = {}
        "What changes something, by topic: done again when it could not be done and somebody says so."
        self._again: Callable[[], None] | None = None
        self._seen = 0
        "How many changes of others had been noticed when this screen was read last."

    def compose(self) -> ComposeResult:
        """The title, what the screen is about, and the keys."""
        yield from self.head()
        yield from self.body()
        yield ErrorBar()
        yield KeyBar()

    def head(self) -> Iterable[Widget]:
        """What stands above."""
        return ()

    def body(self) -> Iterable[Widget]:
        """What the screen is about."""
        raise NotImplementedError

    def reload(self) -> None:
        """Ask everything anew."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """The words after `sfactl` that print the same."""
        raise NotImplementedError

    def commands(self) -> list[list[str]]:
        """The same, where it takes several commands."""
        return [self.command()]

    def into(self) -> str:
        """The file into which the last command's output goes, where it goes into one."""
        return ""

    def exported(self, _session: "Session") -> "Exported | None":
        """All rows of the list on this screen, as its command writes them; None where there is no list."""
        return None

    def open_form(self, form: "Form", then: Callable[[Any], None] | None = None) -> None:
        """Ask over this screen; when it is done, read everything again, or go on with what came of it in a tuple.

        Args:
            then: gets None when nothing was done.
        """
        from sfactl.tui.screens.form import FormScreen

        if self.may(form.right):
            self.app.push_screen(FormScreen(self.desk, form), then or self.done)

    def may(self, right: str) -> bool:
        """Whether the person has a permission; if not, it is said before anything is typed for nothing."""
        try:
            self.desk.require(right)
        except NotAllowed as error:
            self._refused = _OPENING
            self.tell_refused(_OPENING, error)
            return False
        return True

    def done(self, result: Any) -> None:
        """Read everything again, if something was changed."""
        if result is not None:
            self.reload()

    def action_export(self) -> None:
        """Ask for a file and a form, and write the list."""
        self.open_form(exporting.form(self), lambda _result: None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No export where there is no list."""
        if action == "export":
            return type(self).exported is not BaseScreen.exported
        return super().check_action(action, parameters)

    def on_mount(self) -> None:
        """Paint first, ask then."""
        self._seen = self._changes
        self.reload()

    def on_screen_resume(self) -> None:
        """Somebody may have changed something while another screen was looked at."""
        if self.is_mounted and self._seen != self._changes:
            self.changed()

    @property
    def _changes(self) -> int:
        return int(getattr(self.app, "changes", 0))

    def changed(self) -> None:
        """Somebody changed something: read again, and leave cursor and what is being typed as they are."""
        self._seen = self._changes
        self.reload()

    def keeps_open(self) -> bool:
        """Ask before the program ends, where something would be lost; whether it was asked."""
        return False

    def say_lost(self, reason: str) -> None:
        """Say that the database does not answer; with nothing, that it does again."""
        for bar in self.query(TitleBar):
            bar.lost = reason

    def ask(
        self, topic: str, question: Callable[["Session"], T], show: Callable[[T], None], *, after_s: float = 0
    ) -> None:
        """Ask in a thread, and show the answer here unless the same topic is asked again meanwhile.

        Args:
            question: runs in the thread, with a unit of work that ends with it; what it returns must be plain values.
            after_s: how long to wait first, so that a held key does not ask at each step.
        """

        def whole(session: "Session") -> Iterator[T]:
            yield question(session)

        self.ask_in_parts(topic, whole, show, after_s=after_s)

    def ask_in_parts(
        self, topic: str, question: Callable[["Session"], Iterable[T]], show: Callable[[T], None], *, after_s: float = 0
    ) -> None:
        """Ask something whose answer comes in parts, all of one snapshot; each is shown as it comes."""
        work = partial(self._work, self._ticket(topic), question, show, after_s)
        self.run_worker(work, name=topic, group=topic, exclusive=True, thread=True)

    def do(
        self, topic: str, work: Callable[[], T], then: Callable[[T], None], *, again: Callable[[], None] | None = None
    ) -> None:
        """Change something in a thread, and go on here when it is done; what was refused is told like a question's error.

        Args:
            work: does it whole or not at all: mostly `door.write` of a service.
            again: what tries it again; the same, unless there is more to do.
        """
        self.forget_refusal()
        self._works[topic] = again or partial(self.do, topic, work, then)
        work_on = partial(self._carry_out, self._ticket(topic), work, then)
        self.run_worker(work_on, name=topic, group=topic, thread=True)

    def try_out(self, topic: str, trial: Callable[[], T], show: Callable[[T], None]) -> None:
        """Do something in a thread that is taken back, to see what it would come to; a later trial makes it obsolete."""
        work_on = partial(self._carry_out, self._ticket(topic), trial, show)
        self.run_worker(work_on, name=topic, group=topic, exclusive=True, thread=True)

    def _ticket(self, topic: str) -> Ticket:
        """Begin something on this topic; what was begun before is obsolete."""
        ticket = Ticket(topic, self._latest.get(topic, 0) + 1)
        self._latest[topic] = ticket.number
        self._pending.add(topic)
        self._say_busy()
        return ticket

    def _carry_out(self, ticket: Ticket, work: Callable[[], T], then: Callable[[T], None]) -> None:
        try:
            result = work()
        except SfaError as error:
            self.post_message(self.Refused(ticket, error))
        else:
            self.post_message(self.Answered(ticket, None, partial(then, result)))
            self.post_message(self.Finished(ticket))

    def is_doing(self, topic: str) -> bool:
        """Whether something of this topic is under way."""
        return topic in self._pending

    def _work(
        self, ticket: Ticket, question: Callable[["Session"], Iterable[T]], show: Callable[[T], None], after_s: float
    ) -> None:
        worker = get_current_worker()
        if worker.cancelled_event.wait(after_s):
            return
        try:
            with self.desk.door.read() as session:
                about = _about(session)
                for answer in question(session):
                    if worker.is_cancelled:
                        return
                    self.post_message(self.Answered(ticket, about, partial(show, answer)))
        except SfaError as error:
            self.post_message(self.Refused(ticket, error))
        else:
            self.post_message(self.Finished(ticket))

    def forget(self, topic: str) -> None:
        """Let what was asked on this topic be obsolete."""
        self._latest[topic] = self._latest.get(topic, 0) + 1
        self._pending.discard(topic)
        self._say_busy()
        self.workers.cancel_group(self, topic)

    def _is_current(self, ticket: Ticket) -> bool:
        return self._latest.get(ticket.topic) == ticket.number

    def on_base_screen_answered(self, message: Answered) -> None:
        """Show what came, if it is still wanted."""
        message.stop()
        if self._is_current(message.ticket):
            if message.about is not None:
                self._say_about(message.about)
            message.show()

    def on_base_screen_finished(self, message: Finished) -> None:
        """Take back the error, if this is what had gone wrong."""
        message.stop()
        if self._is_current(message.ticket):
            self._pending.discard(message.ticket.topic)
            self._say_busy()
            if self._refused == message.ticket.topic:
                self._refused = None
                self.query_one(ErrorBar).clear()
            self.finished(message.ticket.topic)

    def finished(self, topic: str) -> None:
        """All of an answer was shown; a screen may have more to do then."""

    def on_base_screen_refused(self, message: Refused) -> None:
        """Show the sentence and its remedy; what stood there stays."""
        message.stop()
        if self._is_current(message.ticket):
            self._pending.discard(message.ticket.topic)
            self._say_busy()
            self._refused = message.ticket.topic
            self.tell_refused(message.ticket.topic, message.error)
            self.refused(message.ticket.topic, message.error)

    def tell_refused(self, topic: str, error: SfaError) -> None:
        """Show what was refused, and the key that tries it again, where that may help."""
        is_work = topic in self._works or topic in _ASIDE
        self._again = self._works.get(topic) if isinstance(error, Unavailable) else None
        key = key_of(self, self.AGAIN) if self._again or not is_work else ""
        self.app.clear_notifications()
        self.query_one(ErrorBar).show(error.message, error.hint, key=key)

    def forget_refusal(self) -> None:
        """Take back what was said of something that could not be done; what could not be read stays said."""
        if self._refused in self._works or self._refused in _ASIDE:
            self._refused = self._again = None
            self.query_one(ErrorBar).clear()

    def pressed(self, key: str) -> None:
        """A key was pressed: what was said of an attempt before is over, unless this tries it again."""
        if self._refused in self._works or self._refused in _ASIDE:
            bindings = [each.binding for each in self.active_bindings.values()]
            if key not in {binding.key for binding in bindings if binding.id == self.AGAIN}:
                self.forget_refusal()

    def refused(self, topic: str, error: SfaError) -> None:
        """Something was refused, and told; a screen may have more to do then."""

    def _say_busy(self) -> None:
        for bar in self.query(TitleBar):
            bar.is_busy = bool(self._pending)

    def _say_about(self, about: About) -> None:
        actor = self.desk.known.actor = about.actor
        who = f"{actor.login} ← {actor.signed_in_as}" if actor.is_acting_for_another else actor.login
        for bar in self.query(TitleBar):
            bar.about = Whose(about.workspace, who, actor.roles, f"{self.desk.clock():%H:%M}")

    @on(TitleBar.Chosen)
    def _go_to(self, message: TitleBar.Chosen) -> None:
        self.app.switch_mode(message.mode)

    def action_reload(self) -> None:
        """Try again what could not be done just now; else read everything again."""
        again = self._again
        if again is not None:
            self.forget_refusal()
            again()
        else:
            self.reload()

    def _copyable(self) -> "RecordGrid | CardBoard | FactSheet | None":
        """What has the keys, if it can be copied; else the list in sight, or the sheet."""
        if isinstance(self.focused, RecordGrid | CardBoard | FactSheet):
            return self.focused
        found: list[RecordGrid | CardBoard | FactSheet] = [
            *self.query(RecordGrid),
            *self.query(CardBoard),
            *self.query(FactSheet),
        ]
        return next((each for each in found if each.display), None)

    def action_copy_row(self) -> None:
        """Put the row under the cursor on the clipboard."""
        found = self._copyable()
        self._copy(found.copied if found else "")

    def action_copy_code(self) -> None:
        """Put the code of the row under the cursor on the clipboard."""
        code = self.code_under_cursor()
        if self._can_be_typed(code):
            self._copy(code)

    def code_under_cursor(self) -> str:
        """What the row under the cursor is called."""
        found = self._copyable()
        return found.copied_code if found else ""

    def _copy(self, text: str) -> None:
        if text:
            self.app.copy_to_clipboard(text)
            self.notify(_("Copied: {text}").format(text=safe(text, _MOST_COPIED)), markup=False)

    def _can_be_typed(self, *words: str) -> bool:
        """Whether nothing in these words does more than a terminal shows; else that is told."""
        is_plain = all(safe(word, len(word) + 1) == word for word in words)
        if not is_plain:
            self.notify(_("This name holds characters that nobody can type."), severity="warning", markup=False)
        return is_plain

    def action_copy_command(self) -> None:
        """Put the command that prints the same on the clipboard."""
        as_whom = ["--as", self.desk.door.as_user] if self.desk.door.as_user else []
        commands = [_with(words, as_whom) for words in self.commands()]
        into = self.into()
        if not self._can_be_typed(*(word for words in commands for word in words), into):
            return
        text = joined(commands, into)
        if not text:
            return
        self.app.copy_to_clipboard(text)
        self.notify(_("Copied: {text}").format(text=text), markup=False)


def _with(words: list[str], options: list[str]) -> list[str]:
    """A command with more options; they stand before what is no option, whatever it begins with."""
    at = words.index("--") if "--" in words else len(words)
    return [*words[:at], *options, *words[at:]]


def _about(session: "Session") -> About:
    return About(services.workspaces.current(session).name, session.actor)
