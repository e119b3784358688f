"""An opportunity enters a stage: what the process asks for first, and what it does by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, insert, select, update

from sfactl.config.policy import GateEntry
from sfactl.db.session import Session
from sfactl.errors import Conflict, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import configuring, opportunity_needs, process_policy, quote_making
from sfactl.services.configuring import Configuration
from sfactl.services.opportunity_needs import Wanted
from sfactl.services.quote_making import WantedLine

_sale, _stage = t.opportunity.c, t.stage.c
_QUOTES = {
    "draft": ("draft", "submitted", "approved", "rejected", "recalled", "stale", "sent", "accepted"),
    "approved": ("approved", "sent", "accepted"),
    "accepted": ("accepted",),
}
"""In which states a primary quote has come so far."""


@dataclass(frozen=True)
class Missing:
    """Something that an opportunity does not have yet."""

    gate: str
    "field, activity or quote."
    what: str
    remedy: str
    name: str
    "Which field or kind of activity, or how far a quote must be."
    count: int = 1
    "How many are missing."


@dataclass(frozen=True)
class Done:
    """Something that a stage did by itself."""

    step: str
    "configure or quote."
    what: str
    detail: str


@dataclass(frozen=True)
class Entered:
    """What entering a stage came to, or would come to."""

    opportunity: str
    before: str
    stage: str
    entered: bool
    guidance: str | None
    missing: tuple[Missing, ...]
    done: tuple[Done, ...]
    status: str = "open"
    "What the opportunity is then: open, won or lost."


def enter(
    session: Session,
    key: str,
    stage: str,
    *,
    reason: str | None = None,
    is_trial: bool = False,
    with_steps: bool = True,
    seen: str | None = None,
) -> Entered:
    """Let an opportunity enter a stage of its process, and do what the process says of it.

    Args:
        is_trial: only look at what is missing.
        with_steps: do what the stage does by itself.
        seen: code of the stage in which whoever asks saw it.

    Raises:
        Conflict: it is closed, or there already, or not where it was seen, or something is missing; what exactly is said.
        UsageFault: its process has no such stage.
        Findings: no configuration meets what is needed.
    """
    session.actor.require("opportunity.edit")
    sale = opportunity_needs.open_one(session, key)
    now, then = _stages(session, sale.stage_id, stage)
    if seen is not None and now.code != seen:
        raise Conflict(
            _("{opportunity} is in {stage} now, no more in {seen}.").format(
                opportunity=sale.code, stage=now.code, seen=seen
            ),
            _("Look at it again, then decide."),
        )
    terms = process_policy.current(session).of(then.process, then.code)
    missing = tuple(_missing(session, sale, terms.requires))
    if is_trial:
        return Entered(sale.code, now.code, then.code, False, then.guidance, missing, (), then.status)
    if now.id == then.id:
        raise Conflict(_("{opportunity} is in {stage} already.").format(opportunity=sale.code, stage=then.code))
    if missing:
        raise _refused(sale.code, then.name, missing)
    _go(session, sale, then)
    done = tuple(_steps(session, sale, terms.automatic)) if with_steps else ()
    session.record(
        "stage", "opportunity", sale.code, territory_id=sale.credited_territory_id, reason=reason,
        before={"stage": now.code}, after={"stage": then.code, "done": [f"{each.step}: {each.what}" for each in done]},
    )  # fmt: skip
    return Entered(sale.code, now.code, then.code, True, then.guidance, (), done, then.status)


def passed_over(session: Session, key: str, stage: str) -> tuple[Entered, ...]:
    """The stages between where an opportunity is and where it shall go that ask for something it does not have.

    Nothing of that is asked for by whoever goes further at once; he should know it. Errors as of `enter`.
    """
    session.actor.require("opportunity.edit")
    sale = opportunity_needs.open_one(session, key)
    rows = _process_of(session, sale.stage_id)
    now, then = _stages(session, sale.stage_id, stage)
    between = [
        row for row in rows if row.active and row.status == "open" and now.position < row.position < then.position
    ]
    trials = (enter(session, key, row.code, is_trial=True) for row in between if then.status != "lost")
    return tuple(trial for trial in trials if trial.missing)


def _process_of(session: Session, stage_id: int) -> list[Any]:
    """All stages of the process that has this stage, in order."""
    rows = session.execute(
        select(
            _stage.id, _stage.process_id, _stage.code, _stage.name, _stage.status, _stage.guidance, _stage.active,
            _stage.position, t.process.c.code.label("process"),
        )
        .join(t.process, t.process.c.id == _stage.process_id)
        .order_by(_stage.position)
    ).all()  # fmt: skip
    process = next(row.process_id for row in rows if row.id == stage_id)
    return [row for row in rows if row.process_id == process]


def _stages(session: Session, stage_id: int, wanted: str) -> tuple[Any, Any]:
    """The stage that an opportunity is in, and the one of the same process that is meant."""
    rows = _process_of(session, stage_id)
    now = next(row for row in rows if row.id == stage_id)
    own = [row for row in rows if row.active]
    for row in own:
        if wanted.casefold() in (row.code.casefold(), row.name.casefold()):
            return now, row
    raise UsageFault(
        _("There is no stage {name}.").format(name=wanted),
        _("Stages: {names}.").format(names=", ".join(row.code for row in own)),
    )


def _refused(code: str, stage: str, missing: Sequence[Missing]) -> Conflict:
    told = "\n".join(f"- {each.what} {each.remedy}" for each in missing)
    return Conflict(
        _("{opportunity} cannot enter {stage} yet:\n{missing}").format(opportunity=code, stage=stage, missing=told)
    )


def _missing(session: Session, sale: Any, gate: GateEntry) -> Iterator[Missing]:
    for field in gate.fields:
        if not _has(session, sale, field):
            yield Missing("field", *_lacks(field), field)
    for kind, count in gate.activities.items():
        done = _done_activities(session, sale.id, kind)
        if done < count:
            yield Missing(
                "activity",
                _("{done} of {count} are done: {kind}.").format(done=done, count=count, kind=kind),
                _("Keep it once it is done: sfactl activity log {kind}").format(kind=kind),
                kind,
                count - done,
            )
    if gate.quote is not None and not _has_quote(session, sale.id, gate.quote):
        yield Missing(
            "quote",
            _("There is no primary quote that is at least: {state}.").format(state=gate.quote),
            _("`sfactl quote list` shows how far its quotes are."),
            gate.quote,
        )


def _has(session: Session, sale: Any, field: str) -> bool:
    if field == "amount":
        return bool(sale.amount_minor > 0)
    if field == "needs":
        return bool(opportunity_needs.of(session, sale.id))
    if field == "contact":
        contact = t.contact.c
        return session.execute(select(contact.id).where(contact.account_id == sale.account_id)).first() is not None
    return bool(getattr(sale, field))


def _lacks(field: str) -> tuple[str, str]:
    import_it = _("Bring it in with `sfactl import opportunity FILE`.")
    return {
        "amount": (
            _("It has no amount."),
            _("A primary quote gives it one; or say it: sfactl opportunity edit --amount"),
        ),
        "next_step": (_("It has no next step."), _("Say it: sfactl opportunity edit --next-step")),
        "product_family": (_("It has no product family."), import_it),
        "contact": (_("Its account has no contact."), _("Bring one in with `sfactl import contact FILE`.")),
        "needs": (_("Nobody said what the customer needs."), _("Say it: sfactl opportunity need")),
    }[field]


def _done_activities(session: Session, opportunity_id: int, kind: str) -> int:
    activity = t.activity.c
    counted = select(func.count()).where(
        activity.opportunity_id == opportunity_id, activity.kind == kind, activity.done_on.is_not(None)
    )
    return int(session.execute(counted).scalar_one())


def _has_quote(session: Session, opportunity_id: int, state: str) -> bool:
    quote = t.quote.c
    found = select(quote.id).where(quote.primary_of_id == opportunity_id, quote.status.in_(_QUOTES[state]))
    return session.execute(found).first() is not None


def _go(session: Session, sale: Any, then: Any) -> None:
    """Put an opportunity into a stage; one that ends a sale closes it today."""
    values = {"stage_id": then.id, "status": then.status, "updated_at": session.now, "version": sale.version + 1}
    if then.status != "open":
        values["closed_on"] = session.today
    changed = session.run(
        update(t.opportunity).where(_sale.id == sale.id, _sale.version == sale.version).values(values)
    )  # fmt: skip
    if not changed:
        raise Conflict(
            _("{opportunity} is not yours to change, or somebody changed it just now.").format(opportunity=sale.code)
        )
    session.sql.execute(
        insert(t.stage_change).values(
            opportunity_id=sale.id, stage_id=then.id, entered_at=session.now, user_id=session.actor.user_id
        )
    )


def _steps(session: Session, sale: Any, automatic: Sequence[str]) -> Iterator[Done]:
    """What a stage does by itself; without needs there is nothing to do."""
    if not automatic:
        return
    made = [
        (each, configuring.configure(session, each.bundle, each.wishes))
        for each in opportunity_needs.wanted(session, sale.id)
    ]
    if "configure" in automatic:
        yield from (Done("configure", each.bundle, _told(found)) for each, found in made)
    if "quote" in automatic and made:
        yield _quoted(session, sale, made)


def _quoted(session: Session, sale: Any, made: Sequence[tuple[Wanted, Configuration]]) -> Done:
    """A draft quote of what was configured; where there is a primary one that is not over, that one stays as it is."""
    quote = t.quote.c
    there = session.execute(
        select(quote.code).where(quote.primary_of_id == sale.id, quote.status.in_(_QUOTES["draft"]))
    ).scalar()
    if there is not None:
        return Done("quote", there, _("It was there, and was left as it is."))
    lines: list[WantedLine] = []
    for each, found in made:
        own = quote_making.bundle_lines(found, after=len(lines))
        lines += [replace(line, quantity_milli=line.quantity_milli * each.quantity // 1000) for line in own]
    code = quote_making.new(session, quote_making.Wanted(sale.code, lines, is_primary=True))
    return Done("quote", code, _("A draft of {count} lines.").format(count=len(lines)))


def _told(found: Configuration) -> str:
    from sfactl.core.configuration import shown

    parts = ", ".join(f"{shown(each.quantity)} {each.product}" for each in found.choices)
    return f"{found.list_price} {found.currency}: {parts}"
