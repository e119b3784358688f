"""One line to type into, which loses nothing of what is pasted and takes nothing that would be lost."""

from textual.events import Key, Paste
from textual.widgets import Input


class LineInput(Input):
    """Textual's input; what is pasted over several lines becomes one line."""

    is_held = False
    "While what stands here is being written, nothing more is taken: it would be lost when the form closes."

    def _on_paste(self, event: Paste) -> None:
        event.stop()
        event.prevent_default()
        if self.is_held:
            self.app.bell()
            return
        pieces = (piece.strip() for piece in event.text.splitlines())
        self.replace(" ".join(piece for piece in pieces if piece), *self.selection)

    async def _on_key(self, event: Key) -> None:
        if self.is_held and event.is_printable:
            event.stop()
            event.prevent_default()
            self.app.bell()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is deleted either, while it is held."""
        if self.is_held and (action.startswith("delete") or action in ("cut", "paste")):
            return False
        return super().check_action(action, parameters)
