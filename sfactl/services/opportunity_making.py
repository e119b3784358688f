"""New opportunities: of an account, in the first stage of the process, for whoever works the account."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from sfactl.core.codes import code_of
from sfactl.core.money import exact_minor
from sfactl.core.text import match_key
from sfactl.db.session import Session
from sfactl.errors import Conflict, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import naming
from sfactl.services.opportunity_editing import step_of

_sale = t.opportunity.c
LONGEST_NAME: Final = 200
"""Characters of a name."""


@dataclass(frozen=True)
class Wanted:
    """What a new opportunity is to be."""

    account: str
    name: str
    close_on: date
    amount: Decimal | None = None
    "In the currency; without one, a quote says later what it comes to."
    currency: str | None = None
    "The account's own when nothing is said."
    next_step: str | None = None


def new(session: Session, wanted: Wanted) -> str:
    """Make an opportunity, and return its code.

    It lies in its account's territory, and is credited to the account's owner; to whoever makes it, where nobody owns the
    account.

    Raises:
        NotFound: there is no such account, or it is not the person's to see.
        UsageFault: the name says nothing or too much, the day is over, or the amount is none.
        Conflict: the process has no stage that is open.
    """
    session.actor.require("opportunity.create")
    _require_fit(session, wanted)
    account = session.execute(
        select(t.account).where(t.account.c.id == naming.find_id(session, t.account, wanted.account))
    ).one()
    stage = _first_stage(session)
    key = session.sql.execute(
        insert(t.opportunity).values(_values(session, wanted, account, stage.id)).returning(_sale.id)
    ).scalar_one()
    session.sql.execute(
        insert(t.stage_change).values(
            opportunity_id=key, stage_id=stage.id, entered_at=session.now, user_id=session.actor.user_id
        )
    )
    code = _number(session, key)
    session.record(
        "create", "opportunity", code, territory_id=account.territory_id,
        after={"name": wanted.name.strip(), "account": account.code, "stage": stage.code, "close_on": wanted.close_on},
    )  # fmt: skip
    return code


def _require_fit(session: Session, wanted: Wanted) -> None:
    if not wanted.name.strip() or len(wanted.name) > LONGEST_NAME:
        raise UsageFault(
            _("The name of an opportunity has 1 to {most} characters.").format(most=LONGEST_NAME),
            _("Say in a few words what it is about."),
        )
    if wanted.close_on < session.today:
        raise UsageFault(
            _("{day} is over: it cannot be expected to close then.").format(day=wanted.close_on), _("Name a later day.")
        )


def _first_stage(session: Session) -> Any:
    stage = t.stage.c
    found = session.execute(
        select(stage.id, stage.code)
        .where(stage.active, stage.status == "open")
        .order_by(stage.process_id, stage.position)
        .limit(1)
    ).first()
    if found is None:
        raise Conflict(
            _("The process has no stage that is open."), _("`sfactl policy show` shows the process in force.")
        )
    return found


def _values(session: Session, wanted: Wanted, account: Any, stage_id: int) -> dict[str, Any]:
    currency = wanted.currency or account.currency
    name = wanted.name.strip()
    return {
        "code": f"new-{uuid4().hex}", "name": name, "name_key": match_key(name), "account_id": account.id,
        "account_name": account.name, "territory_id": account.territory_id, "owner_id": account.owner_id,
        "credited_territory_id": account.territory_id, "credited_id": account.owner_id or session.actor.user_id,
        "stage_id": stage_id, "status": "open", "currency": currency,
        "amount_minor": exact_minor(wanted.amount or Decimal(0), currency),
        "close_on": wanted.close_on, "opened_on": session.today, "next_step": step_of(wanted.next_step or ""),
        "created_at": session.now, "updated_at": session.now, "version": 1,
    }  # fmt: skip


def _number(session: Session, key: int) -> str:
    """The next of the plain series; a code that nobody counted, where that was brought in from elsewhere already.

    Whether it was cannot be looked up by somebody who does not see all opportunities; the database knows.
    """
    plain, other = f"OPP-{key:06d}", code_of("OPP", sha256(uuid4().bytes).digest())
    statement = update(t.opportunity).where(_sale.id == key)
    try:
        with session.sql.begin_nested():
            session.sql.execute(statement.values(code=plain))
    except IntegrityError:
        session.sql.execute(statement.values(code=other))
        return other
    return plain
