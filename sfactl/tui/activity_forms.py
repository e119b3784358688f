"""Forms about activities: to keep one that was done, to plan one, and to say that one is done."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sfactl import services
from sfactl.core.money import parse_amount
from sfactl.errors import UsageFault
from sfactl.i18n import N_, _
from sfactl.tui.forms import Answers, Field, Form, Kind

if TYPE_CHECKING:
    from sfactl.db.session import Door
    from sfactl.services.activities import ActivityRow

LONGEST_SUBJECT = 200
"""As `services.activities.LONGEST_SUBJECT`, without loading it."""
KINDS = {"call": N_("call"), "visit": N_("visit"), "meeting": N_("meeting"), "email": N_("e-mail"), "task": N_("task")}


def day_of(text: str) -> date | None:
    """The day that a field of days says; None for nothing."""
    return date.fromisoformat(text) if text else None


def amount_of(text: str) -> Decimal | None:
    """The amount that a field of numbers says; None for nothing. Errors as of `parse_amount`."""
    return parse_amount(text) if text else None


def log_command(kind: str, subject: str, about: Sequence[str], *options: str) -> list[str]:
    """The words of `activity log`; a subject may begin with a sign that options have."""
    subjects = ["--", kind, subject] if subject.startswith("-") else None
    return (
        ["activity", "log", *about, *options, *subjects]
        if subjects
        else ["activity", "log", kind, subject, *about, *options]
    )


def log(*, opportunity: str | None = None, account: str | None = None, is_planned: bool = False) -> Form:
    """Keep what was done about an opportunity or with an account, or plan it."""
    about = ["--opportunity", opportunity] if opportunity else ["--account", account or ""]
    day = (
        Field("day", _("Planned for"), kind=Kind.DAY, option="--plan") if is_planned
        else Field("day", _("On"), hint=_("today"), kind=Kind.DAY, option="--on")
    )  # fmt: skip

    def act(door: "Door", answers: Answers) -> "ActivityRow":
        on = day_of(answers["day"])
        if is_planned and on is None:
            raise UsageFault(
                _("Say the day for which it is planned."), _("For example: {example}").format(example="+7d")
            )
        new = services.activities.NewActivity(
            answers["kind"], answers["subject"], account if not opportunity else None, opportunity,
            planned_on=on if is_planned else None, done_on=None if is_planned else on, note=answers["note"],
        )  # fmt: skip
        return door.write(services.activities.log, new)

    def command(answers: Answers) -> list[str]:
        day = ["--plan" if is_planned else "--on", answers["day"]] if answers["day"] else []
        note = ["--note", answers["note"]] if answers["note"] else []
        return log_command(answers["kind"], answers["subject"], about, *day, *note)

    title = _("Plan an activity: {about}") if is_planned else _("Log an activity: {about}")
    return Form(
        title.format(about=opportunity or account),
        (
            Field("subject", _("Subject"), hint=_("what it was about, in a few words"), longest=LONGEST_SUBJECT),
            Field("kind", _("Kind"), "call", choices=tuple((_(name), key) for key, name in KINDS.items())),
            day,
            Field("note", _("Note"), hint=_("what came of it"), option="--note"),
        ),
        act, command, lambda row: _("Kept: {kind} {number}.").format(kind=_(KINDS[row.kind]), number=row.number),
        verb=_("keep it"), right="activity.create",
    )  # fmt: skip


def done(row: "ActivityRow") -> Form:
    """Say that a planned activity is done."""

    def act(door: "Door", answers: Answers) -> "ActivityRow":
        return door.write(services.activities.done, row.number, on=day_of(answers["day"]), note=answers["note"] or None)

    def command(answers: Answers) -> list[str]:
        words = ["activity", "done", str(row.number)]
        words += ["--on", answers["day"]] if answers["day"] else []
        return [*words, *(["--note", answers["note"]] if answers["note"] else [])]

    return Form(
        _("Done: {kind} “{subject}”").format(kind=_(KINDS[row.kind]), subject=row.subject),
        (
            Field("note", _("Note"), hint=_("what came of it"), option="--note"),
            Field("day", _("On"), hint=_("today"), kind=Kind.DAY, option="--on"),
        ),
        act, command, lambda row: _("Activity {number} is done.").format(number=row.number), verb=_("it is done"),
        right="activity.edit",
    )  # fmt: skip
