"""`approvals.toml`: who must agree to an offer, and from when on."""

import re
from decimal import Decimal
from typing import Literal

from pydantic import Field, field_validator, model_validator

from sfactl.config.strict import Strict

Measure = Literal["total", "discount", "line_discount", "margin", "terms", "below_floor", "non_standard"]
_FROM_ZERO = ("below_floor", "non_standard")


class ApprovalRuleEntry(Strict):
    """Who must agree to an offer of which a measure reaches a bound."""

    code: str = Field(min_length=1, max_length=64)
    title: str = Field(default="", max_length=200)
    measure: Measure
    lowest: Decimal | None = Field(default=None, alias="from")
    "Included: an amount in the currency, a percentage, or days."
    to: Decimal | None = None
    "Excluded."
    currency: str | None = None
    territory: str | None = None
    family: str | None = None
    role: str
    step: int = Field(default=1, ge=1, le=20)
    quorum: int = Field(default=1, ge=1, le=10)
    hours: int = Field(default=48, ge=1, le=10_000)
    escalate_to: str | None = None

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> "ApprovalRuleEntry":
        if not re.fullmatch("[a-z0-9][a-z0-9_-]*", self.code):
            raise ValueError(f"`{self.code}`: a rule's code has small letters, figures, hyphens and underscores")
        if (self.measure == "total") != (self.currency is not None):
            raise ValueError(f"rule {self.code}: a total has a currency, and nothing else has one")
        if self.measure in _FROM_ZERO:
            if self.lowest is not None or self.to is not None:
                raise ValueError(f"rule {self.code}: {self.measure} has no bounds")
        elif self.measure == "margin":
            if self.to is None:
                raise ValueError(f"rule {self.code}: a margin says `to`, below which somebody must agree")
        elif self.lowest is None:
            raise ValueError(f"rule {self.code}: say `from` which {self.measure} on somebody must agree")
        if self.lowest is not None and self.to is not None and self.to <= self.lowest:
            raise ValueError(f"rule {self.code}: `to` lies above `from`")
        return self


class ApprovalsFile(Strict):
    """`approvals.toml`."""

    rule: list[ApprovalRuleEntry] = Field(default_factory=list)

    @field_validator("rule")
    @classmethod
    def _each_once(cls, rules: list[ApprovalRuleEntry]) -> list[ApprovalRuleEntry]:
        codes = [rule.code for rule in rules]
        for code in codes:
            if codes.count(code) > 1:
                raise ValueError(f"two rules are called {code}")
        return rules

    @model_validator(mode="after")
    def _higher_bounds_stand_on_higher_steps(self) -> "ApprovalsFile":
        for one in self.rule:
            for other in self.rule:
                same = (one.measure, one.currency, one.territory, one.family) == (
                    other.measure, other.currency, other.territory, other.family,
                )  # fmt: skip
                if same and one is not other and _asks_more(one, other) and one.step <= other.step:
                    raise ValueError(
                        f"rule {one.code} asks from a worse {one.measure} on than {other.code}: give it a higher step"
                    )
        return self


def _asks_more(one: ApprovalRuleEntry, other: ApprovalRuleEntry) -> bool:
    if one.measure == "margin":
        return (one.to or 0) < (other.to or 0)
    return one.lowest is not None and other.lowest is not None and one.lowest > other.lowest
