"""An offer as the customer reads it, in his language and his form of numbers: on paper and as a page.

Its words stand here in each language beside each other, since it speaks the customer's language and not the person's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sfactl.core.money import Money
from sfactl.core.quote_states import AGREED, State
from sfactl.core.text import safe
from sfactl.render.formats import format_date, format_discount, format_money, format_quantity, format_unit_price
from sfactl.render.html_style import STYLE

if TYPE_CHECKING:
    from sfactl.render.output import Output

TEMPLATE: Final = Path(__file__).with_name("quote.typ")
_LONGEST: Final = 2000

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Quote", "revision": "Revision {number}", "to": "For", "from": "From", "date": "Date",
        "until": "Valid until", "payment": "Payment", "days": "{days} days net", "at_once": "on receipt",
        "contact": "Your contact", "line": "No.", "product": "Product", "name": "Description", "quantity": "Quantity",
        "list": "List price", "net": "Unit price", "amount": "Amount", "included": "included",
        "list_sum": "At list prices", "lines_sum": "Subtotal", "header": "Discount on the total", "sum": "Total",
        "saved": "You save {share}", "terms": "Terms", "page": "Page {page} of {pages}",
        "draft": "DRAFT", "over": "EXPIRED", "declined": "DECLINED",
        "draft_note": "This is a draft. It is no offer until it has been approved.",
        "over_note": "This offer is no longer valid.", "declined_note": "This offer was declined.",
    },
    "es": {
        "title": "Presupuesto", "revision": "Revisión {number}", "to": "Para", "from": "De", "date": "Fecha",
        "until": "Válido hasta", "payment": "Pago", "days": "a {days} días", "at_once": "al recibir la factura",
        "contact": "Su contacto", "line": "N.º", "product": "Producto", "name": "Descripción", "quantity": "Cantidad",
        "list": "Precio de lista", "net": "Precio unitario", "amount": "Importe", "included": "incluido",
        "list_sum": "A precios de lista", "lines_sum": "Subtotal", "header": "Descuento sobre el total", "sum": "Total",
        "saved": "Ahorra un {share}", "terms": "Condiciones", "page": "Página {page} de {pages}",
        "draft": "BORRADOR", "over": "CADUCADO", "declined": "RECHAZADO",
        "draft_note": "Esto es un borrador. No es una oferta hasta que se apruebe.",
        "over_note": "Esta oferta ya no es válida.", "declined_note": "Esta oferta fue rechazada.",
    },
}  # fmt: skip
_MARKS: Final = {State.EXPIRED: "over", State.DECLINED: "declined"}


@dataclass(frozen=True)
class DocumentLine:
    """A line as it is printed."""

    line: int
    product: str
    name: str
    is_part: bool
    "It belongs to a bundle above it."
    is_included: bool
    quantity_milli: int
    list_e4: int
    net_e4: int
    amount: Money
    "Before the discount on all of it."


@dataclass(frozen=True)
class Document:
    """An offer as it is printed."""

    code: str
    revision: int
    version: int
    name: str
    status: State
    locale: str
    offered_on: date
    valid_until: date
    payment_days: int
    seller: Sequence[str]
    "Who offers, a line each."
    person: str | None
    "Who answers for it."
    person_email: str | None
    customer: Sequence[str]
    lines: Sequence[DocumentLine]
    list_amount: Money
    lines_amount: Money
    header_discount: Money
    amount: Money
    discount_bp: int
    terms: Sequence[str]
    digest: str

    @property
    def language(self) -> str:
        """The language in which the customer reads."""
        return "es" if self.locale.startswith("es") else "en"

    @property
    def is_agreed(self) -> bool:
        """Whether it may leave the house."""
        return self.status in AGREED


def mark_of(offer: Document) -> str | None:
    """Which word lies across an offer that may not leave the house."""
    return None if offer.is_agreed else _MARKS.get(offer.status, "draft")


def data_of(offer: Document) -> dict[str, Any]:
    """All that is printed, as words: what both forms take."""
    words, locale = WORDS[offer.language], offer.locale
    mark = mark_of(offer)
    has_list = any(line.list_e4 != line.net_e4 for line in offer.lines)
    columns = ["line", "product", "name", "quantity", *(["list"] if has_list else []), "net", "amount"]
    return {
        "language": offer.language, "title": words["title"], "code": _plain(offer.code), "name": _plain(offer.name),
        "revision": words["revision"].format(number=offer.revision) if offer.revision > 1 else None,
        "from": [_plain(line) for line in offer.seller], "to_word": words["to"], "from_word": words["from"],
        "to": [_plain(line) for line in offer.customer],
        "facts": [[words[key], _plain(value)] for key, value in _facts(offer, words)],
        "columns": [{"header": words[name], "right": name not in ("product", "name")} for name in columns],
        "rows": [
            {"cells": [_cell(line, number, name, words, locale) for name in columns], "part": line.is_part}
            for number, line in enumerate(offer.lines, 1)
        ],
        "totals": [[words[key], format_money(money, locale, with_currency=True)] for key, money in _totals(offer)],
        "sum": [words["sum"], format_money(offer.amount, locale, with_currency=True)],
        "saved": words["saved"].format(share=format_discount(Fraction(offer.discount_bp, 10_000), locale))
        if offer.discount_bp > 0
        else None,
        "terms_word": words["terms"], "terms": [_plain(term) for term in offer.terms],
        "mark": words[mark] if mark else None, "note": words[f"{mark}_note"] if mark else None,
        "page": words["page"], "digest": offer.digest, "version": offer.version,
    }  # fmt: skip


def _facts(offer: Document, words: Mapping[str, str]) -> list[tuple[str, str]]:
    paid = words["days"].format(days=offer.payment_days) if offer.payment_days else words["at_once"]
    facts = [
        ("date", format_date(offer.offered_on, offer.locale)), ("until", format_date(offer.valid_until, offer.locale)),
        ("payment", paid),
    ]  # fmt: skip
    contact = ", ".join(each for each in (offer.person, offer.person_email) if each)
    return [*facts, ("contact", contact)] if contact else facts


def _cell(line: DocumentLine, number: int, name: str, words: Mapping[str, str], locale: str) -> str:
    """A cell; lines are counted as they stand on the paper, also where some were taken out."""
    if line.is_included and name in ("list", "net", "amount"):
        return words["included"] if name == "amount" else ""
    values = {
        "line": str(number), "product": _plain(line.product), "name": _plain(line.name),
        "quantity": format_quantity(line.quantity_milli, locale), "list": format_unit_price(line.list_e4, locale),
        "net": format_unit_price(line.net_e4, locale), "amount": format_money(line.amount, locale),
    }  # fmt: skip
    return values[name]


def _totals(offer: Document) -> Sequence[tuple[str, Any]]:
    """The sums above the last one, where they say something else than it does."""
    found = []
    if offer.list_amount.minor > offer.lines_amount.minor:
        found.append(("list_sum", offer.list_amount))
    if offer.header_discount.minor:
        found += [("lines_sum", offer.lines_amount), ("header", -offer.header_discount)]
    return found


def _plain(text: str) -> str:
    return safe(text, _LONGEST)


def pdf_of(offer: Document) -> bytes:
    """The offer on paper: equal offers, equal bytes."""
    from sfactl.render.report_pdf import compiled

    return compiled(data_of(offer), TEMPLATE)


_OFFER_STYLE: Final = (
    STYLE
    + """
