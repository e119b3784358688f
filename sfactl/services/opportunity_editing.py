"""What people keep of an open opportunity by hand: the next step, and what they expect."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from sfactl.core.money import exact_minor
from sfactl.db.session import Session
from sfactl.errors import Conflict, UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import opportunity_needs

_sale = t.opportunity.c
LONGEST_STEP = 200
"""Characters of a next step."""


@dataclass(frozen=True)
class Edit:
    """What is to change; what is None stays."""

    next_step: str | None = None
    "Empty for none."
    close_on: date | None = None
    amount: Decimal | None = None
    "In the opportunity's currency."


def edit(session: Session, key: str, wanted: Edit, *, reason: str | None = None, seen: Edit | None = None) -> str:
    """Change an open opportunity, and return its code.

    Args:
        seen: what the person saw of what he changes; without it, whatever stands there is replaced.

    Raises:
        NotFound: there is none, or it is not the person's to see.
        UsageFault: nothing would change, or an amount is below zero or has too many decimals.
        Conflict: it is closed, or not the person's to change, or its amount is its primary quote's; or it is not as he saw it.
    """
    session.actor.require("opportunity.edit")
    sale = opportunity_needs.open_one(session, key)
    if seen is not None and any(value != getattr(sale, name) for name, value in _values(session, sale, seen).items()):
        raise Conflict(
            _("{opportunity} is not any more as it was when you looked: somebody changed it.").format(
                opportunity=sale.code
            ),
            _("Look at it again with sfactl opportunity show {opportunity}.").format(opportunity=sale.code),
        )
    values = {name: value for name, value in _values(session, sale, wanted).items() if value != getattr(sale, name)}
    if not values:
        raise UsageFault(
            _("Nothing of {opportunity} would change.").format(opportunity=sale.code),
            _("Say --next-step, --close-on or --amount."),
        )
    changed = session.run(
        update(t.opportunity)
        .where(_sale.id == sale.id, _sale.version == sale.version)
        .values(**values, updated_at=session.now, version=sale.version + 1)
    )
    if not changed:
        raise Conflict(
            _("{opportunity} is not yours to change, or somebody changed it just now.").format(opportunity=sale.code)
        )
    session.record(
        "edit", "opportunity", sale.code, territory_id=sale.credited_territory_id, reason=reason,
        before={name: getattr(sale, name) for name in values}, after=values,
    )  # fmt: skip
    return str(sale.code)


def _values(session: Session, sale: Any, wanted: Edit) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if wanted.next_step is not None:
        values["next_step"] = step_of(wanted.next_step)
    if wanted.close_on is not None:
        values["close_on"] = wanted.close_on
    if wanted.amount is not None:
        values["amount_minor"] = _amount(session, sale, wanted.amount)
    return values


def step_of(text: str) -> str | None:
    """A next step that was typed; None for nothing.

    Raises:
        UsageFault: it is too long.
    """
    text = text.strip()
    if len(text) > LONGEST_STEP:
        raise UsageFault(
            _("A next step has at most {count} characters.").format(count=LONGEST_STEP), _("Say it in fewer words.")
        )
    return text or None


def _amount(session: Session, sale: Any, amount: Decimal) -> int:
    primary = session.execute(select(t.quote.c.code).where(t.quote.c.primary_of_id == sale.id)).scalar()
    if primary is not None:
        raise Conflict(
            _("The amount of {opportunity} is that of its primary quote {quote}.").format(
                opportunity=sale.code, quote=primary
            ),
            _("Change the quote, or let another one be primary: sfactl quote primary"),
        )
    return exact_minor(amount, sale.currency)
