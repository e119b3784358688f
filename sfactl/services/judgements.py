"""What owners and managers say the pipeline will bring, beside what the data say."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, insert, or_, select

from sfactl.core.forecast import Word
from sfactl.core.money import Money, exact_minor
from sfactl.core.periods import Period
from sfactl.core.roles import Scope
from sfactl.db.session import Session
from sfactl.errors import Conflict, NotAllowed, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming, pipeline, pipeline_history, territories, workspaces

CATEGORIES = ("commit", "best_case", "pipeline", "omitted")
"""Where somebody may say that an opportunity belongs."""


@dataclass(frozen=True)
class JudgementRow:
    """What somebody said of an opportunity, or of a period of a person or territory."""

    opportunity: str | None
    territory: str | None
    seller: str | None
    starts_on: date | None
    ends_on: date | None
    level: str
    "owner, who is credited; or manager."
    category: str | None
    amount: Money | None
    close_on: date | None
    note: str | None
    by: str
    made_at: datetime
    currency: str


@dataclass(frozen=True)
class NewJudgement:
    """What is said; of an opportunity, or of a period of one seller or territory."""

    opportunity: str | None = None
    territory: str | None = None
    seller: str | None = None
    period: Period | None = None
    category: str | None = None
    amount: Decimal | None = None
    close_on: date | None = None
    note: str | None = None


@dataclass(frozen=True)
class Filter:
    """Which judgements are asked for; what is None does not narrow."""

    opportunity: str | None = None
    territory: str | None = None
    seller: str | None = None
    limit: int = 0


def put(session: Session, new: NewJudgement) -> JudgementRow:
    """Say what something will bring; the data stay as they are, and what was said before is kept.

    Raises:
        UsageFault: it is about nothing, or says nothing.
        NotFound: what it is about does not exist, or is not the person's to see.
        NotAllowed: it is about somebody else, and the person manages no territory that holds it.
        Conflict: the opportunity is closed.
    """
    session.actor.require("judgement.create")
    about = _of_opportunity(session, new) if new.opportunity is not None else _of_period(session, new)
    if about["user_id"] != session.actor.user_id:
        _require_manager(session, about["territory_id"])
    said: dict[str, Any] = {"category": new.category, "close_on": new.close_on, "note": new.note, "amount_minor": None}
    if new.amount is not None:
        said["amount_minor"] = exact_minor(new.amount, about["currency"])
    values = {**about, **said, "author_id": session.actor.user_id, "made_at": session.now}
    session.sql.execute(insert(t.judgement).values(values))
    session.record(
        "judge", "opportunity" if new.opportunity else "territory" if new.territory else "user",
        new.opportunity or new.territory or new.seller, territory_id=about["territory_id"], reason=new.note,
        after={key: value for key, value in {**about, **said}.items() if value is not None and key != "note"},
    )  # fmt: skip
    return next(find(session, Filter(new.opportunity, new.territory, new.seller, limit=1)))


def _of_opportunity(session: Session, new: NewJudgement) -> dict[str, Any]:
    if new.territory is not None or new.seller is not None or new.period is not None:
        raise UsageFault(_("A judgement is of an opportunity or of a period, not of both."))
    if new.category is None and new.amount is None and new.close_on is None:
        raise UsageFault(_("This says nothing."), _("Say --category, --amount or --close-on."))
    if new.category is not None and new.category not in CATEGORIES:
        raise UsageFault(
            _("There is no category {name}.").format(name=new.category),
            _("Categories: {names}.").format(names=", ".join(CATEGORIES)),
        )
    key, sale = naming.find_id(session, t.opportunity, new.opportunity or ""), t.opportunity.c
    row = session.execute(
        select(sale.status, sale.currency, sale.credited_id, sale.credited_territory_id).where(sale.id == key)
    ).one()
    if row.status != "open":
        raise Conflict(_("{opportunity} is closed.").format(opportunity=new.opportunity))
    return {
        "opportunity_id": key, "territory_id": row.credited_territory_id, "user_id": row.credited_id,
        "currency": row.currency, "starts_on": None, "ends_on": None,
    }  # fmt: skip


def _of_period(session: Session, new: NewJudgement) -> dict[str, Any]:
    if (new.territory is None) == (new.seller is None):
        raise UsageFault(
            _("A judgement is of one opportunity, territory or seller."),
            _("Name an opportunity, or one of --territory and --seller."),
        )
    if new.period is None or new.amount is None:
        raise UsageFault(_("A judgement of a period says which, and how much."), _("Say --period and --amount."))
    if new.category is not None or new.close_on is not None:
        raise UsageFault(_("Only an opportunity has a category and a close date."))
    user_id = naming.find_id_or_none(session, t.user, new.seller, code="login")
    place = naming.find_id_or_none(session, t.territory, new.territory) or _place_of(session, user_id)
    return {
        "opportunity_id": None, "territory_id": place, "user_id": user_id,
        "currency": workspaces.current(session).currency, "starts_on": new.period.start, "ends_on": new.period.end,
    }  # fmt: skip


def _place_of(session: Session, user_id: int | None) -> int:
    """Where a person works; the territory of what has none, where that is nowhere in sight."""
    member = t.territory_member.c
    found = session.execute(
        select(member.territory_id)
        .where(member.user_id == user_id, member.valid_from <= session.today)
        .where(or_(member.valid_to.is_(None), member.valid_to > session.today))
        .order_by(member.valid_from.desc(), member.id)
        .limit(1)
    ).scalar()
    return int(found or territories.unassigned_id(session))


def _require_manager(session: Session, territory_id: int) -> None:
    """Refuse who may say something of his own sales only, or whose territories do not hold the place.

    Raises:
        NotAllowed: it is not his to judge.
    """
    scope = session.actor.scope("judgement.create")
    near = session.actor.territories if scope is Scope.TERRITORY else session.actor.subtree
    if scope is Scope.OWN or (scope is not Scope.ALL and territory_id not in near):
        raise NotAllowed(
            _("You may judge your own sales and, as a manager, those of your territories."),
            _("Ask who manages the territory."),
        )


def find(session: Session, wanted: Filter) -> Iterator[JudgementRow]:
    """What was said, the latest first; of each thing, the newest of an author counts.

    Raises:
        NotFound: what is asked for does not exist, or is not the person's to see.
    """
    session.actor.require("judgement.read")
    said, author = t.judgement.c, t.user.alias("author").c
    rows = session.execute(
        select(
            t.opportunity.c.code, t.territory.c.code, t.user.c.login, said.starts_on, said.ends_on, level(),
            said.category, said.amount_minor, said.close_on, said.note, author.login, said.made_at, said.currency,
        )
        .select_from(t.judgement)
        .join(author.id.table, author.id == said.author_id)
        .outerjoin(t.user, t.user.c.id == said.user_id)
        .outerjoin(t.opportunity, t.opportunity.c.id == said.opportunity_id)
        .outerjoin(t.territory, t.territory.c.id == said.territory_id)
        .where(*_narrowed(session, wanted))
        .order_by(said.id.desc())
        .limit(wanted.limit or None)
    )  # fmt: skip
    for *words, amount, close_on, note, by, made_at, unit in rows:
        money = None if amount is None else Money(amount, unit)
        yield JudgementRow(*[*words, money, close_on, note, by, made_at, unit])


def of_opportunity(session: Session, code: str) -> list[JudgementRow]:
    """What was said of one opportunity, the latest first; nothing for somebody who may not read what is said."""
    return list(find(session, Filter(opportunity=code))) if session.actor.may("judgement.read") else []


def level() -> ColumnElement[str]:
    """Whether an owner or a manager said it."""
    said = t.judgement.c
    return case((said.author_id == said.user_id, "owner"), else_="manager")


@dataclass(frozen=True)
class JudgedSale:
    """An open opportunity of which somebody said something: what the data say, its owner, and a manager."""

    credited_id: int | None
    credited_territory_id: int
    currency: str
    data: Word
    owner: Word | None
    manager: Word | None


def of_open_opportunities(session: Session, wanted: pipeline.Filter) -> Iterator[JudgedSale]:
    """Open opportunities of a filter that were judged, now or as of its day, each with the newest words.

    An owner's word is that of who is credited then; what an owner before him said counts no more.
    """
    if not session.actor.may("judgement.read"):
        return
    state, said = pipeline_history.states(session, wanted.as_of), t.judgement.c
    c = state.c
    category = func.coalesce(t.stage.c.category, "pipeline")
    statement = (
        select(
            c.opportunity_id, c.credited_id, c.credited_territory_id, c.currency, category, c.amount_minor, c.close_on,
            said.author_id, said.user_id, said.category, said.amount_minor, said.close_on, said.currency,
        )
        .join_from(state, t.judgement, said.opportunity_id == c.opportunity_id)
        .outerjoin(t.stage, t.stage.c.id == c.stage_id)
        .where(c.status == "open", *pipeline.narrowed(session, wanted, c), *_by_then(session, wanted.as_of))
        .order_by(c.opportunity_id, said.id)
    )  # fmt: skip
    for _key, rows in groupby(session.execute(statement), key=lambda row: row[0]):
        yield _judged(list(rows))


def _judged(rows: list[Any]) -> JudgedSale:
    """One opportunity with its newest words; an amount in another currency than its own says nothing."""
    _key, credited_id, place, unit, *data = rows[0][:7]
    words: dict[str, Word] = {}
    for row in rows:
        author, user, category, minor, close_on, said_in = row[7:]
        if author == credited_id or author != user:
            word = Word(category, minor if said_in == unit else None, close_on)
            words["owner" if author == credited_id else "manager"] = word
    return JudgedSale(credited_id, place, unit, Word(*data), words.get("owner"), words.get("manager"))


@dataclass(frozen=True)
class Said:
    """What was said of a period: the newest word of the seller, and of a manager."""

    owner: Money | None = None
    manager: Money | None = None


def of_period(session: Session, period: Period, as_of: date | None) -> dict[tuple[str | None, str | None, str], Said]:
    """What was said of a period until the end of a day, by territory or seller, and currency."""
    if not session.actor.may("judgement.read"):
        return {}
    said = t.judgement.c
    rows = session.execute(
        select(t.territory.c.code, t.user.c.login, said.currency, level(), said.amount_minor)
        .select_from(t.judgement)
        .outerjoin(t.user, t.user.c.id == said.user_id)
        .outerjoin(t.territory, t.territory.c.id == said.territory_id)
        .where(said.starts_on == period.start, said.ends_on == period.end, *_by_then(session, as_of))
        .order_by(said.id)
    )
    found: dict[tuple[str | None, str | None, str], Said] = {}
    for place, login, unit, who, minor in rows:
        key = (None if login else place, login, unit)
        found[key] = replace(found.get(key, Said()), **{who: Money(minor, unit)})
    return found


def _by_then(session: Session, as_of: date | None) -> list[ColumnElement[bool]]:
    """What was said until the end of a day."""
    if as_of is None or as_of >= session.today:
        return []
    return [t.judgement.c.made_at < pipeline_history.end_of(as_of)]


def _narrowed(session: Session, wanted: Filter) -> list[ColumnElement[bool]]:
    said, here = t.judgement.c, []
    if wanted.opportunity is not None:
        here.append(said.opportunity_id == naming.find_id(session, t.opportunity, wanted.opportunity))
    if wanted.territory is not None:
        here.append(said.territory_id.in_(territories.subtree(session, wanted.territory)))
    if wanted.seller is not None:
        here.append(said.user_id == naming.find_id(session, t.user, wanted.seller, code="login"))
    return [and_(*here)] if here else []
