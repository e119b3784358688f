"""What a person is told once somebody's data were erased."""

from sfactl import services
from sfactl.commands.state import AppState
from sfactl.errors import PartlyDone
from sfactl.i18n import _, ngettext
from sfactl.render.erasure import TRACE_COLUMNS


def tell_of_erasure(state: AppState, done: "services.erasure.Erasure") -> None:
    """Say what was erased, and where people's own words still hold it.

    Raises:
        PartlyDone: there are such places.
    """
    state.note(
        ngettext(
            "Erased, also in {count} event of the trail.", "Erased, also in {count} events of the trail.", done.events
        ).format(count=done.events)
    )
    state.note(_("Copies made before, and the system that data are imported from, still hold it."))
    if done.traces:
        state.show(done.traces, TRACE_COLUMNS)
        raise PartlyDone(_("These texts still hold it."), _("Change them by hand."))
