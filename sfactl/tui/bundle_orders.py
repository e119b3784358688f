"""A bundle that is put together for an opportunity or on a quote: what is asked, what it would cost, and putting it there."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sfactl import services
from sfactl.core import configuration, quote_words

if TYPE_CHECKING:
    from sfactl.db.session import Door, Session
    from sfactl.services.approvals import NeedRow
    from sfactl.services.configuring import Configuration, Wishes
    from sfactl.services.quotes import LineRow, QuotePage

_ONE: Final = 1000


@dataclass(frozen=True)
class Target:
    """Where it goes: on a quote that is there, or on a new one."""

    opportunity: str
    quote: str | None = None
    version: int | None = None
    replaced: tuple[int, ...] = ()
    "The lines whose place it takes: a bundle with its parts."


@dataclass(frozen=True)
class Order:
    """What is asked of a bundle; quantities are thousandths."""

    bundle: str
    target: Target
    needs: Mapping[str, int] = field(default_factory=dict)
    including: Mapping[str, int | None] = field(default_factory=dict)
    excluding: tuple[str, ...] = ()
    discount: str = ""
    "Off all of it, as it was typed."

    @property
    def wishes(self) -> "Wishes":
        """The same in the words of the service."""
        return services.configuring.Wishes(self.needs, self.including, self.excluding)

    def needing(self, attribute: str, amount: int) -> "Order":
        """So much of an attribute is needed; with nothing, it does not matter any more."""
        needs = {name: each for name, each in self.needs.items() if name != attribute}
        return replace(self, needs={**needs, attribute: amount} if amount > 0 else needs)

    def free(self, product: str) -> "Order":
        """Nothing is said of an option."""
        including = {name: each for name, each in self.including.items() if name != product}
        return replace(
            self, including=including, excluding=tuple(each for each in self.excluding if each != product)
        )  # fmt: skip

    def with_option(self, product: str, quantity: int | None) -> "Order":
        """With so many of an option, or with some; with zero of it, without."""
        if quantity is not None and quantity <= 0:
            return self.without(product)
        freed = self.free(product)
        return replace(freed, including={**freed.including, product: quantity})

    def without(self, product: str) -> "Order":
        """Without an option."""
        freed = self.free(product)
        return replace(freed, excluding=(*freed.excluding, product))

    def command(self) -> list[str]:
        """The words after `sfactl` that do the same."""
        target = self.target
        words = ["quote", "edit", target.quote] if target.quote else ["quote", "new", target.opportunity]
        words += [word for line in target.replaced for word in ("--remove", str(line))]
        words += ["--bundle", self.bundle]
        for name, amount in self.needs.items():
            words += ["--need", f"{name}={configuration.shown(amount)}"]
        for name, quantity in self.including.items():
            words += ["--with", name if quantity is None else f"{name}={configuration.shown(quantity)}"]
        for name in self.excluding:
            words += ["--without", name]
        return [*words, *(["--total-discount", self.discount] if self.discount else [])]


@dataclass(frozen=True)
class Priced:
    """What the quote would be."""

    page: "QuotePage"
    needs: "Sequence[NeedRow]"


class _Tried(Exception):
    """Ends a transaction that was only a trial."""


def put(session: "Session", order: Order, found: "Configuration") -> str:
    """Put a configuration on its quote, and return the quote's code."""
    lines = services.quote_making.bundle_lines(found)
    share = quote_words.share_bp(order.discount) if order.discount else None
    target = order.target
    if target.quote is None:
        return services.quote_making.new(
            session, services.quote_making.Wanted(target.opportunity, lines, header_bp=share)
        )
    change = services.quote_editing.Change(
        add=lines, remove=target.replaced, header_bp=share, version=target.version
    )  # fmt: skip
    return services.quote_editing.edit(session, target.quote, change).code


def priced(door: "Door", order: Order, found: "Configuration") -> Priced:
    """What the quote would come to, and who would have to agree: everything is done, looked at, and taken back."""
    seen: list[Priced] = []

    def run(session: "Session") -> None:
        code = put(session, order, found)
        page, _lines = services.quotes.one(session, code)
        seen[:] = [Priced(page, services.approvals.preview(session, code))]
        raise _Tried

    with suppress(_Tried):
        door.write(run)
    return seen[0]


def needed_for(session: "Session", opportunity: str, bundle: str) -> Order:
    """An order for what is kept of an opportunity's needs."""
    kept = [row for row in services.opportunity_needs.of_code(session, opportunity) if row.bundle == bundle]
    return Order(
        bundle, Target(opportunity),
        {row.name: row.amount or 0 for row in kept if row.kind == "need"},
        {row.name: row.amount for row in kept if row.kind == "with"},
        tuple(row.name for row in kept if row.kind == "without"),
    )  # fmt: skip


def again(page: "QuotePage", lines: "Sequence[LineRow]", line: int) -> Order | None:
    """An order for the bundle of a line as it is on the quote; None where the line is of no bundle, or of several."""
    known = {row.line: row for row in lines}
    top = known[known[line].parent_line or line]
    parts = [row for row in lines if row.parent_line == top.line]
    if not parts or top.quantity != _ONE:
        return None
    sums: dict[str, int] = {}
    for row in parts:
        sums[row.product] = sums.get(row.product, 0) + row.quantity
    target = Target(page.opportunity or "", page.code, page.version, (top.line, *(row.line for row in parts)))
    return Order(top.product, target, including=dict(sums))
