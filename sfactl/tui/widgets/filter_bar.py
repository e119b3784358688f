"""The line in which one types what a list shall be narrowed to."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.suggester import Suggester
from textual.timer import Timer
from textual.widgets import Input

from sfactl.i18n import _
from sfactl.tui.widgets.line_input import LineInput

_PAUSE_S: Final = 0.15
"""After the last key, how long until the list is asked for."""


class _Keys(Suggester):
    """Completes the keys of a filter."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(case_sensitive=True)
        self._names = names

    async def get_suggestion(self, value: str) -> str | None:
        """The text with its last word made whole."""
        before, _blank, last = value.rpartition(" ")
        found = next((name for name in self._names if last and name.startswith(last) and ":" not in last), None)
        return f"{before} {found}:".lstrip() if found else None


class FilterBar(LineInput):
    """Narrows while one types; Enter goes to the list, Escape clears."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", _("Clear"), show=False, id="filter.clear",
                tooltip=_("Clear the filter, and go back to the list.")),
        Binding("down", "leave", _("List"), show=False, id="filter.leave", tooltip=_("Go to the list.")),
    ]  # fmt: skip

    class Narrowed(Message):
        """The filter is another one now."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The list shall have the keys again."""

    def __init__(self, names: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002
        hint = " ".join(f"{name}:" for name in names)
        super().__init__(
            placeholder=_("/ narrows: words, {filters}").format(filters=hint), suggester=_Keys(names), id=id,
            compact=True, max_length=200,
        )  # fmt: skip
        self._timer: Timer | None = None
        self._told = ""

    @on(Input.Changed)
    def _changed(self, message: Input.Changed) -> None:
        message.stop()
        if self._timer:
            self._timer.stop()
        self._timer = self.set_timer(_PAUSE_S, self._tell)

    def _tell(self) -> None:
        if self.value != self._told:
            self._told = self.value
            self.post_message(self.Narrowed(self.value))

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self.action_leave()

    def action_leave(self) -> None:
        """Give the keys back to the list."""
        self._tell()
        self.post_message(self.Left())

    def action_clear(self) -> None:
        """Narrow to nothing."""
        self.value = ""
        self.action_leave()
