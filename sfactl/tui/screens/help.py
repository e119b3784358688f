"""All keys of the screen below, and what its signs mean."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer

from sfactl.i18n import N_, _
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.widgets.fact_sheet import FactSheet, Section

_GROUPS: Final = {
    "app": N_("Everywhere"),
    "screen": N_("Everywhere"),
    "list": N_("In a list"),
    "tree": N_("In the tree"),
}
"""The first word of a binding's id, and under which title it stands; others belong to the screen."""
_SIGNS: Final = (
    ("▸", N_("chosen")),
    ("!", N_("the close date has passed")),
    ("–", N_("not defined; that is not zero")),
    ("…", N_("being read, or cut off where there is no room")),
    ("████░░ +", N_("a part of the whole; + is more than all of it")),
    ("▁▃█", N_("quarters as parts of the greatest; · is nothing")),
)


class HelpScreen(ModalScreen[None]):
    """Keys and signs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,question_mark", "dismiss", _("Close"), id="help.close", tooltip=_("Go back.")),
    ]

    def __init__(self, active: Iterable[ActiveBinding]) -> None:
        super().__init__()
        self._active = list(active)

    def compose(self) -> ComposeResult:
        """A sheet in a frame."""
        with Vertical(classes="dialog"):
            yield FactSheet()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Write it."""
        self.query_one(FactSheet).show([*self._keys(), _signs()])

    def _keys(self) -> Sequence[Section]:
        groups: dict[str, dict[str, tuple[list[str], str]]] = {}
        for active in self._active:
            binding = active.binding
            if binding.id is None:
                continue
            title = _(_GROUPS.get(binding.id.partition(".")[0], N_("On this screen")))
            keys, _text = groups.setdefault(title, {}).setdefault(binding.id, ([], binding.tooltip))
            keys.append(self.app.get_key_display(binding))
        return [
            Section(title, tuple((Cell(" ".join(keys), Tone.STRONG), Cell(text)) for keys, text in rows.values()))
            for title, rows in groups.items()
        ]


def _signs() -> Section:
    return Section(_("Signs"), tuple((Cell(sign, Tone.STRONG), Cell(_(text))) for sign, text in _SIGNS))
