"""Forms that answer: agree to a quote or not, and answer a hand-off."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sfactl import services
from sfactl.core.replies import Verdict
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.tui.cells import Cell
from sfactl.tui.forms import Answers, Field, Form, Kind
from sfactl.tui.widgets.fact_sheet import Section

if TYPE_CHECKING:
    from sfactl.db.session import Door
    from sfactl.services.approvals import Submitted
    from sfactl.services.handoffs import FieldRow, HandoffRow


def decide(quote: str, verdict: Verdict, digest: str, reasons: Sequence[str]) -> Form:
    """Say yes or no to a quote as the person sees it: to what it has become meanwhile nobody has agreed.

    Args:
        digest: of what he sees.
        reasons: all for which he is asked about it; his word is for each of them.
    """
    is_yes = verdict is Verdict.APPROVE

    def act(door: "Door", answers: Answers) -> "Submitted":
        if not is_yes and not answers["comment"]:
            raise UsageFault(_("Say why not; whoever asked will read it."))
        return door.write(
            services.approvals.decide, quote, verdict, comment=answers["comment"] or None, via="screen", digest=digest
        )

    def command(answers: Answers) -> list[str]:
        comment = ["--comment", answers["comment"]] if answers["comment"] else []
        return ["quote", "approve" if is_yes else "reject", quote, *comment]

    title = _("Approve {quote}") if is_yes else _("Reject {quote}")
    return Form(
        title.format(quote=quote), (Field("comment", _("Comment"), option="--comment"),), act, command,
        _decided, above=(Section(_("Why you are asked"), tuple((Cell(each),) for each in reasons)),) if reasons else (),
        verb=_("approve it") if is_yes else _("reject it"), right="approval.edit",
    )  # fmt: skip


def _decided(done: "Submitted") -> str:
    if done.status == "submitted":
        return _("Your word on {code} is kept; others are still to agree.").format(code=done.quote)
    return _("{code} is {status}.").format(code=done.quote, status=done.status)


def answer(code: str, fields: "Sequence[FieldRow]", verdict: Verdict) -> Form:
    """Answer a hand-off, with the fields that its form asks for."""
    asked = [each for each in fields if each.is_asked]
    is_yes = verdict is Verdict.APPROVE

    def act(door: "Door", answers: Answers) -> "HandoffRow":
        values = {each.key: answers[f"v-{each.key}"] for each in asked if answers[f"v-{each.key}"]}
        return door.write(
            services.handoffs.answer, code, verdict, comment=answers["comment"] or None, values=values, via="screen"
        )

    def command(answers: Answers) -> list[str]:
        words = ["handoff", "answer", code, "--yes" if is_yes else "--no"]
        for each in asked:
            words += ["--set", f"{each.key}={answers[f'v-{each.key}']}"] if answers[f"v-{each.key}"] else []
        return [*words, *(["--comment", answers["comment"]] if answers["comment"] else [])]

    title = _("Answer {code}: yes") if is_yes else _("Answer {code}: no")
    questions = tuple(_question(each, is_needed=is_yes and each.is_required) for each in asked)
    return Form(
        title.format(code=code), (*questions, Field("comment", _("Comment"), option="--comment")), act, command, _told, verb=_("answer it"),
        right="handoff.edit",
    )  # fmt: skip


_KINDS = {"date": Kind.DAY, "number": Kind.NUMBER}


def _question(field: "FieldRow", *, is_needed: bool) -> Field:
    """What a form of the policy asks, as a field; nothing is chosen at first."""
    choices = ((_("nothing"), ""), *((each, each) for each in field.choices)) if field.choices else ()
    return Field(
        f"v-{field.key}", field.label, field.value or "", choices=choices, kind=_KINDS.get(field.kind, Kind.TEXT),
        is_needed=is_needed,
    )  # fmt: skip


def _told(row: Any) -> str:
    return _("{code} is answered: {status}.").format(code=row.code, status=row.status)
