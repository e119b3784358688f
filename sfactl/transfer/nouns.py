"""What can be imported: the nouns, their fields, and the fields that tell one row from another."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sfactl.core.measures import Measure


class Kind(StrEnum):
    """What a field holds, and so how its text is read."""

    TEXT = "text"
    CODE = "code"
    "Text of at most 64 characters on one line: a code, a login, a reference."
    INTEGER = "integer"
    MONEY = "money"
    "Whole minor units of the row's currency."
    UNIT_PRICE = "unit_price"
    "Ten-thousandths of the major unit."
    SHARE = "share"
    "Basis points, 0 to 10,000."
    QUANTITY = "quantity"
    "Thousandths of a piece."
    DEGREES = "degrees"
    "Millionths of a degree."
    RATE = "rate"
    "Thousand-millionths of one currency for a unit of another."
    DATE = "date"
    "ISO text, YYYY-MM-DD."
    BOOL = "bool"
    "0 or 1."
    CHOICE = "choice"
    EMAIL = "email"
    CURRENCY = "currency"


@dataclass(frozen=True)
class Field:
    """A field of a noun, by the name that manifests and headers use."""

    key: str
    kind: Kind
    required: bool = False
    refers_to: str | None = None
    "The noun whose external_id, else code or login, stands here."
    choices: tuple[str, ...] = ()
    between: tuple[int, int] | None = None
    "The least and the most of a whole number."
    default: str | None = None
    "Supplied where a file says nothing, since the row's key needs it."


@dataclass(frozen=True)
class Noun:
    """Something that can be imported."""

    name: str
    fields: tuple[Field, ...]
    keys: tuple[str, ...]
    "What an import recognises a row by when it has no external_id."
    any_of: tuple[str, ...] = ()
    "At least one of these is filled."
    span: tuple[str, str] | None = None
    "First day and the day after the last; the second lies after the first."

    def field(self, key: str) -> Field | None:
        """The field called so."""
        return next((field for field in self.fields if field.key == key), None)

    def key_fields(self, mapped: Collection[str]) -> tuple[str, ...]:
        """The fields that tell the rows of a source apart: external_id where it is supplied, else the keys."""
        return ("external_id",) if "external_id" in mapped else self.keys


def _text(*keys: str) -> tuple[Field, ...]:
    return tuple(Field(key, Kind.TEXT) for key in keys)


def _ref(key: str, noun: str = "", *, required: bool = False) -> Field:
    return Field(key, Kind.CODE, required, refers_to=noun or key)


def _must(key: str, kind: Kind) -> Field:
    return Field(key, kind, required=True)


def _choice(key: str, *choices: str, required: bool = False, default: str | None = None) -> Field:
    return Field(key, Kind.CHOICE, required, choices=choices, default=default)


_EXTERNAL_ID: Final = Field("external_id", Kind.CODE)
_CURRENCY: Final = Field("currency", Kind.CURRENCY)
_LEVEL: Final = Field("level", Kind.INTEGER, required=True, between=(1, 5))
_PLACE: Final = (
    Field("latitude", Kind.DEGREES, between=(-90, 90)), Field("longitude", Kind.DEGREES, between=(-180, 180)),
)  # fmt: skip
_CODE_NAME_ID: Final = (_must("code", Kind.CODE), _must("name", Kind.TEXT), _EXTERNAL_ID)
_VALID: Final = (Field("valid_from", Kind.DATE), Field("valid_to", Kind.DATE))
_VALIDITY: Final = ("valid_from", "valid_to")
_PRICED: Final = (
    _ref("product"), Field("family", Kind.TEXT), Field("min_quantity", Kind.QUANTITY), _CURRENCY,
)  # fmt: skip
_VALUES: Final = ("unit_price", "discount", "amount_off")
_VALUED: Final = (
    Field("unit_price", Kind.UNIT_PRICE), Field("discount", Kind.SHARE), Field("amount_off", Kind.UNIT_PRICE),
    _must("valid_from", Kind.DATE), Field("valid_to", Kind.DATE),
)  # fmt: skip

_ALL: Final = (
    Noun(
        "territory",
        (
            *_CODE_NAME_ID,
            _ref("parent", "territory"),
            Field("kind", Kind.TEXT),
            Field("priority", Kind.INTEGER),
        ),
        ("code",),
    ),
    Noun(
        "user",
        (
            _must("login", Kind.CODE),
            _must("name", Kind.TEXT),
            _EXTERNAL_ID,
            Field("email", Kind.EMAIL),
            Field("title", Kind.TEXT),
            _ref("manager", "user"),
            Field("role", Kind.CODE),
            Field("hired_on", Kind.DATE),
            Field("active", Kind.BOOL),
            Field("os_user", Kind.CODE),
            Field("database_role", Kind.CODE),
            *_PLACE,
        ),
        ("login",),
    ),
    Noun("team", (*_CODE_NAME_ID, _ref("territory"), _ref("lead", "user")), ("code",)),
    Noun(
        "team-member",
        (_ref("team", required=True), _ref("user", required=True), Field("role", Kind.TEXT), *_VALID),
        ("team", "user", "valid_from"),
        span=_VALIDITY,
    ),
    Noun(
        "member",
        (
            _ref("territory", required=True),
            _ref("user", required=True),
            _choice("role", "manager", "account_manager", "specialist", required=True),
            *_VALID,
        ),
        ("territory", "user", "role", "valid_from"),
        span=_VALIDITY,
    ),
    Noun("skill", _CODE_NAME_ID, ("code",)),
    Noun("user-skill", (_ref("user", required=True), _ref("skill", required=True), _LEVEL), ("user", "skill")),
    Noun(
        "account",
        (
            *_CODE_NAME_ID,
            _ref("territory"),
            _ref("owner", "user"),
            *_text("segment", "industry"),
            _choice("kind", "customer", "prospect", "partner"),
            _ref("parent", "account"),
            *_text("city", "region", "country", "postal_code", "phone", "website"),
            Field("employees", Kind.INTEGER),
            Field("annual_revenue", Kind.MONEY),
            Field("potential", Kind.MONEY),
            _CURRENCY,
            Field("owned_since", Kind.DATE),
            Field("hours", Kind.QUANTITY),
            *_PLACE,
        ),
        ("code",),
    ),
    Noun(
        "account-need",
        (
            _ref("account", required=True),
            _ref("skill", required=True),
            _LEVEL,
            Field("weight", Kind.INTEGER, between=(1, 1000)),
        ),
        ("account", "skill"),
    ),
    Noun(
        "contact",
        (
            _must("external_id", Kind.CODE),
            _ref("account", required=True),
            _must("name", Kind.TEXT),
            Field("title", Kind.TEXT),
            Field("email", Kind.EMAIL),
            Field("phone", Kind.TEXT),
        ),
        ("external_id",),
    ),
    Noun(
        "product",
        (
            *_CODE_NAME_ID,
            *_text("family", "subfamily", "unit"),
            Field("active", Kind.BOOL),
            Field("cost", Kind.UNIT_PRICE),
            _CURRENCY,
        ),
        ("code",),
    ),
    Noun(
        "price",
        (
            _ref("product", required=True),
            Field("price_book", Kind.CODE),
            _CURRENCY,
            _must("unit_price", Kind.UNIT_PRICE),
            _must("valid_from", Kind.DATE),
            Field("valid_to", Kind.DATE),
        ),
        ("product", "price_book", "currency", "valid_from"),
        span=_VALIDITY,
    ),
    Noun(
        "feature",
        (
            _ref("bundle", "product", required=True),
            *_CODE_NAME_ID[:2],
            Field("min", Kind.INTEGER, between=(0, 10_000)),
            Field("max", Kind.INTEGER, between=(0, 10_000)),
            Field("position", Kind.INTEGER),
        ),
        ("bundle", "code"),
    ),
    Noun(
        "feature-option",
        (
            _ref("bundle", "product", required=True),
            _must("feature", Kind.CODE),
            _ref("product", required=True),
            Field("min", Kind.QUANTITY),
            Field("max", Kind.QUANTITY),
            Field("step", Kind.QUANTITY),
            Field("default", Kind.QUANTITY),
            Field("included", Kind.QUANTITY),
            Field("required", Kind.BOOL),
            Field("position", Kind.INTEGER),
        ),
        ("bundle", "feature", "product"),
    ),
    Noun(
        "product-attribute",
        (_ref("product", required=True), _must("attribute", Kind.CODE), _must("amount", Kind.QUANTITY)),
        ("product", "attribute"),
    ),
    Noun(
        "configuration-rule",
        (
            _must("code", Kind.CODE),
            _ref("bundle", "product"),
            _choice("kind", "requires", "excludes", "at_most", "sum", required=True),
            Field("attribute", Kind.CODE),
            Field("against", Kind.CODE),
            Field("at_least", Kind.QUANTITY),
            Field("at_most", Kind.QUANTITY),
            Field("message", Kind.TEXT),
            Field("position", Kind.INTEGER),
        ),
        ("code",),
    ),
    Noun(
        "rule-product",
        (
            _ref("rule", "configuration-rule", required=True),
            _choice("part", "when", "what", default="what"),
            _ref("product", required=True),
            Field("position", Kind.INTEGER),
        ),
        ("rule", "part", "product"),
    ),
    Noun(
        "stock",
        (
            _ref("product", required=True),
            _must("warehouse", Kind.CODE),
            _must("quantity", Kind.QUANTITY),
            Field("reorder_point", Kind.QUANTITY),
            Field("bin", Kind.TEXT),
            Field("counted_on", Kind.DATE),
        ),
        ("product", "warehouse"),
    ),
    Noun(
        "arrival",
        (
            _ref("product", required=True),
            _must("warehouse", Kind.CODE),
            _must("reference", Kind.CODE),
            _must("quantity", Kind.QUANTITY),
            _must("expected_on", Kind.DATE),
            Field("received_on", Kind.DATE),
        ),
        ("product", "warehouse", "reference"),
    ),
    Noun(
        "contract-price",
        (
            _must("code", Kind.CODE),
            _EXTERNAL_ID,
            _ref("account", required=True),
            _choice("kind", "contract", "customer"),
            *_PRICED,
            *_VALUED,
        ),
        ("code",),
        any_of=_VALUES,
        span=_VALIDITY,
    ),
    Noun(
        "promotion",
        (
            *_CODE_NAME_ID,
            Field("segment", Kind.TEXT),
            *_PRICED,
            Field("max_quantity", Kind.QUANTITY),
            *_VALUED,
        ),
        ("code",),
        any_of=_VALUES,
        span=_VALIDITY,
    ),
    Noun(
        "exchange-rate",
        (
            _must("from_currency", Kind.CURRENCY),
            _must("to_currency", Kind.CURRENCY),
            _must("rated_on", Kind.DATE),
            _must("rate", Kind.RATE),
        ),
        ("from_currency", "to_currency", "rated_on"),
    ),
    Noun(
        "quota",
        (
            _ref("user"),
            _ref("territory"),
            _ref("team"),
            _choice("measure", *Measure, default="revenue"),
            _must("starts_on", Kind.DATE),
            _must("ends_on", Kind.DATE),
            _must("amount", Kind.MONEY),
            _CURRENCY,
            Field("product_family", Kind.TEXT),
            Field("seasonality", Kind.CODE),
            Field("ramp", Kind.CODE),
            Field("active_from", Kind.DATE),
            Field("active_until", Kind.DATE),
        ),
        ("user", "team", "territory", "measure", "product_family", "starts_on"),
        any_of=("user", "territory", "team"),
        span=("starts_on", "ends_on"),
    ),
    Noun(
        "opportunity",
        (
            *_CODE_NAME_ID[:2],
            _ref("account", required=True),
            _EXTERNAL_ID,
            _ref("seller", "user"),
            _must("stage", Kind.CODE),
            Field("amount", Kind.MONEY),
            _CURRENCY,
            _must("close_on", Kind.DATE),
            Field("probability", Kind.SHARE),
            Field("created_on", Kind.DATE),
            Field("closed_on", Kind.DATE),
            *_text("next_step", "product_family"),
        ),
        ("code",),
    ),
    Noun(
        "activity",
        (
            _must("external_id", Kind.CODE),
            _choice("kind", "call", "visit", "meeting", "email", "task", required=True),
            _must("subject", Kind.TEXT),
            _ref("account"),
            _ref("opportunity"),
            _ref("owner", "user", required=True),
            Field("planned_on", Kind.DATE),
            Field("done_on", Kind.DATE),
            Field("note", Kind.TEXT),
        ),
        ("external_id",),
    ),
    Noun(
        "order",
        (
            _must("code", Kind.CODE),
            _ref("account", required=True),
            _EXTERNAL_ID,
            _ref("seller", "user"),
            _ref("territory"),
            _must("booked_on", Kind.DATE),
            Field("completed_on", Kind.DATE),
            *_text("channel", "status"),
            _must("amount", Kind.MONEY),
            Field("tax", Kind.MONEY),
            Field("freight", Kind.MONEY),
            Field("total", Kind.MONEY),
            _CURRENCY,
            Field("purchase_order", Kind.TEXT),
        ),
        ("code",),
    ),
    Noun(
        "order-line",
        (
            _ref("order", required=True),
            _must("line", Kind.INTEGER),
            _ref("product", required=True),
            _must("quantity", Kind.QUANTITY),
            Field("unit_price", Kind.UNIT_PRICE),
            Field("discount", Kind.SHARE),
            _must("amount", Kind.MONEY),
            _CURRENCY,
        ),
        ("order", "line"),
    ),
)

NOUNS: Final[dict[str, Noun]] = {noun.name: noun for noun in _ALL}
"""By name, each after those it refers to."""

REASSIGNMENT: Final = Noun(
    "reassignment",
    (
        _ref("account", required=True),
        _ref("new_owner", "user"),
        _ref("territory"),
        Field("effective", Kind.DATE),
    ),
    ("account",),
    any_of=("new_owner", "territory"),
)
"""A row of a file that says to whom, or where, an account goes."""

PLACE: Final = Noun(
    "place",
    (
        _must("place", Kind.TEXT),
        Field("latitude", Kind.DEGREES, required=True, between=(-90, 90)),
        Field("longitude", Kind.DEGREES, required=True, between=(-180, 180)),
    ),
    ("place",),
)
"""A row of a file that says where something is: an account, a person, a postal code, a city or a region."""

QUOTA_ROW: Final = Noun(
    "quota row",
    (
        _ref("user"),
        _ref("team"),
        _ref("territory"),
        _choice("measure", *Measure, default="revenue"),
        Field("product_family", Kind.TEXT),
        Field("period", Kind.CODE),
        Field("starts_on", Kind.DATE),
        Field("ends_on", Kind.DATE),
        _must("amount", Kind.MONEY),
        _CURRENCY,
        Field("seasonality", Kind.CODE),
        Field("ramp", Kind.CODE),
        Field("active_from", Kind.DATE),
        Field("active_until", Kind.DATE),
    ),
    ("user", "team", "territory", "measure", "product_family", "period", "starts_on"),
    any_of=("user", "team", "territory"),
    span=("starts_on", "ends_on"),
)
"""A row of a file that says whose quota of a period is how much."""
