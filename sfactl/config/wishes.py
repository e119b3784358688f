"""What a program asks of a configuration, as JSON on standard input."""

import json
from collections import Counter
from decimal import Decimal
from typing import Annotated, Any, Literal

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
        UsageFault: it is no JSON, or says something else, or something twice; the place or the key is named.
    """
    if len(text) > MOST_CHARACTERS:
        raise UsageFault(_("That is more than a million characters."), _("Say only what is wanted."))
    try:
        return Wishes.model_validate(
            json.loads(text, parse_float=Decimal, parse_constant=Decimal, object_pairs_hook=_said_once)
        )
    except ValidationError as fault:
        raise UsageFault(_("standard input: {what}").format(what=_wrong(fault)), _example()) from fault
    except json.JSONDecodeError as fault:
        place = _("standard input is no JSON: it cannot be read from line {line}, column {column} on.")
        raise UsageFault(place.format(line=fault.lineno, column=fault.colno), _example()) from fault
    except (ValueError, RecursionError) as fault:
        told = _("standard input: it is nested too deeply, or holds a number that is too long.")
        raise UsageFault(told, _example()) from fault


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are each there once.

    Raises:
        UsageFault: one is there twice.
    """
    for key, count in Counter(key for key, _value in pairs).items():
        if count > 1:
            raise UsageFault(_("standard input: `{key}` is said twice.").format(key=key), _("Say it once."))
    return dict(pairs)


def _wrong(fault: ValidationError) -> str:
    """The first value that cannot be taken, and what would be."""
    first = fault.errors(include_url=False, include_input=False)[0]
    place = first["loc"]
    keys = ", ".join(field.alias or name for name, field in Wishes.model_fields.items())
    if not place:
        return _("it is no object. Its keys are: {keys}.").format(keys=keys)
    key = ".".join(str(part) for part in place)
    if first["type"] == "extra_forbidden":
        return _("there is no key `{key}`. There are: {keys}.").format(key=key, keys=keys)
    if place[0] == "prefer":
        return _("`prefer` is cost, margin or fewest.")
    if place[0] == "without":
        return _("`without` is a list of options.")
    if len(place) == 1:
        return _("`{key}` holds names, each with a quantity.").format(key=key)
    return _("`{key}` is no quantity: a number of at most three decimals, up to a million.").format(key=key)


def _example() -> str:
    example = '{"needs": {"seats": 200}, "with": {"GW-100": 1}, "without": ["TS-10"]}'
    return _("For example: {example}").format(example=example)
