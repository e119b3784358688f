"""Win odds for a balance: what past opportunities say of who wins where, when they say anything."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from sfactl.core.balancing import WHOLE, Account, Need, Person, Position
from sfactl.core.balancing_measures import metres
from sfactl.core.win_odds import LEAST_OF_EACH, LEAST_SALES, Odds, Pair, Sale, estimate
from sfactl.db.session import Session
from sfactl.errors import Findings
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import balancing_accounts, distribution
from sfactl.services.balancing_request import Basis, position

_DAYS = 365.25


def added(session: Session, basis: Basis, effective: date) -> Basis:
    """The problem with the odds of each account and person who may have it.

    Raises:
        Findings: the data do not carry an estimate; why is said.
    """
    session.actor.require("opportunity.read")
    odds = estimate(_sales(session))
    if odds.model is None or odds.trial is None:
        raise Findings(_why_not(odds), _("Leave `odds` out of the goals."))
    hired = dict(session.execute(select(t.user.c.login, t.user.c.hired_on)).all())
    people = basis.problem.people
    accounts = tuple(
        replace(account, odds=_odds(odds, account, people, basis.held[account.key].segment, hired, effective))
        for account in basis.problem.accounts
    )
    return replace(basis, problem=replace(basis.problem, accounts=accounts), trial=odds.trial)


def _odds(
    odds: Odds, account: Account, people: Sequence[Person], segment: str | None, hired: Mapping[str, Any], day: date
) -> dict[str, int]:
    able = [person for person in people if account.territory in person.territories]
    pairs = [
        Pair(
            segment or "", match(person.skills, account.needs), _years(hired.get(person.key), day),
            _kilometres(person.position, account.position),
        )
        for person in able
    ]  # fmt: skip
    found = odds.model.odds(pairs) if odds.model and pairs else ()
    return {person.key: round(float(value) * WHOLE) for person, value in zip(able, found, strict=True)}


def _why_not(odds: Odds) -> str:
    if odds.trial is not None:
        return _(
            "Past opportunities do not tell who wins where: on {count} that it had not seen, the estimate was off by {brier} and the "
            "plain share of wins by {base} (Brier; log loss {loss} and {base_loss})."
        ).format(
            count=odds.trial.tried, brier=f"{odds.trial.brier:.4f}", base=f"{odds.trial.brier_of_base:.4f}",
            loss=f"{odds.trial.log_loss:.4f}", base_loss=f"{odds.trial.log_loss_of_base:.4f}",
        )  # fmt: skip
    if odds.reason == "same":
        return _("Past opportunities do not tell who wins where: all of the last ones were won, or all were lost.")
    return _(
        "There are too few closed opportunities to tell who wins where: {count} are needed, {each} of them won and as many lost."
    ).format(count=LEAST_SALES, each=LEAST_OF_EACH)


def _sales(session: Session) -> list[Sale]:
    """Closed opportunities in sight that have an account and a seller, by day and code."""
    sale, account, user = t.opportunity.c, t.account.c, t.user.c
    rows = session.execute(
        select(
            sale.account_id, sale.credited_id, sale.status, sale.closed_on, account.segment, account.latitude_e6,
            account.longitude_e6, user.hired_on, user.latitude_e6.label("from_e6"), user.longitude_e6.label("from_long_e6"),
        )
        .join(t.account, account.id == sale.account_id)
        .join(t.user, user.id == sale.credited_id)
        .where(sale.status.in_(("won", "lost")), sale.closed_on.is_not(None))
        .order_by(sale.closed_on, sale.code)
    ).all()  # fmt: skip
    needs = balancing_accounts.needs(session, sorted({row.account_id for row in rows}))
    skills = distribution.skills_of_people(session)
    return [
        Sale(
            Pair(
                row.segment or "", match(skills.get(row.credited_id, {}), needs.get(row.account_id, {})),
                _years(row.hired_on, row.closed_on),
                _kilometres(position(row.from_e6, row.from_long_e6), position(row.latitude_e6, row.longitude_e6)),
            ),
            row.status == "won", row.closed_on.toordinal(),
        )
        for row in rows
    ]  # fmt: skip


def match(skills: Mapping[str, int], needs: Mapping[str, Need]) -> float:
    """How much of what is needed somebody knows, required or not, by weight; all of it where nothing is needed."""
    whole = sum(need.weight for need in needs.values())
    if not whole:
        return 1.0
    return sum(need.weight * min(skills.get(name, 0) / need.level, 1.0) for name, need in needs.items()) / whole


def _years(hired_on: date | None, day: date) -> float | None:
    return None if hired_on is None else max((day - hired_on).days, 0) / _DAYS


def _kilometres(one: Position | None, other: Position | None) -> float | None:
    return None if one is None or other is None else metres(one, other) / 1000
