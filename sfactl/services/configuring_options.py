"""A bundle on the way to a configuration: what is chosen for now, and why each other option is not."""

from collections.abc import Sequence
from dataclasses import dataclass

from sfactl.core import configuration
from sfactl.core.configuration import Catalogue, Constraint
from sfactl.db.session import Session
from sfactl.services import catalogue, configuring, workspaces
from sfactl.services.configuring import AttributeRow, Configuration, Impossible, Wishes


@dataclass(frozen=True)
class OptionState:
    """An option, chosen or not."""

    feature: str
    feature_name: str
    product: str
    name: str
    quantity: int
    "So many are chosen, in thousandths."
    first: int
    "The fewest there may be, and the step from there on; thousandths, too."
    step: int
    unit_price: int | None
    "Ten-thousandths of the currency's unit."
    is_possible: bool
    "Whether some configuration has it and all that is asked."
    against: tuple[str, ...]
    "What one more of it would be against beside what is chosen, in the catalogue's own words."


@dataclass(frozen=True)
class Picture:
    """What there is to choose, and what it comes to as it is asked for now."""

    bundle: str
    name: str
    currency: str
    attributes: tuple[AttributeRow, ...]
    options: tuple[OptionState, ...]
    found: Configuration | None
    refused: Impossible | None
    "Why nothing meets what is asked."


def picture(session: Session, bundle: str, wishes: Wishes, *, seconds: float = configuring.SECONDS) -> Picture:
    """All that can be chosen for a bundle, with the best configuration for what is asked.

    Raises:
        UsageFault: an attribute or an option that the bundle does not have, or nothing was found in the time.
    """
    offered = catalogue.read(session, catalogue.bundle_id(session, bundle))
    found, refused = _tried(session, offered.bundle, wishes, seconds)
    chosen = _quantities(offered, found)
    must = configuration.constraints(offered, configuring.request_of(offered, wishes))
    return Picture(
        offered.bundle, offered.name, workspaces.current(session).currency, _attributes(offered, wishes, chosen),
        _options(offered, must if found else (), chosen, seconds), found, refused,
    )  # fmt: skip


def _tried(
    session: Session, bundle: str, wishes: Wishes, seconds: float
) -> tuple[Configuration | None, Impossible | None]:
    try:
        return configuring.configure(session, bundle, wishes, seconds=seconds), None
    except Impossible as refused:
        return None, refused


def _quantities(offered: Catalogue, found: Configuration | None) -> list[int]:
    """How many of each option are chosen, in the catalogue's order."""
    sums: dict[tuple[str, str], int] = {}
    for choice in found.choices if found else ():
        key = (choice.feature, choice.product)
        sums[key] = sums.get(key, 0) + choice.quantity
    return [sums.get((option.feature, option.product), 0) for option in offered.options]


def _attributes(offered: Catalogue, wishes: Wishes, chosen: Sequence[int]) -> tuple[AttributeRow, ...]:
    names = sorted({name for amounts in offered.attributes.values() for name in amounts})
    return tuple(AttributeRow(name, wishes.needs.get(name), _amount(offered, name, chosen)) for name in names)


def _amount(offered: Catalogue, name: str, chosen: Sequence[int]) -> int:
    parts = (q * offered.amount(each.product, name) for q, each in zip(chosen, offered.options, strict=True))
    return offered.amount(offered.bundle, name) + sum(parts) // 1000


def _options(
    offered: Catalogue, must: Sequence[Constraint], chosen: Sequence[int], seconds: float
) -> tuple[OptionState, ...]:
    from sfactl.core import configuration_solver as solver

    names = {feature.code: feature.name for feature in offered.features}
    possible = solver.reachable(offered, must, seconds=seconds)
    return tuple(
        OptionState(
            option.feature, names[option.feature], option.product, option.name, chosen[n], option.first, option.step,
            option.price_e4, chosen[n] > 0 or n in possible, () if chosen[n] else _against(offered, must, chosen, n),
        )
        for n, option in enumerate(offered.options)
    )  # fmt: skip


def _against(offered: Catalogue, must: Sequence[Constraint], chosen: Sequence[int], n: int) -> tuple[str, ...]:
    """What one more option would break; what is chosen keeps all of it."""
    more = [*chosen]
    more[n] = offered.options[n].first
    return tuple(each.message for each in must if not each.holds(offered, more))
