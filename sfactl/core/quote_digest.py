"""What of a quote is agreed, as one number: two quotes that say the same have the same, and no others.

An approval holds this digest, so it is an approval of these lines, prices and terms and of nothing else.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class AgreedLine:
    """What a line promises."""

    line: int
    parent_line: int | None
    product: str
    feature: str | None
    is_included: bool
    is_standard: bool
    quantity_milli: int
    list_e4: int
    net_e4: int
    net_minor: int
    discount_bp: int
    manual_e4: int | None
    is_below_floor: bool


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a quote promises, and to whom.

    The code is part of it, so that no copy and no other revision is agreed with the first.
    """

    quote: str
    account: str
    currency: str
    valid_until: date
    payment_days: int
    terms: str | None
    header_minor: int
    net_minor: int
    lines: Sequence[AgreedLine]


def quote_digest(agreed: Agreed) -> str:
    """SHA-256 over all of it, in a form that has one spelling only; lines count in the order of their numbers."""
    content = asdict(agreed)
    content["valid_until"] = agreed.valid_until.isoformat()
    content["lines"] = sorted(content["lines"], key=lambda line: line["line"])
    canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode("ascii")).hexdigest()
