"""What differs between two versions of an offer, in words; and whether whoever agreed to one would agree to the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LINE_FIELDS = (
    "product", "quantity_milli", "list_e4", "net_e4", "net_minor", "discount_bp", "manual_e4", "is_standard", "is_below_floor",
)  # fmt: skip
"""What is compared of a line that is in both versions."""
QUOTE_FIELDS = ("name", "currency", "valid_until", "payment_days", "terms", "header_minor", "net_minor")

Content = Mapping[str, Any]
"""What a version promised: the fields of `quote_digest.Agreed`, as JSON has them, and its name where that was kept."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that one version says and the other does not, or says otherwise."""

    line: int | None
    product: str | None
    field: str
    "Of a line that one version lacks: `line`."
    before: Any
    after: Any
    currency: str
    "Of sums and prices."


def differences(before: Content, after: Content) -> list[Difference]:
    """All that differs, the quote's own fields first."""
    found = [
        Difference(None, None, name, before.get(name), after.get(name), after["currency"])
        for name in QUOTE_FIELDS
        if before.get(name) != after.get(name) and not (name == "name" and name not in before)
    ]
    was, now = ({line["line"]: line for line in content["lines"]} for content in (before, after))
    for number in sorted(was.keys() | now.keys()):
        found += _of_line(number, was.get(number), now.get(number), after["currency"])
    return found


def _of_line(number: int, before: Content | None, after: Content | None, currency: str) -> Iterator[Difference]:
    if before is None or after is None:
        product = (before or after or {})["product"]
        was, now = (each and each["quantity_milli"] for each in (before, after))
        yield Difference(number, product, "line", was, now, currency)
        return
    for name in LINE_FIELDS:
        if before.get(name) != after.get(name):
            yield Difference(number, after["product"], name, before.get(name), after.get(name), currency)


def is_worse(before: Content, after: Content) -> bool:
    """Whether a version asks more of those who agreed than the one before: anything but a plain gain does.

    A gain is the same goods for no less money, paid no later, and promised for no longer.
    """
    if any(before[name] != after[name] for name in ("currency", "terms", "account")):
        return True
    if after["payment_days"] > before["payment_days"] or after["valid_until"] > before["valid_until"]:
        return True
    if after["header_minor"] > before["header_minor"] or len(before["lines"]) != len(after["lines"]):
        return True
    return any(_is_line_worse(one, other) for one, other in zip(before["lines"], after["lines"], strict=True))


def _is_line_worse(before: Content, after: Content) -> bool:
    same = ("line", "parent_line", "product", "feature", "is_included", "quantity_milli", "list_e4")
    return (
        any(before[name] != after[name] for name in same)
        or after["net_minor"] < before["net_minor"]
        or after["net_e4"] < before["net_e4"]
        or after["discount_bp"] > before["discount_bp"]
        or (after["is_below_floor"] and not before["is_below_floor"])
        or (before["is_standard"] and not after["is_standard"])
    )
