"""`catalog/*.toml`: bundles with their features and options, attributes of products, and the rules of a configuration."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StrictBool, model_validator

from sfactl.config import toml_file
from sfactl.config.places import Places
from sfactl.config.strict import Strict as _Strict
from sfactl.errors import UsageFault
from sfactl.i18n import _

FOLDER = "catalog"

Amount = Annotated[Decimal, Field(gt=-1_000_000_000, lt=1_000_000_000, decimal_places=3)]
Quantity = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=3)]
Code = Annotated[str, Field(min_length=1, max_length=64)]
Message = Annotated[str, Field(min_length=1, max_length=500)]


class OptionEntry(_Strict):
    """A product that may be chosen for a feature."""

    product: Code
    min: Annotated[Quantity, Field(gt=0)] = Decimal(1)
    "So many at least, once it is chosen."
    max: Annotated[Quantity, Field(gt=0)] | None = None
    step: Annotated[Quantity, Field(gt=0)] = Decimal(1)
    "A quantity is a multiple of this."
    default: Quantity = Decimal(0)
    "So many where nothing is said of the feature."
    included: StrictBool | Quantity = False
    "So many are in the price of the bundle: all of them, none, or a number."
    required: bool = False

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> "OptionEntry":
        first = -(-self.min // self.step) * self.step
        if self.max is not None and first > self.max:
            raise ValueError(f"no quantity from {self.min} to {self.max} is a multiple of {self.step}")
        if self.default and (
            self.default % self.step or self.default < first or (self.max is not None and self.default > self.max)
        ):
            raise ValueError(f"the default {self.default} is not among the quantities that may be chosen")
        if self.included is True and self.max is None:
            raise ValueError("say `max`, or how many are included")
        return self

    @property
    def included_quantity(self) -> Decimal:
        """How many are in the price of the bundle."""
        if isinstance(self.included, bool):
            return (self.max or Decimal(0)) if self.included else Decimal(0)
        return self.included


class FeatureEntry(_Strict):
    """A part of a bundle; between `min` and `max` different options are chosen for it."""

    code: Code
    name: Annotated[str, Field(min_length=1, max_length=200)]
    min: int = Field(default=0, ge=0, le=10_000)
    max: int | None = Field(default=None, ge=0, le=10_000)
    option: list[OptionEntry] = Field(min_length=1)

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> "FeatureEntry":
        if self.max is not None and self.max < self.min:
            raise ValueError(f"feature {self.code}: `max` is below `min`")
        _require_different([option.product for option in self.option], f"feature {self.code}: two options are")
        return self


class BundleEntry(_Strict):
    """A product that consists of others."""

    product: Code
    feature: list[FeatureEntry] = Field(min_length=1)

    @model_validator(mode="after")
    def _codes_are_unique(self) -> "BundleEntry":
        _require_different(
            [feature.code for feature in self.feature], f"bundle {self.product}: two features are called"
        )
        return self


Products = Code | Annotated[list[Code], Field(min_length=1)]


class ConfigurationRuleEntry(_Strict):
    """What every configuration must keep: exactly one of `requires`, `excludes`, `at_most` with `of`, and `sum`."""

    code: Code
    bundle: Code | None = None
    "The bundle it holds for; all of them when none is named."
    when: Products | None = None
    "Products of which any one makes it hold."
    requires: Products | None = None
    "Of these, one at least."
    excludes: Products | None = None
    "None of these together with `when`; without `when`, only one of them."
    of: Products | None = None
    "What `at_most` counts, or `sum` adds up; all that is chosen, for a sum that says nothing."
    at_most: Amount | None = None
    sum: Code | None = None
    "An attribute, added up over the bundle and what is chosen."
    at_least: Amount | None = None
    no_more_than: Code | None = None
    "The attribute whose sum is not exceeded."
    message: Message | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> "ConfigurationRuleEntry":
        said = [name for name in ("requires", "excludes", "sum") if getattr(self, name) is not None]
        if len(said) > 1 or (not said and (self.at_most is None or self.of is None)):
            raise ValueError(f"rule {self.code} says one of `requires`, `excludes`, `sum`, and `at_most` with `of`")
        self._require_bounds(said)
        return self

    def _require_bounds(self, said: list[str]) -> None:
        is_sum = said == ["sum"]
        bounds = [each for each in (self.at_most, self.at_least, self.no_more_than) if each is not None]
        if is_sum and not bounds:
            raise ValueError(f"rule {self.code}: a sum has `at_least`, `at_most` or `no_more_than`")
        if self.no_more_than is not None and len(bounds) > 1:
            raise ValueError(f"rule {self.code}: `no_more_than` stands alone")
        if not is_sum and (self.at_least is not None or self.no_more_than is not None):
            raise ValueError(f"rule {self.code}: `at_least` and `no_more_than` belong to a `sum`")
        if said and not is_sum and (self.at_most is not None or self.of is not None):
            raise ValueError(f"rule {self.code}: `at_most` and `of` do not belong to `{said[0]}`")
        if self.when is not None and said not in (["requires"], ["excludes"]):
            raise ValueError(f"rule {self.code}: `when` belongs to `requires` or `excludes`")

    @property
    def kind(self) -> Literal["requires", "excludes", "at_most", "sum"]:
        """What it says."""
        if self.requires is not None:
            return "requires"
        if self.excludes is not None:
            return "excludes"
        return "sum" if self.sum is not None else "at_most"

    @property
    def what(self) -> tuple[str, ...]:
        """The products that it speaks of, but for its condition."""
        return listed(self.requires) or listed(self.excludes) or listed(self.of)


class CatalogueFile(_Strict):
    """A file of the folder `catalog`."""

    attributes: dict[Code, dict[Code, Amount]] = Field(default_factory=dict)
    "Product to attribute to what one piece has of it."
    bundle: list[BundleEntry] = Field(default_factory=list)
    rule: list[ConfigurationRuleEntry] = Field(default_factory=list)

    @model_validator(mode="after")
    def _codes_are_unique(self) -> "CatalogueFile":
        _require_different([bundle.product for bundle in self.bundle], "two bundles are called")
        _require_different([rule.code for rule in self.rule], "two rules are called")
        return self


def listed(products: str | list[str] | None) -> tuple[str, ...]:
    """Products, each once, whether one or several are written."""
    if products is None:
        return ()
    return (products,) if isinstance(products, str) else tuple(dict.fromkeys(products))


def _require_different(codes: list[str], what: str) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise ValueError(f"{what} {code}")
        seen.add(code)


def parse(texts: Mapping[str, str], *, prefix: str = "") -> dict[str, CatalogueFile]:
    """The files of the catalogue by name, among all texts of a policy.

    Raises:
        UsageFault: a file is wrong, or two of them say the same; file, line and key are named.
    """
    files = {
        name: toml_file.parse(text, CatalogueFile, name=f"{prefix}{name}")
        for name, text in sorted(texts.items())
        if name.startswith(f"{FOLDER}/")
    }
    first: dict[tuple[str, ...], str] = {}
    for name, file in files.items():
        for key, path in _said(file):
            if key in first:
                raise _said_twice(f"{prefix}{name}", texts[name], path, key, first[key])
            first[key] = name
    return files


_Path = tuple[str | int, ...]


def _said(file: CatalogueFile) -> Iterator[tuple[tuple[str, ...], _Path]]:
    """What a file says that only one may say, and where."""
    yield from ((("bundle", each.product), ("bundle", n, "product")) for n, each in enumerate(file.bundle))
    yield from ((("rule", each.code), ("rule", n, "code")) for n, each in enumerate(file.rule))
    for product, amounts in file.attributes.items():
        yield from ((("attribute", product, name), ("attributes", product, name)) for name in amounts)


def _said_twice(name: str, text: str, path: _Path, key: tuple[str, ...], other: str) -> UsageFault:
    line, column = Places(text).find(path)
    return UsageFault(
        _("{where}: {what} is said in {other} already.").format(
            where=f"{name}:{line}:{column}", what=" ".join(key), other=other
        ),
        _("Leave it in one of the files."),
    )
