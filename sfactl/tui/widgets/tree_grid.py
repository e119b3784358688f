"""A list whose rows form a tree; branches open and close."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.message import Message

from sfactl.i18n import _
from sfactl.tui.cells import Cell
from sfactl.tui.widgets.fitting import GridColumn
from sfactl.tui.widgets.record_grid import GridRow, RecordGrid

_OPEN: Final = "▾ "
_CLOSED: Final = "▹ "
_LEAF: Final = "· "
_INDENT: Final = "  "


@dataclass(frozen=True, slots=True)
class Branch:
    """A node; its children are the deeper ones that follow it."""

    key: str
    depth: int
    cells: tuple[Cell, ...]
    "The first one names it."


class TreeGrid(RecordGrid):
    """A tree with columns of figures."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "unfold", _("Open"), show=False, id="tree.open", tooltip=_("Open the branch, or go into it.")),
        Binding("left", "fold", _("Close"), show=False, id="tree.close", tooltip=_("Close the branch, or go to its parent.")),
        Binding("space", "toggle_branch", _("Open or close"), show=False, id="tree.toggle", tooltip=_("Open or close the branch.")),
        Binding("asterisk", "unfold_all", _("Open all"), show=False, id="tree.open-all", tooltip=_("Open all branches.")),
    ]  # fmt: skip

    class Unfolded(Message):
        """Other rows are in sight now."""

    def __init__(self, columns: Sequence[GridColumn], *, empty: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(columns, empty=empty, id=id)
        self._branches: Sequence[Branch] = ()
        self._folded: set[str] = set()

    @property
    def keys_in_sight(self) -> list[str]:
        """The keys of the nodes in the branches that are open."""
        return [row.key for row in self.rows]

    def show_tree(self, branches: Sequence[Branch], columns: Sequence[GridColumn] | None = None) -> None:
        """Show these nodes, in the order of a walk of the tree; closed branches stay closed."""
        self._branches = branches
        self.show(self._visible_rows(), columns)

    def fold_below(self, depth: int) -> None:
        """Close the branches of this depth and deeper ones."""
        self._folded = {branch.key for branch in self._branches if branch.depth >= depth}
        self._redraw()

    def action_unfold(self) -> None:
        """Open the branch; go to its first child if it is open."""
        key = self.cursor_key
        if key in self._folded:
            self._folded.discard(key)
            self._redraw()
        elif key is not None and self._has_children(key):
            self.action_step(1)

    def action_fold(self) -> None:
        """Close the branch; go to its parent if it is closed."""
        key = self.cursor_key
        if key is None:
            return
        if self._has_children(key) and key not in self._folded:
            self._folded.add(key)
            self._redraw()
        elif parent := self._parent_of(key):
            self.go_to(parent)

    def action_toggle_branch(self) -> None:
        """Open a closed branch, close an open one."""
        key = self.cursor_key
        if key is not None and self._has_children(key):
            self._folded ^= {key}
            self._redraw()

    def action_unfold_all(self) -> None:
        """Open all branches."""
        self._folded.clear()
        self._redraw()

    def _redraw(self) -> None:
        self.show(self._visible_rows())
        self.post_message(self.Unfolded())

    def _visible_rows(self) -> list[GridRow]:
        rows: list[GridRow] = []
        hidden_below: int | None = None
        for index, branch in enumerate(self._branches):
            if hidden_below is not None and branch.depth > hidden_below:
                continue
            has_children = self._is_parent(index)
            is_folded = has_children and branch.key in self._folded
            hidden_below = branch.depth if is_folded else None
            rows.append(_row(branch, _CLOSED if is_folded else _OPEN if has_children else _LEAF))
        return rows

    def _is_parent(self, index: int) -> bool:
        following = index + 1
        return following < len(self._branches) and self._branches[following].depth > self._branches[index].depth

    def _has_children(self, key: str) -> bool:
        return self._is_parent(self._place_of(key))

    def _parent_of(self, key: str) -> str | None:
        place = self._place_of(key)
        above = reversed(self._branches[:place])
        return next((branch.key for branch in above if branch.depth < self._branches[place].depth), None)

    def _place_of(self, key: str) -> int:
        return next(index for index, branch in enumerate(self._branches) if branch.key == key)


def _row(branch: Branch, sign: str) -> GridRow:
    name, *figures = branch.cells
    return GridRow(branch.key, (Cell(_INDENT * branch.depth + sign + name.text, name.tone), *figures))
