"""A filter kept under a name, in the person's settings file."""

from typing import TYPE_CHECKING

from sfactl.config import settings_file
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.tui import filter_text
from sfactl.tui.desk import Desk
from sfactl.tui.forms import Answers, Field, Form

if TYPE_CHECKING:
    from sfactl.db.session import Door


def form(desk: Desk, screen: str, text: str, names: tuple[str, ...]) -> Form:
    """Ask for the name; the filter can be changed before it is kept, and an empty one drops what was kept.

    Args:
        names: the keys that a filter of this screen may have.
    """

    def act(_door: "Door", answers: Answers) -> str:
        if not answers["name"]:
            raise UsageFault(_("A filter needs a name."), _("For example: mine"))
        filter_text.parse(answers["text"], names)
        if desk.settings_path is not None:
            settings_file.keep_filter(desk.settings_path, screen, answers["name"], answers["text"])
        kept = desk.filters(screen)
        if answers["text"]:
            kept[answers["name"]] = answers["text"]
        else:
            kept.pop(answers["name"], None)
        return answers["name"]

    return Form(
        _("Keep the filter"), (Field("name", _("Name"), hint=_("mine")), Field("text", _("Filter"), text)), act,
        lambda _answers: [], lambda name: _("{name} is kept: Find offers it.").format(name=name),
        verb=_("keep it"),
    )  # fmt: skip
