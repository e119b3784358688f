"""The stock behind a quote, in words: whether there is enough for each line, and how old the count is that says so."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sfactl import services
from sfactl.i18n import _, ngettext
from sfactl.render import formats
from sfactl.tui.cells import Cell, Tone
from sfactl.tui.widgets.fact_sheet import Section

if TYPE_CHECKING:
    from sfactl.db.session import Session
    from sfactl.services.quote_stock import LineStock


def read(session: "Session", code: str) -> "Sequence[LineStock] | None":
    """What stock can promise to the lines of a quote; None for somebody who may not know."""
    return services.quote_stock.of_quote(session, code) if session.actor.may("stock.read") else None


def said(rows: "Sequence[LineStock]", locale: str) -> Cell:
    """All lines in a few words, with a mark where somebody should look before he promises anything."""
    kept = [row for row in rows if row.is_stocked]
    short, old = sum(row.is_short for row in kept), sum(row.is_old for row in kept)
    warnings = [
        ngettext("short on {count} line", "short on {count} lines", short) if short else "",
        ngettext("old count behind {count} line", "old counts behind {count} lines", old) if old else "",
    ]
    told = [
        text.format(count=formats.format_integer(count, locale))
        for text, count in zip(warnings, (short, old), strict=True)
        if text
    ]
    if told:
        return Cell("! " + ", ".join(told), Tone.WARNING)
    return Cell(_("enough for every line, counted lately") if kept else _("nothing of it is kept in stock"))


def section(rows: "Sequence[LineStock]", locale: str) -> Section:
    """A row a line: how much there is now, how old the count is, and what is to be known of it."""
    header = (_("Line"), _("Product"), _("Quantity"), _("Now"), _("Stock age"), _("Stock"))
    return Section(
        _("Stock"), tuple(_row(row, locale) for row in rows), header=header, right=frozenset({0, 2, 3}),
        empty=_("No lines."),
    )  # fmt: skip


def _row(row: "LineStock", locale: str) -> tuple[Cell, ...]:
    tone = Tone.WARNING if row.is_short else Tone.PLAIN
    return (
        Cell(str(row.line)), Cell(row.product), Cell(formats.format_quantity(row.wanted, locale)),
        Cell(formats.format_quantity(row.now if row.is_stocked else None, locale), tone), _age(row, locale),
        Cell(_left(row, locale), tone),
    )  # fmt: skip


def _age(row: "LineStock", locale: str) -> Cell:
    """How long ago was counted what the answer rests on."""
    if not row.is_stocked:
        return Cell(formats.NULL)
    if row.age_days is None:
        return Cell(_("! never counted"), Tone.WARNING)
    days = _("{days} d").format(days=formats.format_integer(row.age_days, locale))
    return Cell(_("! {days}, old").format(days=days), Tone.WARNING) if row.is_old else Cell(days)


def _left(row: "LineStock", locale: str) -> str:
    """What becomes of the part that is not there now."""
    if not row.is_stocked:
        return _("not kept in stock")
    pieces = []
    if row.later:
        pieces.append(
            _("! {quantity} later, all by {day}").format(
                quantity=formats.format_quantity(row.later, locale), day=formats.format_date(row.later_on, locale)
            )
        )
    if row.missing:
        pieces.append(_("! {quantity} missing").format(quantity=formats.format_quantity(row.missing, locale)))
    return ", ".join(pieces) or _("enough")
