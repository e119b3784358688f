"""The form that gives an account to somebody else."""

from typing import TYPE_CHECKING

from sfactl import services
from sfactl.errors import UsageFault
from sfactl.i18n import _, ngettext
from sfactl.tui.activity_forms import day_of
from sfactl.tui.forms import Answers, Field, Form, Kind

if TYPE_CHECKING:
    from sfactl.db.session import Door
    from sfactl.services.plans import Outcome


def reassign(code: str, owner: str | None) -> Form:
    """Give an account to another owner, now or from a day on; what goes along is what the command moves too."""

    def act(door: "Door", answers: Answers) -> "Outcome":
        if not answers["to"]:
            raise UsageFault(_("Say who shall have it."), _("A login, for example: sam"))
        if not answers["reason"]:
            raise UsageFault(_("Say why; it is kept with the account's history."))
        wanted = services.narrowing.AccountFilter(where=f"code = {code}")
        request = services.moves.Request(wanted, answers["to"], None, False, services.moving_along.Along())
        day = day_of(answers["day"]) or door.today
        return services.plan_doing.carry_out(
            door, services.plan_making.Order("assignment move", services.moves.lines, request, day, answers["reason"])
        )

    def command(answers: Answers) -> list[str]:
        words = ["assignment", "move", "--where", f"code = {code}", "--to", answers["to"]]
        words += ["--effective", answers["day"]] if answers["day"] else []
        return [*words, *(["--reason", answers["reason"]] if answers["reason"] else []), "--yes"]

    return Form(
        _("Give {code} to somebody else").format(code=code),
        (
            Field("to", _("New owner"), hint=_("login; now it is {owner}").format(owner=owner or "–"), option="--to"),
            Field("reason", _("Reason"), hint=_("kept with the account's history"), option="--reason"),
            Field("day", _("From"), hint=_("today"), kind=Kind.DAY, option="--effective"),
        ),
        act, command, _told, verb=_("give it"), right="run.create",
    )  # fmt: skip


def _told(outcome: "Outcome") -> str:
    if outcome.status == "scheduled":
        return _("It will hold from {day}; {run} takes it back.").format(
            day=outcome.effective, run=f"plan cancel {outcome.run}"
        )
    told = ngettext("Done: {count} row. {run} takes it back.", "Done: {count} rows. {run} takes it back.", outcome.rows)
    return told.format(count=outcome.rows, run=f"plan undo {outcome.run}")
