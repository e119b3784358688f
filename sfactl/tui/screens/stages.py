"""The stages of an opportunity's process to choose from: where it stands, and where it shall go."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from sfactl import services
from sfactl.i18n import _
from sfactl.tui import moving
from sfactl.tui.cells import Cell, Tone, line
from sfactl.tui.desk import Desk
from sfactl.tui.screens.base import BaseScreen
from sfactl.tui.widgets.fitting import GridColumn
from sfactl.tui.widgets.record_grid import GridRow, RecordGrid

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.process_map import StageOnMap


class StagesScreen(BaseScreen[Any], ModalScreen[Any]):
    """Gives back what moving came to; None when it stays where it is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", _("Cancel"), id="stages.cancel", tooltip=_("Leave the opportunity where it is.")),
        Binding("enter", "choose", _("Move there"), id="stages.choose", tooltip=_("Let the opportunity enter the stage.")),
    ]  # fmt: skip

    def __init__(self, desk: Desk, code: str) -> None:
        super().__init__(desk)
        self._code = code

    def body(self) -> Iterable[Widget]:
        """The stages."""
        columns = (GridColumn(""), GridColumn(_("Stage")), GridColumn(_("Asks for"), is_text=True))
        with Vertical(classes="dialog"):
            yield Static(line(Cell(_("{code} goes to").format(code=self._code), Tone.STRONG)))
            yield RecordGrid(columns, empty="", id="stages")

    def reload(self) -> None:
        """Ask for the process."""
        code = self._code

        def stages(session: "Session") -> Sequence["StageOnMap"]:
            return services.process_map.draw(session, opportunities=[code]).stages

        self.ask("stages", stages, self._show)

    def _show(self, stages: Sequence["StageOnMap"]) -> None:
        rows = [
            GridRow(
                each.stage,
                (
                    Cell("●" if self._code in each.opportunities else "", Tone.GOOD), Cell(each.name),
                    Cell(", ".join(each.requires)),
                ),
            )
            for each in stages
        ]  # fmt: skip
        grid = self.query_one(RecordGrid)
        grid.show(rows)
        here = next((index for index, each in enumerate(stages) if self._code in each.opportunities), -1)
        if here + 1 < len(stages):
            grid.cursor = here + 1
        grid.styles.height = len(rows) + 1
        grid.focus()

    def command(self) -> list[str]:
        """The same by command."""
        stage = self.query_one(RecordGrid).cursor_key
        return ["opportunity", "stage", self._code, stage or ""]

    @on(RecordGrid.Chosen)
    def action_choose(self) -> None:
        """Go there."""
        stage = self.query_one(RecordGrid).cursor_key
        if stage is not None:
            moving.begin(self, self._code, stage, self._moved)

    def _moved(self, result: Any) -> None:
        if result is not None:
            self.dismiss(result)
