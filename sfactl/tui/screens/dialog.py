"""A sheet over the screen it was opened from."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from sfactl.i18n import _
from sfactl.tui.screens.base import BaseScreen
from sfactl.tui.widgets.fact_sheet import FactSheet


class Dialog(BaseScreen[None], ModalScreen[None]):
    """A sheet in a frame."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", _("Close"), id="dialog.close", tooltip=_("Go back.")),
    ]

    def body(self) -> Iterable[Widget]:
        """The sheet."""
        with Vertical(classes="dialog"):
            yield FactSheet()
