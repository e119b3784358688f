"""An opportunity goes to another stage: at once when nothing is missing, else over a form that offers to do what is."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sfactl import services
from sfactl.errors import Conflict
from sfactl.i18n import _
from sfactl.tui import activity_forms
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.forms import Answers, Field, Form, Kind
from sfactl.tui.opportunity_forms import LONGEST_STEP
from sfactl.tui.widgets.fact_sheet import Section

if TYPE_CHECKING:
    from sfactl.db.session import Door, Session
    from sfactl.services.opportunity_stages import Entered, Missing
    from sfactl.tui.screens.base import BaseScreen

Then = Callable[[Any], None]
_EDITS = {"next_step": "--next-step", "amount": "--amount"}


def begin(screen: "BaseScreen[Any]", code: str, stage: str, then: Then, *, seen: str | None = None) -> None:
    """Look what is missing for a stage; move if nothing is, else ask for it.

    Args:
        then: called with something that is not None when the opportunity was moved.
        seen: the stage in which the screen shows it; moved on meanwhile, it stays where it is.
    """

    def look(session: "Session") -> "tuple[Entered, tuple[Entered, ...]]":
        trial = services.opportunity_stages.enter(session, code, stage, is_trial=True, seen=seen)
        return trial, services.opportunity_stages.passed_over(session, code, stage)

    def found(answer: "tuple[Entered, tuple[Entered, ...]]") -> None:
        trial, passed = answer
        if trial.before == trial.stage:
            screen.notify(_("{code} is there already.").format(code=code), markup=False)
        elif trial.missing or passed or trial.status != "open":
            screen.open_form(gate(trial, passed), then)
        else:
            enter = partial(services.opportunity_stages.enter, seen=trial.before)
            write = lambda: screen.desk.door.write(enter, code, stage)  # noqa: E731 - a work
            screen.do("move", write, moved, again=lambda: begin(screen, code, stage, then, seen=seen))

    def moved(entered: "Entered") -> None:
        screen.notify(told(entered), markup=False)
        then((entered,))

    screen.ask("gate", look, found)


def told(entered: "Entered") -> str:
    """What became of it, with what the stage did by itself."""
    done = "".join(f"\n{each.step}: {each.what}" for each in entered.done)
    return _("{code} is in {stage} now.").format(code=entered.opportunity, stage=entered.stage) + done


def gate(trial: "Entered", passed: "Sequence[Entered]" = ()) -> Form:
    """What is missing, and a question for all of it that can be said here.

    Args:
        passed: the stages on the way that ask for something, too, and are not entered.
    """
    fields = tuple(_fields(trial))

    def act(door: "Door", answers: Answers) -> "Entered":
        return door.write(_enter, trial, answers)

    missing = tuple(
        (Cell("!", Tone.WARNING), Cell(each.what), Cell(_remedy(each), Tone.FAINT)) for each in trial.missing
    )
    title = _("{code} would go to {stage} at once") if passed else _("{code} would go to {stage}")
    title = _("{code} cannot enter {stage} yet") if missing else title
    above = [Section("", ((Cell(trial.guidance),),))] if trial.guidance else []
    if trial.status != "open":
        above.append(
            Section("", ((Cell("!", Tone.WARNING), Cell(_("It is closed then, and cannot be opened again."))),))
        )
        fields = (*fields, Field("reason", _("Reason"), hint=_("kept in the audit trail"), option="--reason"))
    above += [Section(_("What is missing"), missing)] if missing else []
    above += [Section(_("Passed over, and what that stage asks for"), tuple(_passed(passed)))] if passed else []
    return Form(
        title.format(code=trial.opportunity, stage=trial.stage), fields, act,
        lambda answers: _command(trial, answers), told,
        above=tuple(above), verb=_verb(trial, passed),
        before=lambda answers: _before(trial.opportunity, answers),
    )  # fmt: skip


def _verb(trial: "Entered", passed: "Sequence[Entered]") -> str:
    if trial.missing:
        return _("do it and move on")
    return _("go there all the same") if passed else _("close it")


def _command(trial: "Entered", answers: Answers) -> list[str]:
    reason = ["--reason", answers["reason"]] if answers.get("reason") else []
    return ["opportunity", "stage", trial.opportunity, trial.stage, *reason]


def _passed(passed: "Sequence[Entered]") -> Iterator[tuple[Cell, ...]]:
    for stage in passed:
        for index, each in enumerate(stage.missing):
            yield (Cell("!", Tone.WARNING), Cell(stage.stage if index == 0 else "", Tone.STRONG), Cell(each.what))


def _remedy(each: "Missing") -> str:
    """What to do about something that is missing: here, where the form asks for it."""
    return _("Say it below.") if _asked_of(each) else each.remedy


def _before(code: str, answers: Answers) -> list[list[str]]:
    """The commands that keep what is said, before the one that moves the opportunity."""
    edit = [word for key, flag in _EDITS.items() if answers.get(key) for word in (flag, answers[key])]
    found = [["opportunity", "edit", code, *edit]] if edit else []
    for key, subject in answers.items():
        kind = key.partition("-")[0]
        if kind in activity_forms.KINDS and subject:
            found.append(activity_forms.log_command(kind, subject, ["--opportunity", code]))
    return found


def _fields(trial: "Entered") -> "list[Field]":
    """A question for each field and activity that is missing; needs and quotes are made elsewhere."""
    return [field for each in trial.missing for field in _asked_of(each)]


def _asked_of(each: "Missing") -> "list[Field]":
    if each.gate == "field" and each.name == "next_step":
        hint = _("what is to be done next")
        return [Field("next_step", _("Next step"), hint=hint, longest=LONGEST_STEP, option="--next-step")]
    if each.gate == "field" and each.name == "amount":
        return [Field("amount", _("Amount"), kind=Kind.NUMBER, option="--amount")]
    if each.gate == "activity" and each.name in activity_forms.KINDS:
        label = _("Done today: {kind}").format(kind=_(activity_forms.KINDS[each.name]))
        hint, longest = _("what it was about, in a few words"), activity_forms.LONGEST_SUBJECT
        return [Field(f"{each.name}-{number}", label, hint=hint, longest=longest) for number in range(each.count)]
    return []


def _enter(session: "Session", seen: "Entered", answers: Answers) -> "Entered":
    """Keep what was said, and enter the stage: all of it or nothing."""
    code, stage = seen.opportunity, seen.stage
    step, amount = answers.get("next_step"), answers.get("amount")
    if step or amount:
        edit = services.opportunity_editing.Edit(next_step=step or None, amount=activity_forms.amount_of(amount or ""))
        services.opportunity_editing.edit(session, code, edit)
    for key, subject in answers.items():
        kind = key.partition("-")[0]
        if kind in services.activities.KINDS and subject:
            services.activities.log(session, services.activities.NewActivity(kind, subject, opportunity=code))
    trial = services.opportunity_stages.enter(session, code, stage, is_trial=True, seen=seen.before)
    if trial.missing:
        told = _("{code} cannot enter {stage} yet: {missing}")
        missing = " ".join(each.what for each in trial.missing)
        raise Conflict(told.format(code=code, stage=stage, missing=missing), _remedies(trial))
    return services.opportunity_stages.enter(session, code, stage, reason=answers.get("reason") or None)


def _remedies(trial: "Entered") -> str:
    return " ".join(dict.fromkeys(_remedy(each) for each in trial.missing))
