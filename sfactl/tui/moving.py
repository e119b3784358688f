"""An opportunity goes to another stage: at once when nothing is missing, else over a form that offers to do what is."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sfactl import services
from sfactl.i18n import _
from sfactl.tui import activity_forms
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.forms import Answers, Field, Form
from sfactl.tui.widgets.fact_sheet import Section

if TYPE_CHECKING:
    from sfactl.db.session import Door, Session
    from sfactl.services.opportunity_stages import Entered
    from sfactl.tui.screens.base import BaseScreen

Then = Callable[[Any], None]


def begin(screen: "BaseScreen[Any]", code: str, stage: str, then: Then) -> None:
    """Look what is missing for a stage; move if nothing is, else ask for it.

    Args:
        then: called with something that is not None when the opportunity was moved.
    """

    def look(session: "Session") -> "Entered":
        return services.opportunity_stages.enter(session, code, stage, is_trial=True)

    def found(trial: "Entered") -> None:
        if trial.before == trial.stage:
            screen.notify(_("{code} is there already.").format(code=code), markup=False)
        elif trial.missing:
            screen.open_form(gate(trial), then)
        else:
            screen.do("move", lambda: screen.desk.door.write(services.opportunity_stages.enter, code, stage), moved)

    def moved(entered: "Entered") -> None:
        screen.notify(told(entered), markup=False)
        then((entered,))

    screen.ask("gate", look, found)


def told(entered: "Entered") -> str:
    """What became of it, with what the stage did by itself."""
    done = "".join(f"\n{each.step}: {each.what}" for each in entered.done)
    return _("{code} is in {stage} now.").format(code=entered.opportunity, stage=entered.stage) + done


def gate(trial: "Entered") -> Form:
    """What is missing, and a question for all of it that can be said here."""
    fields = tuple(_fields(trial))

    def act(door: "Door", answers: Answers) -> "Entered":
        return door.write(_enter, trial.opportunity, trial.stage, answers)

    missing = tuple((Cell("!", Tone.WARNING), Cell(each.what), Cell(each.remedy, Tone.FAINT)) for each in trial.missing)
    guidance = (Section("", ((Cell(trial.guidance),),)),) if trial.guidance else ()
    return Form(
        _("{code} cannot enter {stage} yet").format(code=trial.opportunity, stage=trial.stage), fields, act,
        lambda _answers: ["opportunity", "stage", trial.opportunity, trial.stage], told,
        above=(*guidance, Section(_("What is missing"), missing)), verb=_("do it and move on"),
    )  # fmt: skip


def _fields(trial: "Entered") -> "Sequence[Field]":
    """A question for each field and activity that is missing; needs and quotes are made elsewhere."""
    found: list[Field] = []
    for each in trial.missing:
        if each.gate == "field" and each.name == "next_step":
            found.append(Field("next_step", _("Next step"), hint=_("what is to be done next")))
        elif each.gate == "field" and each.name == "amount":
            found.append(Field("amount", _("Amount"), hint="48000.00"))
        elif each.gate == "activity" and each.name in services.activities.KINDS:
            label = _("Done today: {kind}").format(kind=_(activity_forms.KINDS[each.name]))
            hint = _("what it was about, in a few words")
            found += [Field(f"{each.name}-{number}", label, hint=hint) for number in range(each.count)]
    return found


def _enter(session: "Session", code: str, stage: str, answers: Answers) -> "Entered":
    """Keep what was said, and enter the stage: all of it or nothing."""
    step, amount = answers.get("next_step"), answers.get("amount")
    if step or amount:
        edit = services.opportunity_editing.Edit(next_step=step or None, amount=activity_forms.amount_of(amount or ""))
        services.opportunity_editing.edit(session, code, edit)
    for key, subject in answers.items():
        kind = key.partition("-")[0]
        if kind in services.activities.KINDS and subject:
            services.activities.log(session, services.activities.NewActivity(kind, subject, opportunity=code))
    return services.opportunity_stages.enter(session, code, stage)
