"""Lines of a plan that give accounts another owner or territory."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, func, literal, or_, select, update

from sfactl.core.plans import Left, Line
from sfactl.db.session import Session
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.models.types import Day
from sfactl.services import assignments, plan_changes, run_changes
from sfactl.services.plan_entities import MOST_CONFLICTS, Batch, Entity, Staged
from sfactl.services.plan_names import Names

_stage, _account, _holds = t.plan_stage.c, t.account.c, t.assignment.c


def stage(line: Line, names: Names) -> Staged:
    """A line with its people and territories as keys; `said` is the rule that placed the account.

    An account that stays in its territory has no `to_place`: so no index of territories is written for it.
    """
    before, after = line.before or {}, line.after or {}
    was, to = before.get("territory"), after.get("territory")
    return Staged(
        line.key, names.person(before.get("owner")), names.person(after.get("owner")),
        names.place(was), None if to == was else names.place(to), after.get("rule"),
    )  # fmt: skip


def conflicts(session: Session, batch: Batch) -> Iterator[Left]:
    """Accounts that are gone, were moved meanwhile, or changed hands after the day from which the change is to hold."""
    since = _since(batch)
    rows = session.execute(
        select(_stage.key, _account.id, _account.owner_id, _account.territory_id, _stage.was_person, _stage.was_place, _holds.valid_from)
        .select_from(t.plan_stage)
        .outerjoin(t.account, _account.id == _stage.row_id)
        .outerjoin(t.assignment, and_(_holds.account_id == _account.id, assignments.is_open()))
        .where(batch.of("account"))
        .where(or_(_account.id.is_(None), ~_is_as_it_was(), _holds.id.is_(None), _holds.valid_from > since, _is_excluded()))
        .order_by(_stage.n)
        .limit(MOST_CONFLICTS)
    )  # fmt: skip
    for key, account_id, owner, place, was_owner, was_place, began in rows:
        moved = owner != was_owner or (was_place is not None and place != was_place)
        reason = _why(batch.names, account_id is not None, moved, owner, place)
        if reason is None and began is not None and began > batch.effective:
            reason = _("changed hands on {day}, after the day from which this is to hold").format(day=began)
        yield Left("account", key, reason or _("changed hands since, or is excluded from the rules by now"))


def _is_excluded() -> ColumnElement[bool]:
    """A line of the rules about an account that was taken out of their reach since."""
    excluded = t.rule_exclusion.c
    is_its = and_(
        excluded.account_id == _account.id,
        or_(excluded.territory_id.is_(None), excluded.territory_id == func.coalesce(_stage.to_place, _stage.was_place)),
    )
    return and_(_stage.cause == "rule", select(excluded.id).where(is_its).exists())


def _why(names: Names, is_there: bool, moved: bool, owner: int | None, place: int | None) -> str | None:
    if not is_there:
        return _("there is no such account")
    if moved:
        return _("is now owned by {owner}, in {territory}").format(
            owner=names.login(owner) or _("nobody"), territory=names.code(place) or "–"
        )
    return None


def _since(batch: Batch) -> ColumnElement[Any]:
    return cast(func.coalesce(_stage.since, literal(batch.effective, Day())), Day())


def _is_as_it_was() -> ColumnElement[bool]:
    return and_(
        _account.owner_id.is_not_distinct_from(_stage.was_person),
        or_(_stage.was_place.is_(None), _account.territory_id == _stage.was_place),
    )


def write(session: Session, batch: Batch) -> int:
    """Give the accounts their new owners and territories, with their history and all that hangs on them."""
    return sum(_write_part(session, batch, part) for part in batch.parts("account"))


def _write_part(session: Session, batch: Batch, part: ColumnElement[bool]) -> int:
    place = func.coalesce(_stage.to_place, _account.territory_id)
    kept = run_changes.keep(
        session, literal(batch.run_id), t.account,
        {"owner_id": _stage.to_person, "territory_id": place},
        t.plan_stage, and_(part, _account.id == _stage.row_id),
        extra=({"cause": _open_of("cause"), "rule": _open_of("rule")}, {"cause": _stage.cause, "rule": _stage.said}),
    )  # fmt: skip
    if not kept:
        return 0
    values = {"owner_id": _stage.to_person, "updated_at": session.now, "version": _account.version + 1}
    due = update(t.account).where(part, _account.id == _stage.row_id, _is_as_it_was())
    done = session.run(due.where(_stage.to_place.is_(None)).values(values))
    done += session.run(due.where(_stage.to_place.is_not(None)).values({**values, "territory_id": _stage.to_place}))
    plan_changes.require_all(done, kept)
    moved = select(
        _stage.row_id.label("account_id"), _since(batch).label("since"), _stage.cause.label("cause"),
        _stage.said.label("rule"),
    ).where(part)  # fmt: skip
    assignments.follow(session, moved, dating=assignments.Dating.EXACT, run_id=batch.run_id, count=done)
    return done


def _open_of(column: str) -> ColumnElement[Any]:
    """A column of the account's open owner row."""
    is_its = and_(_holds.account_id == _account.id, assignments.is_open())
    return select(_holds[column]).where(is_its).correlate(t.account).scalar_subquery()


def undo(session: Session, run_id: int, since: date | None, names: Names) -> Iterator[Line | Left]:
    """Accounts back to where a run took them from, unless somebody moved them since."""
    change = t.run_change.c
    rows = session.execute(
        select(_account.code, _account.owner_id, _account.territory_id, change.before, change.after)
        .select_from(t.run_change)
        .outerjoin(t.account, _account.id == change.row_id)
        .where(change.run_id == run_id, change.entity == "account")
        .order_by(change.id)
        .execution_options(yield_per=5000)
    )
    for code, owner, place, before_text, after_text in rows:
        before, after = run_changes.read(before_text), run_changes.read(after_text)
        if code is None or (owner, place) != (after.get("owner_id"), after.get("territory_id")):
            yield Left("account", code or "–", _("was moved again since"))
            continue
        yield Line(
            "account", code, _named(after, names), _named(before, names) | _rule(before),
            before.get("cause") or "manual", since,
        )  # fmt: skip


def _named(values: Any, names: Names) -> dict[str, Any]:
    return {"owner": names.login(values.get("owner_id")), "territory": names.code(values.get("territory_id"))}


def _rule(values: Any) -> dict[str, Any]:
    return {"rule": values["rule"]} if values.get("rule") else {}


ENTITY = Entity(
    "account", "account.reassign", stage, "SELECT id FROM account WHERE code = {key}", conflicts, write, undo
)
