"""What is wrong with a manifest, in words."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from sfactl.i18n import N_, _
from sfactl.transfer import schema

_TABLES = (
    schema.ManifestSpec,
    schema.SourceSpec,
    schema.FieldSpec,
    schema.LookupSpec,
    schema.ConditionSpec,
    schema.SiblingSpec,
    schema.NextSpec,
    schema.UnpivotSpec,
    schema.LimitsSpec,
)
_KEYS = sorted({info.alias or name for table in _TABLES for name, info in table.model_fields.items()})
_TYPES = {
    "string_type": N_("must be text in quotes"),
    "bool_type": N_("must be true or false"),
    "int_type": N_("must be a whole number"),
    "too_short": N_("must not be empty"),
    "list_type": N_("must be a list in square brackets"),
    "dict_type": N_("must be a table"),
    "model_type": N_("must be a table"),
    "model_attributes_type": N_("must be a table"),
    "is_instance_of": N_("must be a number"),
    "decimal_type": N_("must be a number"),
}


def sentence(error: ErrorDetails) -> str:
    """What a validation error means to the person who wrote the manifest."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _("is not a known key") + did_you_mean(str(error["loc"][-1]), _KEYS)
    if kind == "missing":
        return _("is missing")
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    if kind == "literal_error":
        return _("must be one of {choices}").format(choices=str(context["expected"]).replace(" or ", ", "))
    if kind in _TYPES:
        return _(_TYPES[kind])
    return error["msg"][:1].lower() + error["msg"][1:]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question to append, when a known word is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return _(": did you mean {near}?").format(near=near[0]) if near else ""


def key_name(path: Sequence[Any]) -> str:
    """The key as a person finds it in the file, with a colon; the number of an array's element counts from 1."""
    words = [str(part + 1) if isinstance(part, int) else str(part) for part in path]
    return ".".join(words) + ": " if words else ""
