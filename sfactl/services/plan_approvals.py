"""Lines of a plan that ask somebody else for the agreement that another has not given yet, under keys like `Q-000045 discount-10`.

What somebody was asked is never turned into a question to another: his approval is void, and the other one is asked anew,
by mail too, about the quote as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, insert, select, update

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import agreement_letters, outbox, plan_changes, plan_lines
from sfactl.services.plan_entities import Batch, Entity
from sfactl.services.plan_names import Names

NAME = "approval"
_approval, _quote, _rule = t.approval.c, t.quote.c, t.approval_rule.c


@dataclass(frozen=True)
class Asked:
    """Somebody who is asked to agree to a quote as it is, and has not answered."""

    id: int
    quote_id: int
    rule_id: int
    territory_id: int
    asked_by_id: int
    digest: str
    due_at: datetime
    approver_id: int
    quote: str
    rule: str
    hours: int

    @property
    def key(self) -> str:
        """What plans call it."""
        return f"{self.quote} {self.rule}"


def pending(session: Session, *wanted: Any) -> list[Asked]:
    """Who is asked and has not answered, the first that was asked first."""
    rows = session.execute(
        select(
            _approval.id, _approval.quote_id, _approval.rule_id, _approval.territory_id, _approval.asked_by_id,
            _approval.digest, _approval.due_at, _approval.approver_id, _quote.code, _rule.code, _rule.hours,
        )
        .join(t.quote, _quote.id == _approval.quote_id)
        .join(t.approval_rule, _rule.id == _approval.rule_id)
        .where(_approval.status == "pending", ~outbox.is_settled(_approval.digest), *wanted)
        .order_by(_approval.id)
    )  # fmt: skip
    return [Asked(*row) for row in rows]


def line(asked: Asked, was: str | None, to: str | None, cause: str, since: date | None = None) -> Line:
    """A line that asks another one."""
    return Line(NAME, asked.key, {"approver": was}, {"approver": to}, cause, since)


def _of(session: Session, batch: Batch) -> Iterator[tuple[Line, Asked | None]]:
    """Each line with who is asked as it says."""
    lines = plan_lines.of(session, batch, NAME)
    found = {(each.key, each.approver_id): each for each in (pending(session) if lines else ())}
    for each in lines:
        yield each, found.get((each.key, batch.names.person((each.before or {}).get("approver")) or 0))


def _conflicts(session: Session, batch: Batch) -> Iterator[Left]:
    for each, asked in _of(session, batch):
        if asked is None:
            yield Left(NAME, each.key, _("he has answered, or is not asked any more"))


def _write(session: Session, batch: Batch) -> int:
    count = 0
    for each, asked in list(_of(session, batch)):
        to = batch.names.person((each.after or {}).get("approver"))
        if asked is None or to is None:
            continue
        is_open = and_(_approval.id == asked.id, _approval.status == "pending")
        plan_changes.require_all(session.run(update(t.approval).where(is_open).values(status="void")), 1)
        _ask(session, batch, asked, to)
        count += 1
    if count:
        outbox.withdraw(session)
    return count


def _ask(session: Session, batch: Batch, asked: Asked, to: int) -> None:
    due_at = max(asked.due_at, session.now + timedelta(hours=asked.hours))
    values = {
        "quote_id": asked.quote_id, "rule_id": asked.rule_id, "territory_id": asked.territory_id, "approver_id": to,
        "asked_by_id": asked.asked_by_id, "asked_at": session.now, "due_at": due_at, "status": "pending",
        "digest": asked.digest,
    }  # fmt: skip
    made = int(session.sql.execute(insert(t.approval).values(values).returning(_approval.id)).scalar_one())
    before, after = {"approver_id": asked.approver_id}, {"approver_id": to}
    plan_changes.keep_row(session, batch, t.approval, made, before, after, territory_id=asked.territory_id)
    agreement_letters.ask(session, asked.quote_id, made, to, due_at)


def _undo(session: Session, run_id: int, since: date | None, names: Names) -> Iterator[Line | Left]:
    kept = list(plan_lines.kept(session, run_id, t.approval))
    still = {each.id: each for each in (pending(session) if kept else ())}
    for row_id, before, after in kept:
        asked = still.get(row_id)
        if asked is None:
            key = f"{NAME} {row_id}"
            yield Left(NAME, key, _("he has answered, or is not asked any more"))
        elif before is not None and after is not None:
            yield line(asked, names.login(after["approver_id"]), names.login(before["approver_id"]), "undo", since)


ENTITY = Entity(NAME, "approval.edit", plan_lines.stage, None, _conflicts, _write, _undo)
