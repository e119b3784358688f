"""What a program asks of a configuration, as JSON on standard input."""

import json
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sfactl.errors import UsageFault
from sfactl.i18n import _

MOST_CHARACTERS = 1_000_000

Quantity = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=3)]
Key = Annotated[str, Field(min_length=1, max_length=200)]


class Wishes(BaseModel):
    """Needs by attribute, options with or without a quantity, options that are not wanted, or choices made by hand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    needs: dict[Key, Quantity] = Field(default_factory=dict)
    including: dict[Key, Quantity | None] = Field(default_factory=dict, alias="with")
    without: list[Key] = Field(default_factory=list)
    prefer: Literal["cost", "margin", "fewest"] | None = None
    choices: dict[Key, Quantity] = Field(default_factory=dict)


def parse(text: str) -> Wishes:
    """The wishes that a text of JSON says.

    Raises:
        UsageFault: it is no JSON, or says something else; the key is named.
    """
    if len(text) > MOST_CHARACTERS:
        raise UsageFault(_("That is more than a million characters."), _("Say only what is wanted."))
    try:
        return Wishes.model_validate(json.loads(text, parse_float=Decimal))
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "–"
        raise UsageFault(_("standard input: `{key}`: {what}").format(key=key, what=first["msg"]), _example()) from fault
    except (ValueError, RecursionError) as fault:
        raise UsageFault(_("standard input is no JSON: {what}").format(what=fault), _example()) from fault


def _example() -> str:
    example = '{"needs": {"seats": 200}, "with": {"GW-100": 1}, "without": ["TS-10"]}'
    return _("For example: {example}").format(example=example)