main { max-width: 60rem; }
main div { max-width: none; border: 0; }
.mark { font-weight: 700; letter-spacing: 0.2em; color: #b42318; }
.part { padding-left: 2rem; }
td.sum { font-weight: 700; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; margin-bottom: 1rem; }
@page { size: A4 portrait; margin: 15mm; }
"""
)


def write_html(offer: Document, output: "Output") -> None:
    """The offer as a page that stands alone, in which nothing acts."""
    from sfactl.render.html import page

    data = data_of(offer)
    with page(f"{data['title']} {data['code']}", output, style=_OFFER_STYLE, speaks=data["language"]) as tell:
        tell("<main>\n")
        if data["mark"]:
            tell(f'<p class="mark">{escape(data["mark"])}</p>\n<p>{escape(data["note"])}</p>\n')
        tell(f"<p>{escape(' · '.join(each for each in (data['name'], data['revision']) if each))}</p>\n")
        tell('<div class="sides">\n' + _side(data["to_word"], data["to"]) + _side(data["from_word"], data["from"]))
        tell("</div>\n<div><table>\n<tbody>\n")
        for word, value in data["facts"]:
            tell(f'<tr><th scope="row">{escape(word)}</th><td>{escape(value)}</td></tr>\n')
        tell("</tbody>\n</table></div>\n<h2></h2>\n" + _table(data))
        if data["saved"]:
            tell(f"<p>{escape(data['saved'])}</p>\n")
        if data["terms"]:
            tell(f"<h2>{escape(data['terms_word'])}</h2>\n")
            tell("".join(f"<p>{escape(term)}</p>\n" for term in data["terms"]))
        tell("</main>\n")


def _side(word: str, lines: Sequence[str]) -> str:
    """Who offers, or who is offered; nothing where nobody is named."""
    return f"<p><strong>{escape(word)}</strong><br>{'<br>'.join(map(escape, lines))}</p>\n" if lines else "<p></p>\n"


def _table(data: Mapping[str, Any]) -> str:
    columns = data["columns"]
    sides = [' class="number"' if column["right"] else "" for column in columns]
    headers = "".join(
        f'<th scope="col"{side}>{escape(column["header"])}</th>' for column, side in zip(columns, sides, strict=True)
    )
    rows = "".join(_row(row, sides) for row in data["rows"])
    span = len(columns) - 1
    sums = "".join(
        f'<tr><td class="number {style}" colspan="{span}">{escape(word)}</td><td class="number {style}">{escape(value)}</td></tr>\n'
        for word, value, style in [*((*total, "") for total in data["totals"]), (*data["sum"], "sum")]
    )
    return f"<div><table>\n<thead><tr>{headers}</tr></thead>\n<tbody>\n{rows}</tbody>\n<tfoot>\n{sums}</tfoot>\n</table></div>\n"


def _row(row: Mapping[str, Any], sides: Sequence[str]) -> str:
    cells = "".join(
        f"<td{' class=' + chr(34) + 'part' + chr(34) if row['part'] and place == 2 else side}>{escape(cell)}</td>"
        for place, (cell, side) in enumerate(zip(row["cells"], sides, strict=True))
    )
    return f"<tr>{cells}</tr>\n"
