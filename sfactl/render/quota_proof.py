"""The line below attainment: that all that was booked is credited once, or credited to nobody."""

from sfactl.core.money import Money
from sfactl.i18n import _
from sfactl.render.formats import format_money


def proof_line(
    booked: Money, credited: Money, uncredited: Money, locale: str, *, overlay: Money | None = None
) -> str | None:
    """The proof in words, of all that the reader sees in the period; None where nothing is booked.

    Args:
        overlay: credit that stands beside, where it is asked for.
    """
    if not booked.minor:
        return None
    whole, part, alone = (format_money(money, locale) for money in (booked, credited, uncredited))
    said = _("In all: booked {booked} = credited {credited} + without a seller {alone}")
    if booked.minor != credited.minor + uncredited.minor:
        said = _("In all: of {booked} booked, you see {credited} credited and {alone} without a seller")
    line = said.format(booked=whole, credited=part, alone=alone)
    if overlay is None:
        return line
    beside = _("overlay, apart: {amount}").format(amount=format_money(overlay, locale))
    return f"{line}; {beside}"
