"""Calls, visits, meetings, e-mails and tasks."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, insert, or_, select, update

from sfactl.db.session import Session
from sfactl.errors import Conflict, NotFound, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming, territories

KINDS = ("call", "visit", "meeting", "email", "task")
LONGEST_SUBJECT = 200
"""Characters."""


@dataclass(frozen=True)
class ActivityRow:
    """An activity in a list."""

    kind: str
    subject: str
    account: str | None
    account_name: str | None
    opportunity: str | None
    owner: str | None
    planned_on: date | None
    done_on: date | None
    number: int
    "What names it: `sfactl activity done NUMBER`."


@dataclass(frozen=True)
class NewActivity:
    """What somebody did, or will do, for an account or an opportunity."""

    kind: str
    subject: str
    account: str | None = None
    opportunity: str | None = None
    planned_on: date | None = None
    "Planned for this day; None for one that is done."
    done_on: date | None = None
    "The day on which it was done; today when nothing is planned either."
    note: str | None = None


@dataclass(frozen=True)
class Filter:
    """Which activities are asked for; what is None does not narrow."""

    owner: str | None = None
    account: str | None = None
    territory: str | None = None
    is_open: bool = False
    limit: int = 0
    opportunity: str | None = None
    until: date | None = None
    "Planned for this day or before; those done are told by the day of doing."
    search: str | None = None


def find(session: Session, wanted: Filter) -> list[ActivityRow]:
    """Activities, latest first."""
    session.actor.require("activity.read")
    activity = t.activity.c
    statement = _select_rows()
    if wanted.owner is not None:
        statement = statement.where(activity.owner_id == naming.find_id(session, t.user, wanted.owner, code="login"))
    if wanted.account is not None:
        statement = statement.where(activity.account_id == naming.find_id(session, t.account, wanted.account))
    if wanted.territory is not None:
        statement = statement.where(activity.territory_id.in_(territories.subtree(session, wanted.territory)))
    if wanted.opportunity is not None:
        sale = naming.find_id(session, t.opportunity, wanted.opportunity)
        statement = statement.where(activity.opportunity_id == sale)
    if wanted.until is not None:
        statement = statement.where(func.coalesce(activity.done_on, activity.planned_on) <= wanted.until)
    if wanted.search:
        statement = statement.where(_says(wanted.search))
    if wanted.is_open:
        statement = statement.where(activity.done_on.is_(None))
    if wanted.limit:
        statement = statement.limit(wanted.limit)
    return [ActivityRow(*row) for row in session.execute(statement)]


def log(session: Session, new: NewActivity) -> ActivityRow:
    """Keep what this person did or plans to do.

    Raises:
        UsageFault: it has no subject, is of no known kind, is about nothing, or was done on a day still to come.
        NotFound: what it is about is not there, or not the person's to see.
    """
    session.actor.require("activity.create")
    subject = _subject(new)
    place = _place(session, new)
    done_on = new.done_on or (session.today if new.planned_on is None else None)
    _require_past(session, done_on)
    key = session.sql.execute(
        insert(t.activity)
        .values(
            **place, kind=new.kind, subject=subject, owner_id=session.actor.user_id, planned_on=new.planned_on,
            done_on=done_on, note=new.note or None, created_at=session.now, updated_at=session.now, version=1,
        )
        .returning(t.activity.c.id)
    ).scalar_one()  # fmt: skip
    row = one(session, key)
    session.record(
        "log", "activity", str(key), territory_id=place["territory_id"],
        after={"kind": row.kind, "account": row.account, "opportunity": row.opportunity, "done_on": done_on},
    )  # fmt: skip
    return row


def _require_past(session: Session, done_on: date | None) -> None:
    if done_on is not None and done_on > session.today:
        raise UsageFault(
            _("{day} is still to come: nothing was done on it.").format(day=done_on), _("Plan it for that day instead.")
        )


def done(session: Session, number: int, *, on: date | None = None, note: str | None = None) -> ActivityRow:
    """Say that a planned activity is done.

    Raises:
        NotFound: there is none of this number, or it is not the person's to see.
        Conflict: it is done already, or not the person's to change.
        UsageFault: the day is still to come.
    """
    session.actor.require("activity.edit")
    _require_past(session, on)
    activity, before = t.activity.c, one(session, number)
    if before.done_on is not None:
        raise Conflict(_("Activity {number} was done on {day}.").format(number=number, day=before.done_on.isoformat()))
    values: dict[str, Any] = {"done_on": on or session.today, "updated_at": session.now}
    if note:
        values["note"] = note
    changed = session.run(
        update(t.activity)
        .where(activity.id == number, activity.done_on.is_(None))
        .values(**values, version=activity.version + 1)
    )
    if not changed:
        raise Conflict(_("Activity {number} is not yours to change.").format(number=number))
    session.record("done", "activity", str(number), after={"done_on": values["done_on"]})
    return one(session, number)


def one(session: Session, number: int) -> ActivityRow:
    """An activity by its number.

    Raises:
        NotFound: there is none, or it is not the person's to see.
    """
    session.actor.require("activity.read")
    row = session.execute(_select_rows().where(t.activity.c.id == number)).first()
    if row is None:
        raise NotFound(
            _("There is no activity {number}.").format(number=number), _("`sfactl activity list` shows their numbers.")
        )
    return ActivityRow(*row)


def _subject(new: NewActivity) -> str:
    if new.kind not in KINDS:
        raise UsageFault(
            _("There is no kind of activity {name}.").format(name=new.kind),
            _("Kinds: {names}.").format(names=", ".join(KINDS)),
        )
    subject = new.subject.strip()
    if not subject:
        raise UsageFault(_("An activity needs a subject."), _("Say in a few words what it is about."))
    if len(subject) > LONGEST_SUBJECT:
        raise UsageFault(
            _("The subject is longer than {count} characters.").format(count=LONGEST_SUBJECT),
            _("Put the rest into the note."),
        )
    return subject


def _place(session: Session, new: NewActivity) -> dict[str, Any]:
    """Account, territory and opportunity: an opportunity brings its account along."""
    if (new.account is None) == (new.opportunity is None):
        raise UsageFault(_("Say whom it is about: an account or an opportunity, one of the two."))
    if new.opportunity is not None:
        sale, key = t.opportunity.c, naming.find_id(session, t.opportunity, new.opportunity)
        row = session.execute(select(sale.account_id, sale.account_name, sale.territory_id).where(sale.id == key)).one()
        return {**row._mapping, "opportunity_id": key}
    account, key = t.account.c, naming.find_id(session, t.account, new.account or "")
    found = session.execute(select(account.name, account.territory_id).where(account.id == key)).one()
    return {"account_id": key, "account_name": found.name, "territory_id": found.territory_id, "opportunity_id": None}


def _says(words: str) -> Any:
    key = naming.folded(words)
    columns = (t.activity.c.subject, t.activity.c.account_name)
    return or_(*(func.lower(column).contains(key, autoescape=True) for column in columns))


def of_accounts(session: Session, account_ids: list[int]) -> dict[int, list[ActivityRow]]:
    """The activities of each of the accounts, latest first."""
    statement = _select_rows().add_columns(t.activity.c.account_id).where(t.activity.c.account_id.in_(account_ids))
    found: dict[int, list[ActivityRow]] = {}
    for *row, account_id in session.execute(statement):
        found.setdefault(account_id, []).append(ActivityRow(*row))
    return found


def _select_rows() -> Select[Any]:
    activity = t.activity.c
    day = func.coalesce(activity.done_on, activity.planned_on)
    return (
        select(
            activity.kind, activity.subject, t.account.c.code, activity.account_name, t.opportunity.c.code,
            t.user.c.login, activity.planned_on, activity.done_on, activity.id,
        )
        .select_from(t.activity)
        .outerjoin(t.account, t.account.c.id == activity.account_id)
        .outerjoin(t.opportunity, t.opportunity.c.id == activity.opportunity_id)
        .outerjoin(t.user, t.user.c.id == activity.owner_id)
        .order_by(day.desc(), activity.id.desc())
    )  # fmt: skip
