"""What the customer of an opportunity needs of which bundle: kept, so that a stage can configure it by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from sfactl.core.configuration import shown
from sfactl.db.session import Session
from sfactl.errors import Conflict
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import catalogue, configuring, naming
from sfactl.services.configuring import Wishes

_need = t.opportunity_need.c


@dataclass(frozen=True)
class NeedRow:
    """One thing that is needed of a bundle."""

    bundle: str
    kind: str
    "bundle: so many of it; need: so much of an attribute; with and without: an option."
    name: str
    amount: int | None
    "Thousandths."


@dataclass(frozen=True)
class Wanted:
    """A bundle, how many of it, and what each must have."""

    bundle: str
    quantity: int
    "Thousandths."
    wishes: Wishes


def put(session: Session, opportunity: str, bundle: str, quantity: int, wishes: Wishes) -> list[NeedRow]:
    """Say what is needed of a bundle, in place of what was said of it before; a quantity of zero takes it away.

    Raises:
        UsageFault: the bundle has no such attribute or option.
        Conflict: the opportunity is closed.
    """
    session.actor.require("opportunity.edit")
    sale = open_one(session, opportunity)
    key = catalogue.bundle_id(session, bundle)
    request = configuring.request_of(catalogue.read(session, key), wishes)
    before = of(session, sale.id)
    session.sql.execute(delete(t.opportunity_need).where(_need.opportunity_id == sale.id, _need.bundle_id == key))
    if quantity:
        rows: list[tuple[str, str, int | None]] = [("bundle", "", quantity)]
        rows += [("need", name, amount) for name, amount in request.needs.items()]
        rows += [("with", product, amount) for product, amount in request.including.items()]
        rows += [("without", product, None) for product in request.excluding]
        session.sql.execute(insert(t.opportunity_need), [
            {"opportunity_id": sale.id, "bundle_id": key, "kind": kind, "name": name, "amount_milli": amount}
            for kind, name, amount in rows
        ])  # fmt: skip
    after = of(session, sale.id)
    session.record(
        "need", "opportunity", sale.code, territory_id=sale.credited_territory_id,
        before={"needs": _told(before)}, after={"needs": _told(after)},
    )  # fmt: skip
    return after


def _told(rows: list[NeedRow]) -> list[str]:
    return [
        f"{row.bundle} {row.kind} {row.name}{'' if row.amount is None else f' {shown(row.amount)}'}" for row in rows
    ]


def open_one(session: Session, key: str) -> Any:
    """The row of an opportunity that is still open.

    Raises:
        NotFound: there is none, or it is not the person's to see.
        Conflict: it is won or lost.
    """
    found = naming.find_id(session, t.opportunity, key)
    sale = session.execute(select(t.opportunity).where(t.opportunity.c.id == found)).one()
    if sale.status != "open":
        raise Conflict(
            _("{opportunity} is closed: {status}.").format(opportunity=sale.code, status=sale.status),
            _("Only open opportunities go on."),
        )
    return sale


def of_code(session: Session, code: str) -> list[NeedRow]:
    """What is needed for the opportunity of a code."""
    return of(session, session.execute(select(t.opportunity.c.id).where(t.opportunity.c.code == code)).scalar_one())


def of(session: Session, opportunity_id: int) -> list[NeedRow]:
    """What is needed, bundle by bundle."""
    rows = session.execute(
        select(t.product.c.code, _need.kind, _need.name, _need.amount_milli)
        .join(t.product, t.product.c.id == _need.bundle_id)
        .where(_need.opportunity_id == opportunity_id)
        .order_by(t.product.c.code, _need.id)
    )
    return [NeedRow(*row) for row in rows]


def wanted(session: Session, opportunity_id: int) -> Iterator[Wanted]:
    """The bundles that are needed, ready to be configured."""
    rows = of(session, opportunity_id)
    for bundle in dict.fromkeys(row.bundle for row in rows):
        own = [row for row in rows if row.bundle == bundle]
        wishes = Wishes(
            {row.name: row.amount or 0 for row in own if row.kind == "need"},
            {row.name: row.amount for row in own if row.kind == "with"},
            tuple(row.name for row in own if row.kind == "without"),
        )
        quantity = next((row.amount for row in own if row.kind == "bundle"), None)
        yield Wanted(bundle, quantity or 1000, wishes)
