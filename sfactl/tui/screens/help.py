"""All keys of the screen below, and what its signs mean."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from textual.binding import ActiveBinding, Binding, BindingType

from sfactl.i18n import N_, _
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.desk import Desk
from sfactl.tui.screens.dialog import Dialog
from sfactl.tui.widgets.fact_sheet import FactSheet, Section

_GROUPS: Final = {
    "": N_("On this screen"),
    "tree": N_("In the tree"),
    "screen": N_("Everywhere"),
    "app": N_("Everywhere"),
    "list": N_("In a list"),
}
"""The first word of a binding's id, and under which title it stands, in this order; others belong to the screen."""
_SIGNS: Final = (
    ("▸", N_("chosen")),
    ("!", N_("the close date has passed")),
    ("–", N_("not defined; that is not zero")),
    ("…", N_("being read, or cut off where there is no room")),
    ("███░░ +", N_("a part of the whole; + is more than all of it")),
    ("✓", N_("quota is reached")),
    ("±", N_("what is ahead of the pace, or behind it")),
    (N_("won"), N_("opportunities that were won; revenue, credit and quota reached are of orders")),
    ("▁▃█", N_("quarters as parts of the greatest; · is nothing")),
)
_SIGN_WIDTH: Final = 9
"""Keys and signs of all sections take as many cells, so that what they mean stands below each other."""


class HelpScreen(Dialog):
    """Keys and signs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "dismiss", _("Close"), show=False, id="help.close", tooltip=_("Go back.")),
    ]

    def __init__(self, desk: Desk, active: Iterable[ActiveBinding]) -> None:
        super().__init__(desk)
        self._active = list(active)

    def reload(self) -> None:
        """Write it; there is nothing to ask."""
        self.query_one(FactSheet).show([*self._keys(), _signs()])

    def command(self) -> list[str]:
        """The help of the commands."""
        return ["--help"]

    def _keys(self) -> Sequence[Section]:
        groups: dict[str, dict[str, str]] = {_(title): {} for title in _GROUPS.values()}
        for active in self._active:
            binding = replace(active.binding, key_display=None)
            if binding.id is not None:
                title = _GROUPS.get(binding.id.partition(".")[0], _GROUPS[""])
                groups[_(title)][self.app.get_key_display(binding)] = binding.tooltip
        return [_explained(title, keys.items()) for title, keys in groups.items() if keys]


def _signs() -> Section:
    return _explained(_("Signs"), [(_(sign), _(text)) for sign, text in _SIGNS])


def _explained(title: str, pairs: Iterable[tuple[str, str]]) -> Section:
    rows = [(Cell(Cell(sign).fitted(_SIGN_WIDTH), Tone.STRONG), Cell(text)) for sign, text in pairs]
    return Section(title, tuple(rows))
