"""What the policy in force says of prices: the order of the steps, price books, rules, and sentences on offers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, delete, insert, select

from sfactl.config.pricing import BlocksEntry, PricingFile, ScheduleEntry, TierEntry, ValueEntry
from sfactl.core.price_rules import ORDERED, Method, Step, Tier, inversions
from sfactl.core.quote_terms import require_readable
from sfactl.db.session import Session
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.models import tables as t
from sfactl.services import policy_settings

NAME = "pricing"
FILE = "pricing.toml"
STANDARD = "standard"

Entry = ValueEntry | ScheduleEntry | BlocksEntry


def current(session: Session) -> PricingFile:
    """The policy in force; the shipped one's where the database has none yet."""
    return policy_settings.held(session, NAME, PricingFile)


def said(session: Session) -> dict[str, str]:
    """What the policy in force says, by dotted name."""
    return saying(current(session))


def saying(pricing: PricingFile) -> dict[str, str]:
    """What a policy says, by dotted name."""
    return policy_settings.by_dotted_name(_text(pricing))


def _text(pricing: PricingFile) -> str:
    return pricing.model_dump_json(by_alias=True)


def order_of(pricing: PricingFile) -> tuple[Step, ...]:
    """The steps between the list price and the floor, in the policy's order."""
    return tuple(Step(word) for word in pricing.order) if pricing.order else ORDERED


def book_for(pricing: PricingFile, segment: str | None, currency: str, day: date) -> str:
    """The price book that holds for a customer of a segment, in a currency, on a day."""
    for book in pricing.book:
        if (
            book.segment in (None, segment)
            and book.currency in (None, currency)
            and (book.valid_from is None or book.valid_from <= day)
            and (book.valid_to is None or day < book.valid_to)
        ):
            return book.code
    return STANDARD


def put(session: Session, pricing: PricingFile) -> None:
    """Put what a policy says of prices in force, in place of what the last one said.

    Raises:
        UsageFault: a rule names a product or a territory that there is not, or has the code of one that was imported.
    """
    _require_readable(pricing)
    if saying(pricing) == said(session) and _are_there(session, pricing):
        return
    rule = t.price_rule.c
    ours = select(rule.id).where(rule.origin == "policy")
    session.sql.execute(delete(t.price_tier).where(t.price_tier.c.rule_id.in_(ours)))
    session.sql.execute(delete(t.price_rule).where(rule.origin == "policy"))
    places = _Places(session)
    for entry in entries(pricing):
        for row in _rows(session, entry, places):
            _add(session, row, entry.tiers)
    policy_settings.put(session, NAME, _text(pricing))


def _require_readable(pricing: PricingFile) -> None:
    """Refuse a sentence whose condition cannot be read."""
    for number, term in enumerate(pricing.term, 1):
        try:
            require_readable(term.when)
        except UsageFault as fault:
            raise UsageFault(
                _("{file}: term {number}: {reason}").format(file=FILE, number=number, reason=fault.message), fault.hint
            ) from fault


def _are_there(session: Session, pricing: PricingFile) -> bool:
    """Whether the rules of this policy are in force; those of territories may have more rows than one."""
    count = len(session.execute(select(t.price_rule.c.id).where(t.price_rule.c.origin == "policy")).all())
    return count == sum(1 for _entry in entries(pricing)) and not any(
        entry.said.territory for entry in entries(pricing) if not isinstance(entry.said, BlocksEntry)
    )


@dataclass(frozen=True)
class RuleEntry:
    """A rule as the policy says it, and the step it belongs to."""

    step: Step
    code: str
    said: Entry
    tiers: tuple[Tier, ...] = ()

    @property
    def method(self) -> Method:
        """What it does."""
        if isinstance(self.said, ScheduleEntry):
            return Method(self.said.kind)
        return Method.BLOCK if isinstance(self.said, BlocksEntry) else Method(self.said.method)


def entries(pricing: PricingFile) -> Iterator[RuleEntry]:
    """All rules of a policy."""
    for code, blocks in pricing.block.items():
        sizes = tuple(Tier(_parts(block.size, 1000), _parts(block.price, 10_000)) for block in blocks.block)
        yield RuleEntry(Step.LIST, code, blocks, sizes)
    for code, schedule in pricing.schedule.items():
        yield RuleEntry(Step.SCHEDULE, code, schedule, tuple(_tier(tier) for tier in schedule.tier))
    for step in (Step.CONTRACT, Step.PROMOTION, Step.FLOOR):
        for code, value in getattr(pricing, step).items():
            yield RuleEntry(step, code, value)


