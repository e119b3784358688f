"""A form over the screen it was opened from. It closes only when what it is for is done; until then nothing typed is lost."""

import shlex
from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Label, Select, Static

from sfactl.i18n import _
from sfactl.tui.cells import Cell, Tone, line, lines
from sfactl.tui.desk import Desk
from sfactl.tui.forms import Answers, Field, Form
from sfactl.tui.screens.base import BaseScreen
from sfactl.tui.widgets.fact_sheet import drawn

_WIDTH = 76


class FormScreen(BaseScreen[Any], ModalScreen[Any]):
    """Asks, does it, and gives back what came of it; None when nothing was done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", _("Cancel"), id="form.cancel", tooltip=_("Close it; nothing is done.")),
        Binding("ctrl+s", "submit", _("Do it"), id="form.submit", tooltip=_("Do what the form is for.")),
        Binding("ctrl+y", "copy_command", _("Copy"), id="form.copy",
                tooltip=_("Copy the sfactl command that does the same.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk, form: Form) -> None:
        super().__init__(desk)
        self._form = form

    def body(self) -> Iterable[Widget]:
        """What one reads, the questions, and the command that does the same."""
        with Vertical(classes="dialog"):
            yield Static(line(Cell(self._form.title, Tone.STRONG)), id="form-title")
            with VerticalScroll(id="form-fields", can_focus=False):
                if self._form.above:
                    yield Static(lines(drawn(self._form.above, _WIDTH)), id="form-above")
                for field in self._form.fields:
                    yield Label(line(Cell(field.label, Tone.FAINT)))
                    yield _asked(field)
            yield Static(id="form-command")

    def on_mount(self) -> None:
        """The first question has the keys."""
        super().on_mount()
        for each in list(self.query("#form-fields Input, #form-fields Select"))[:1]:
            each.focus()

    def reload(self) -> None:
        """There is nothing to read; only the command is told."""
        self._tell_command()

    def changed(self) -> None:
        """What others do does not disturb who is typing."""

    def command(self) -> list[str]:
        """The command that does the same."""
        return self._form.command(self._answers())

    def _answers(self) -> Answers:
        answers = {each.id or "": each.value for each in self.query("#form-fields Input").results(Input)}
        for each in self.query("#form-fields Select").results(Select):
            answers[each.id or ""] = "" if each.value is Select.NULL else str(each.value)
        return {key.removeprefix("field-"): value.strip() for key, value in answers.items()}

    @on(Input.Changed)
    @on(Select.Changed)
    def _tell_command(self) -> None:
        words = self.command()
        text = shlex.join(["sfactl", *words]) if words else ""
        verb = self._form.verb or _("do it")
        hint = _("Ctrl+S: {verb} · Esc: leave it").format(verb=verb)
        self.query_one("#form-command", Static).update(
            lines([*([line(Cell(text, Tone.FAINT))] if text else []), line(hint)])
        )

    @on(Input.Submitted)
    def _entered(self, message: Input.Submitted) -> None:
        message.stop()
        fields = list(self.query("#form-fields Input, #form-fields Select"))
        if message.input is fields[-1]:
            self.action_submit()
        else:
            self.focus_next()

    def action_submit(self) -> None:
        """Do it in a thread; what is refused is said here, and everything typed stays."""
        if self.is_doing("form"):
            return
        answers = self._answers()
        self.do("form", lambda: self._form.act(self.desk.door, answers), self._done)

    def _done(self, result: Any) -> None:
        if told := self._form.done(result):
            self.notify(told, markup=False)
        self.dismiss((result,))

    def action_cancel(self) -> None:
        """Close it."""
        self.dismiss(None)


def _asked(field: Field) -> Widget:
    key = f"field-{field.key}"
    if field.choices:
        chosen = field.value or field.choices[0][1]
        return Select(field.choices, value=chosen, allow_blank=False, id=key, compact=True)
    return Input(field.value, placeholder=field.hint, id=key, compact=True)
