"""Lines of a plan that share an open opportunity between people.

A line is called after the opportunity, the person and the kind of share: `OPP-000012 ana revenue`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, select, update

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import plan_changes, run_changes
from sfactl.services.plan_entities import Batch, Entity, Staged
from sfactl.services.plan_names import Names

_split, _opportunity = t.opportunity_split.c, t.opportunity.c


def key_of(opportunity: str, login: str, kind: str = "revenue") -> str:
    """What a share is called in a plan."""
    return f"{opportunity} {login} {kind}"


def share_of(bp: int | None) -> dict[str, Any] | None:
    """A share of so many basis points, as a plan says it."""
    return None if bp is None else {"share": f"{Decimal(bp) / 10000:.4f}"}


def _bp(fields: Mapping[str, Any] | None) -> int | None:
    return None if fields is None else int(Decimal(fields["share"]) * 10000)


def stage(line: Line, names: Names) -> Staged:
    """The line as it is; its person is looked up at once."""
    names.person(line.key.split(" ")[-2])
    return Staged(line.key, said=line.text())


def conflicts(session: Session, batch: Batch) -> Iterator[Left]:
    """Shares that are no longer what the plan says."""
    for line in plan_changes.said_lines(session, batch, "split"):
        row = _find(session, line["key"], batch.names)
        if row is None:
            yield Left("split", line["key"], _("there is no such opportunity"))
        elif row.share_bp != _bp(line["before"]):
            yield Left("split", line["key"], _("is shared otherwise by now"))


def _find(session: Session, key: str, names: Names) -> Any:
    """Key of the opportunity, and the person's share in it if he has one."""
    opportunity, login, kind = key.rsplit(" ", 2)
    is_its = (
        (_split.opportunity_id == _opportunity.id) & (_split.user_id == names.person(login)) & (_split.kind == kind)
    )
    return session.execute(
        select(_opportunity.id.label("opportunity_id"), _opportunity.territory_id, _split.id.label("split_id"), _split.share_bp)
        .outerjoin(t.opportunity_split, is_its)
        .where(_opportunity.code == opportunity)
    ).first()  # fmt: skip


def write(session: Session, batch: Batch) -> int:
    """Write the shares: new ones, other ones, and none."""
    count = 0
    for line in plan_changes.said_lines(session, batch, "split"):
        row = _find(session, line["key"], batch.names)
        _write_one(session, batch, line["key"], row, _bp(line["after"]))
        count += 1
    return count


def _write_one(session: Session, batch: Batch, key: str, row: Any, share_bp: int | None) -> None:
    _opportunity_code, login, kind = key.rsplit(" ", 2)
    values = {"opportunity_id": row.opportunity_id, "user_id": batch.names.person(login), "kind": kind}
    before = None if row.share_bp is None else {**values, "share_bp": row.share_bp}
    after = None if share_bp is None else {**values, "share_bp": share_bp}
    row_id = row.split_id
    if after is None:
        session.sql.execute(delete(t.opportunity_split).where(_split.id == row_id))
    elif before is None:
        done = session.sql.execute(insert(t.opportunity_split).values(after).returning(_split.id))
        row_id = done.scalar_one()
    else:
        session.sql.execute(update(t.opportunity_split).where(_split.id == row_id).values(share_bp=share_bp))
    plan_changes.keep_row(session, batch, t.opportunity_split, row_id, before, after, row.territory_id)


def undo(session: Session, run_id: int, since: date | None, names: Names) -> Iterator[Line | Left]:
    """Shares as they were, unless they were changed since."""
    change = t.run_change.c
    rows = session.execute(
        select(change.before, change.after)
        .where(change.run_id == run_id, change.entity == t.opportunity_split.name)
        .order_by(change.id.desc())
    ).all()
    for before_text, after_text in rows:
        before, after = run_changes.read(before_text), run_changes.read(after_text)
        said = after or before
        code = session.execute(select(_opportunity.code).where(_opportunity.id == said.get("opportunity_id"))).scalar()
        key = key_of(code or "–", names.login(said.get("user_id")) or "–", str(said.get("kind")))
        row = _find(session, key, names) if code else None
        if row is None or row.share_bp != after.get("share_bp"):
            yield plan_changes.changed_since("split", key)
        else:
            yield Line("split", key, share_of(after.get("share_bp")), share_of(before.get("share_bp")), "undo", since)


ENTITY = Entity("split", "opportunity.reassign", stage, None, conflicts, write, undo)
