"""A form over the screen it was opened from. It closes only when what it is for is done; until then nothing typed is lost."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label, Select, Static

from sfactl.errors import Conflict, SfaError, Unavailable, UsageFault
from sfactl.i18n import _
from sfactl.tui.cells import Cell, Tone, line, lines
from sfactl.tui.desk import Desk
from sfactl.tui.forms import Answers, Field, Form, joined, spoken
from sfactl.tui.keys import key_of
from sfactl.tui.screens.base import BaseScreen
from sfactl.tui.widgets.error_bar import ErrorBar
from sfactl.tui.widgets.fact_sheet import drawn
from sfactl.tui.widgets.line_input import LineInput

_WIDTH = 76


class FormScreen(BaseScreen[Any], ModalScreen[Any]):
    """Asks, does it, and gives back what came of it; None when nothing was done."""

    AGAIN = "form.submit"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", _("Cancel"), id="form.cancel",
                tooltip=_("Close it; nothing is done. What was typed is dropped only when you press it twice.")),
        Binding("ctrl+s", "submit", _("Do it"), id="form.submit", tooltip=_("Do what the form is for.")),
        Binding("ctrl+y", "copy_command", _("Copy"), id="form.copy",
                tooltip=_("Copy the sfactl command that does the same.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk, form: Form) -> None:
        super().__init__(desk)
        self._form = form
        self._at_first = {field.key: field.shown(desk.locale) for field in form.fields}
        draft = desk.drafts.pop(form.title, {})
        self._draft = {key: draft.get(key, value) for key, value in self._at_first.items()}
        "What stands in the fields when it opens: what was typed before a conflict is there again."
        self._is_leaving = False
        "Whether somebody wanted to leave, and something is typed."
        self._is_to_be_told = False
        "Whether something was typed since the command was told."
        self._is_outdated = False
        "Whether somebody else changed meanwhile what it is about."

    def body(self) -> Iterable[Widget]:
        """What one reads, the questions, and the command that does the same."""
        today = self.desk.door.today
        with Vertical(classes="dialog"):
            yield Static(line(Cell(self._form.title, Tone.STRONG)), id="form-title")
            with VerticalScroll(id="form-fields", can_focus=False):
                if self._form.above:
                    yield Static(lines(drawn(self._form.above, _WIDTH)), id="form-above")
                for field in self._form.fields:
                    yield Label(line(Cell(field.heading, Tone.FAINT)))
                    yield _asked(field, self._draft[field.key], field.example(self.desk.locale, today))
            yield from self.below()
            yield Static(id="form-command")

    def below(self) -> Iterable[Widget]:
        """What stands below the questions."""
        return ()

    def on_mount(self) -> None:
        """The first question has the keys."""
        super().on_mount()
        for each in self._widgets()[:1]:
            each.focus()

    def reload(self) -> None:
        """There is nothing to read; only the command is told."""
        self._tell_command()

    def changed(self) -> None:
        """What others do does not disturb who is typing."""

    def pressed(self, key: str) -> None:
        """What was refused stays in sight until something is typed, or it is tried again."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While it is being written there are no keys but those of the form."""
        is_own = action in ("cancel", "submit", "copy_command")
        return super().check_action(action, parameters) if is_own or not self.is_doing("form") else False

    def command(self) -> list[str]:
        """The command that does the same, or the last of them."""
        return self.commands()[-1]

    def commands(self) -> list[list[str]]:
        """All commands that together do the same."""
        return self._form.commands(self._answers())

    def into(self) -> str:
        """The file into which the output goes."""
        return self._form.into(self._answers())

    def _widgets(self) -> list[Widget]:
        return list(self.query("#form-fields Input, #form-fields Select"))

    def _typed(self) -> dict[str, str]:
        """What stands in the fields, as it was typed."""
        found = {each.id or "": each.value for each in self.query("#form-fields Input").results(Input)}
        for each in self.query("#form-fields Select").results(Select):
            found[each.id or ""] = "" if each.value is Select.NULL else str(each.value)
        return {key.removeprefix("field-"): value.strip() for key, value in found.items()}

    def _answers(self) -> Answers:
        """The same as commands take it; what cannot be read stays as it was typed."""
        answers = self._typed()
        for field in self._form.fields:
            try:
                answers[field.key] = self._read(field, answers[field.key])
            except UsageFault:
                continue
        return answers

    def _read(self, field: Field, text: str) -> str:
        return field.read(text, self.desk.locale, self.desk.door.today)

    @property
    def _is_typed(self) -> bool:
        """Whether something stands there that did not at first."""
        return any(value != self._at_first[key] for key, value in self._typed().items())

    @on(Input.Changed)
    @on(Select.Changed)
    def _changed(self) -> None:
        """What was said of an attempt before is over."""
        self._is_leaving = False
        self.forget_refusal()
        if not self._is_to_be_told:
            self._is_to_be_told = True
            self.call_after_refresh(self._tell_command)

    def forget_refusal(self) -> None:
        """Take back what was refused, by the form itself or by a service."""
        super().forget_refusal()
        self.query_one(ErrorBar).clear()

    def _tell_command(self) -> None:
        self._is_to_be_told = False
        text = joined(self.commands(), self.into())
        self.query_one("#form-command", Static).update(
            lines([*([line(Cell(text, Tone.FAINT))] if text else []), line(self.hint())])
        )

    def hint(self) -> Cell:
        """What the keys do now."""
        verb, keys = self._form.verb or _("do it"), self.key_names()
        if self.is_doing("form"):
            return Cell(_("It is being written; nothing more can be typed until that is done."), Tone.FAINT)
        if self._is_leaving:
            return Cell(_("! {leave} again drops what is typed · {do}: {verb}").format(verb=verb, **keys), Tone.WARNING)
        return Cell(_("{do}: {verb} · {leave}: leave it").format(verb=verb, **keys))

    def key_names(self) -> dict[str, str]:
        """The keys that do it and that leave, as sentences name them."""
        return {"do": key_of(self, "form.submit"), "leave": key_of(self, "form.cancel")}

    @on(Input.Submitted)
    def _entered(self, message: Input.Submitted) -> None:
        message.stop()
        if message.input is self._widgets()[-1]:
            self.action_submit()
        else:
            self.focus_next()

    def action_submit(self) -> None:
        """Do it in a thread; what is refused is said here, and everything typed stays."""
        if self.is_doing("form") or not self._is_readable():
            return
        self._is_leaving = False
        answers = self._answers()
        self.do("form", lambda: self._form.act(self.desk.door, answers), self.on_done)
        self._hold(True)

    def _hold(self, is_held: bool) -> None:
        """Take nothing more while it is being written: it would not be written, and go with the form."""
        for each in self.query(LineInput):
            each.is_held = is_held
        for choice in self.query("#form-fields Select").results(Select):
            choice.disabled = is_held
        self._tell_command()

    def _is_readable(self) -> bool:
        """Whether each field holds what it asks for; the first that does not is told, and has the keys."""
        typed = self._typed()
        for field in self._form.fields:
            try:
                self._read(field, typed[field.key])
            except UsageFault as fault:
                self.query_one(ErrorBar).show(*spoken(fault, self._form.fields))
                self.query_one(f"#field-{field.key}").focus()
                return False
        return True

    def tell_refused(self, _topic: str, error: SfaError) -> None:
        """Say it in the words of the form, and how to try it again where that may help."""
        self._hold(False)
        self.app.clear_notifications()
        self._is_outdated = isinstance(error, Conflict)
        key = self.key_names()["do"] if isinstance(error, Unavailable) else ""
        self.query_one(ErrorBar).show(*spoken(error, self._form.fields), key=key)

    def on_done(self, result: Any) -> None:
        """Tell it, and close."""
        if told := self._form.done(result):
            self.notify(told, markup=False)
        self.dismiss((result,))

    def keeps_open(self) -> bool:
        """Ask once, where something is typed."""
        is_asked = self._is_typed and not self._is_leaving
        self._is_leaving = self._is_leaving or is_asked
        self._tell_command()
        return is_asked

    def action_cancel(self) -> None:
        """Close it; what was typed is dropped only by the second key.

        Where somebody else was faster, it is kept for the same form, opened anew over what there is now.
        """
        if self.is_doing("form"):
            self.notify(_("It is being written; wait until that is done."), severity="warning", markup=False)
            return
        if self._is_typed and not self._is_leaving and not self._is_outdated:
            self._is_leaving = True
            self._tell_command()
            return
        if self._is_typed and self._is_outdated:
            typed = self._typed().items()
            self.desk.drafts[self._form.title] = {key: text for key, text in typed if text != self._at_first[key]}
            self.notify(_("What you typed is kept, and stands there when you open this again."), markup=False)
        self.dismiss(None)


def _asked(field: Field, value: str, example: str) -> Widget:
    key = f"field-{field.key}"
    if field.choices:
        chosen = value or field.choices[0][1]
        return Select(field.choices, value=chosen, allow_blank=False, id=key, compact=True)
    return LineInput(value, placeholder=example, id=key, compact=True)