def _tier(tier: TierEntry) -> Tier:
    return Tier(_parts(tier.start, 1000), _maybe(tier.price, 10_000), _maybe(tier.percent, 100))


def _parts(value: Decimal, parts: int) -> int:
    return int(value * parts)


def _maybe(value: Decimal | None, parts: int) -> int | None:
    return None if value is None else _parts(value, parts)


class _Places:
    """Territories by code, with those below them."""

    def __init__(self, session: Session) -> None:
        node = t.territory.c
        rows = session.execute(select(node.id, node.code, node.tree_left, node.tree_right)).all()
        self._rows = {row.code: row for row in rows}

    def below(self, code: str) -> list[tuple[int, str]]:
        """Key and code of a territory and of all below it, itself first."""
        top = self._rows.get(code)
        if top is None:
            raise _unknown("territory", code)
        found = [row for row in self._rows.values() if top.tree_left <= row.tree_left <= top.tree_right]
        return [(row.id, row.code) for row in sorted(found, key=lambda row: int(row.tree_left))]


def _unknown(what: str, code: str) -> UsageFault:
    return UsageFault(
        _("{file}: there is no {what} {name}.").format(file=FILE, what=what, name=code),
        _("Bring it in first, or take the rule out."),
    )


def _rows(session: Session, entry: RuleEntry, places: _Places) -> Iterator[Mapping[str, Any]]:
    """The rows of a rule: one, or one for each territory in which it holds.

    Whoever offers sees his own territory and none above it, so a rule of a territory stands in each one below it, too.
    """
    row = _row(session, entry)
    territory = None if isinstance(entry.said, BlocksEntry) else entry.said.territory
    if territory is None:
        yield row
        return
    for key, code in places.below(territory):
        named = entry.code if code == territory else f"{entry.code}@{code}"
        yield {**row, "code": named, "territory_id": key}


def _row(session: Session, entry: RuleEntry) -> dict[str, Any]:
    said = entry.said
    values: dict[str, Any] = {
        "code": entry.code, "name": said.name or entry.code, "step": entry.step, "method": entry.method,
        "product_id": _product(session, said.product), "family": said.family, "currency": said.currency,
        "valid_from": said.valid_from, "valid_to": said.valid_to, "origin": "policy", "min_quantity_milli": 0,
        "created_at": session.now, "updated_at": session.now, "version": 1,
    }  # fmt: skip
    if not isinstance(said, BlocksEntry):
        values["segment"] = said.segment
    if isinstance(said, ValueEntry):
        value = said.price if said.price is not None else said.amount
        values |= {
            "value_e4": _maybe(value, 10_000), "discount_bp": _maybe(said.percent, 100),
            "min_quantity_milli": _parts(said.min_quantity, 1000),
            "max_quantity_milli": _maybe(said.max_quantity, 1000),
        }  # fmt: skip
    elif isinstance(said, BlocksEntry):
        values["overage_e4"] = _maybe(said.overage, 10_000)
    return values


def _product(session: Session, code: str | None) -> int | None:
    if code is None:
        return None
    found = session.execute(select(t.product.c.id).where(t.product.c.code == code)).scalar()
    if found is None:
        raise _unknown("product", code)
    return int(found)


def _add(session: Session, row: Mapping[str, Any], tiers: Iterable[Tier]) -> None:
    rule = t.price_rule.c
    if session.execute(select(rule.id).where(and_(rule.code == row["code"]))).first():
        raise UsageFault(
            _("{file}: a rule called {name} was imported.").format(file=FILE, name=row["code"]),
            _("Give this one another name."),
        )
    key = session.sql.execute(insert(t.price_rule).values(row).returning(rule.id)).scalar_one()
    rows = [
        {"rule_id": key, "from_milli": tier.from_milli, "price_e4": tier.price_e4, "discount_bp": tier.discount_bp}
        for tier in tiers
    ]
    if rows:
        session.sql.execute(insert(t.price_tier), rows)


def warnings(pricing: PricingFile) -> list[str]:
    """What a policy says that its author may not have meant: schedules by which more pieces cost less."""
    return [
        _("{file}: schedule {name}: {fewer} pieces cost more than {more}.").format(
            file=FILE, name=entry.code, fewer=_number(found.fewer_milli), more=_number(found.more_milli)
        )
        for entry in entries(pricing)
        for found in inversions(entry.method, entry.tiers)
    ]


def _number(milli: int) -> str:
    return f"{Decimal(milli).scaleb(-3).normalize():f}"
