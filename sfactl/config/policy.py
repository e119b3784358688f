"""The organisation's policy: a folder of TOML, read and checked; what it says is put into the database by a service."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from sfactl.config import catalogue, toml_file
from sfactl.config.approvals_policy import ApprovalsFile
from sfactl.config.catalogue import CatalogueFile
from sfactl.config.forms_policy import FormsFile
from sfactl.config.pricing import PricingFile
from sfactl.config.stock_policy import StockFile
from sfactl.config.strict import Strict as _Strict
from sfactl.errors import UsageFault
from sfactl.i18n import _

FILES = (
    "roles.toml", "calendar.toml", "process.toml", "rules.toml", "quotas.toml", "reports.toml", "stock.toml",
    "pricing.toml", "approvals.toml", "forms.toml",
)  # fmt: skip
DEFAULT_FOLDER = Path(__file__).parent / "default_policy"

ScopeName = Literal["own", "territory", "subtree", "all"]


class RoleEntry(_Strict):
    """One role: its title, its usual scope, and its actions per noun; one for emergencies is taken, not granted."""

    title: str
    scope: ScopeName
    emergency: bool = False
    may: dict[str, list[str]] = Field(default_factory=dict)

    @field_validator("may")
    @classmethod
    def _scopes_are_known(cls, may: dict[str, list[str]]) -> dict[str, list[str]]:
        for noun, actions in may.items():
            for word in actions:
                _action, _colon, scope = word.partition(":")
                if scope and scope not in ("own", "territory", "subtree", "all"):
                    raise ValueError(f"`{word}` of {noun}: the scope is own, territory, subtree or all")
        return may

    def permissions(self) -> list[tuple[str, str, str]]:
        """Rows of noun, action and scope; `*` stands for itself."""
        return [
            (noun, word.partition(":")[0], word.partition(":")[2] or self.scope)
            for noun, actions in self.may.items()
            for word in actions
        ]


class RolesFile(_Strict):
    """`roles.toml`."""

    roles: dict[str, RoleEntry]


class CalendarFile(_Strict):
    """`calendar.toml`."""

    fiscal_first_month: int = Field(default=1, ge=1, le=12)


class GateEntry(_Strict):
    """What an opportunity must have before it enters a stage."""

    fields: list[Literal["amount", "next_step", "product_family", "contact", "needs"]] = Field(default_factory=list)
    activities: dict[Literal["call", "visit", "meeting", "email", "task"], Annotated[int, Field(ge=1, le=100)]] = Field(
        default_factory=dict
    )
    "So many activities of a kind that are done."
    quote: Literal["draft", "approved", "accepted"] | None = None
    "A primary quote that has come at least so far."


class StageEntry(_Strict):
    """A step of a process; the probability is a percentage."""

    code: str
    name: str
    probability: int = Field(ge=0, le=100)
    category: Literal["pipeline", "best_case", "commit", "closed", "omitted"]
    status: Literal["open", "won", "lost"] = "open"
    guidance: str | None = None
    stuck_after: int = Field(default=30, ge=1, le=10_000)
    "So many days in it, and an opportunity is stuck."
    requires: GateEntry = Field(default_factory=GateEntry)
    automatic: list[Literal["configure", "quote"]] = Field(default_factory=list)
    "What is done by itself when an opportunity enters."


class ProcessEntry(_Strict):
    """A process with its stages in order."""

    code: str
    name: str
    stage: list[StageEntry]

    @model_validator(mode="after")
    def _stages_make_sense(self) -> "ProcessEntry":
        codes = [stage.code for stage in self.stage]
        if len(set(codes)) != len(codes):
            raise ValueError(f"process {self.code} has two stages with one code")
        if {stage.status for stage in self.stage} != {"open", "won", "lost"}:
            raise ValueError(f"process {self.code} needs an open, a won and a lost stage")
        return self


class ProcessFile(_Strict):
    """`process.toml`."""

    process: list[ProcessEntry]


class NotifyEntry(_Strict):
    """Who is told of a bulk change."""

    moves: bool = False
    "Whether each person whose accounts come or go gets one mail."


class WorkEntry(_Strict):
    """How much work an account asks for: calls in a year, each with the hours it takes and those of the way there."""

    calls: int = Field(default=12, ge=0, le=10_000)
    duration: Decimal = Field(default=Decimal(1), ge=0, le=1000)
    travel: Decimal = Field(default=Decimal("0.5"), ge=0, le=1000)


class WorkloadEntry(WorkEntry):
    """The same for every segment that has no numbers of its own."""

    segment: dict[str, WorkEntry] = Field(default_factory=dict)


class CapacityEntry(_Strict):
    """How much a person can work, unless something else is said of him."""

    accounts: int | None = Field(default=None, ge=0)
    "At most so many accounts; no such bound when it is not said."
    hours: int = Field(default=1600, ge=0, le=100_000)
    "Hours with customers in a year."
    ramp: list[Annotated[Decimal, Field(gt=0, le=100)]] = Field(default_factory=list, max_length=60)
    "How much of it somebody new can do in each of his first months, in percent, when accounts are balanced; later all of it."


class BalanceEntry(_Strict):
    """How accounts are balanced among people, unless something else is said on the command line."""

    goals: list[
        Literal[
            "balance=workload",
            "balance=revenue",
            "balance=potential",
            "balance=pipeline",
            "balance=booked",
            "balance=accounts",
            "fit",
            "disruption=accounts",
            "disruption=revenue",
            "disruption=pipeline",
            "travel",
            "odds",
        ]
    ] = Field(default=["balance=workload", "fit", "disruption=accounts", "travel"], min_length=1)
    "In their order."
    band: Decimal = Field(default=Decimal(15), ge=0, le=100)
    "So far from the mean a load may be and is balanced still, in percent."
    most_load: Decimal = Field(default=Decimal(100), gt=0, le=1000)
    "Nobody gets more work than so much of his hours, in percent."
    least_accounts: int = Field(default=0, ge=0)
    "What a person has at least: below it, nobody should be there."
    most_accounts: int | None = Field(default=None, ge=0)
    hold: Decimal = Field(default=Decimal("0.5"), ge=0, le=100)
    "So much of a goal that was reached may be given up for the sake of those after it, in percent."
    cost_of_person: Decimal | None = Field(default=None, ge=0, max_digits=15)
    "What a person of the usual hours costs in a year, in the workspace's currency: for the cost of scenarios."


class RangeEntry(_Strict):
    """A range of numbers."""

    lowest: int | None = Field(default=None, alias="from")
    "Included."
    to: int | None = None
    "Excluded."

    @model_validator(mode="after")
    def _says_something(self) -> "RangeEntry":
        if self.lowest is None and self.to is None:
            raise ValueError("a range has `from`, `to` or both")
        return self


Word = str | int
Wanted = Word | list[Word] | RangeEntry


class RuleEntry(_Strict):
    """Which accounts go to which territory, and to whom there."""

    code: str = Field(min_length=1, max_length=64)
    territory: str
    owner: str | None = None
    "A login; the least loaded member of the territory when nobody is named."
    step: int = Field(default=0, ge=0, le=1000)
    when: dict[str, Wanted] = Field(default_factory=dict)
    "Field to a value, to several of which any will do, or to a range; all of it must hold."
    where: str | None = None
    "A condition in words, which must hold too."


class RulesFile(_Strict):
    """`rules.toml`: who gets which accounts, and how work is weighed."""

    notify: NotifyEntry = Field(default_factory=NotifyEntry)
    workload: WorkloadEntry = Field(default_factory=WorkloadEntry)
    capacity: CapacityEntry = Field(default_factory=CapacityEntry)
    balance: BalanceEntry = Field(default_factory=BalanceEntry)
    rule: list[RuleEntry] = Field(default_factory=list)

    @model_validator(mode="after")
    def _codes_are_unique(self) -> "RulesFile":
        codes = [rule.code for rule in self.rule]
        for code in codes:
            if codes.count(code) > 1:
                raise ValueError(f"two rules are called {code}")
        return self


class ReportEntry(_Strict):
    """A saved report: another one, with what is to be said of it each time."""

    report: str
    "Name of the report that it is made of."
    title: str = Field(min_length=1, max_length=200)
    options: dict[str, str | int | bool] = Field(default_factory=dict)
    "As they are said on the command line."
    fields: list[str] = Field(default_factory=list)
    "Columns to show, in their order; those of the report when none is named."
    format: Literal["table", "json", "jsonl", "csv", "md", "html", "xlsx", "pdf"] | None = None
    notes: str | None = Field(default=None, max_length=4000)
    "Said below it, for people."


class ReportsFile(_Strict):
    """`reports.toml`: reports by name."""

    report: dict[str, ReportEntry] = Field(default_factory=dict)

    @field_validator("report")
    @classmethod
    def _names_can_be_typed(cls, report: dict[str, ReportEntry]) -> dict[str, ReportEntry]:
        for name in report:
            if not re.fullmatch("[a-z][a-z0-9-]{0,62}", name):
                raise ValueError(f"`{name}`: a report's name has small letters, figures and hyphens")
        return report


class PaceEntry(_Strict):
    """What days count for whoever is on track."""

    days: Literal["calendar", "business"] = "calendar"
    weekend: list[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]] = Field(
        default=["saturday", "sunday"]
    )
    holidays: list[date] = Field(default_factory=list)

    @model_validator(mode="after")
    def _leaves_days_to_work(self) -> "PaceEntry":
        if len(set(self.weekend)) == 7:
            raise ValueError("a week has at least one day that is no weekend")
        return self


class ActiveEntry(_Strict):
    """How a month counts in which somebody comes or goes."""

    share: Literal["months", "days"] = "months"


class SeasonalityEntry(_Strict):
    """How much of a year's quota falls into each half, quarter or month of the fiscal year, in percent."""

    weights: list[Decimal]

    @field_validator("weights")
    @classmethod
    def _come_to_100(cls, weights: list[Decimal]) -> list[Decimal]:
        if len(weights) not in (2, 4, 12):
            raise ValueError("there are 2, 4 or 12 weights, one for each half, quarter or month")
        if min(weights) < 0 or sum(weights) != 100:
            raise ValueError(f"the weights are not below 0 and come to 100, not to {sum(weights)}")
        return weights


class RampEntry(_Strict):
    """By how much of a quota somebody new is measured in his first months, in percent; later by all of it."""

    months: list[Annotated[Decimal, Field(ge=0, le=100)]] = Field(min_length=1, max_length=60)


class QuotasFile(_Strict):
    """`quotas.toml`: how quotas are spread over their time, and what days count."""

    pace: PaceEntry = Field(default_factory=PaceEntry)
    active: ActiveEntry = Field(default_factory=ActiveEntry)
    seasonality: dict[str, SeasonalityEntry] = Field(default_factory=dict)
    ramp: dict[str, RampEntry] = Field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """A whole policy, checked, with the texts it came from."""

    roles: Mapping[str, RoleEntry]
    calendar: CalendarFile
    processes: tuple[ProcessEntry, ...]
    rules: RulesFile
    reports: ReportsFile
    quotas: QuotasFile
    pricing: PricingFile
    stock: StockFile
    approvals: ApprovalsFile
    forms: FormsFile
    catalogue: Mapping[str, CatalogueFile]
    "The files of the folder `catalog`, by name."
    files: Mapping[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of the files' texts; equal for equal policies."""
        return hashlib.sha256(json.dumps(dict(self.files), sort_keys=True).encode()).hexdigest()


def load(folder: Path) -> Policy:
    """The policy in a folder; a file that is missing is the default policy's.

    Raises:
        UsageFault: the folder is missing or holds an unknown file, or a file is wrong (file, line and key are named).
    """
    if not folder.is_dir():
        raise UsageFault(_("There is no policy folder {path}.").format(path=folder))
    unknown = sorted(path.name for path in folder.glob("*.toml") if path.name not in FILES)
    if unknown:
        raise UsageFault(
            _("{path}: no policy file has this name.").format(path=folder / unknown[0]),
            _("Policy files are {names}.").format(names=", ".join(FILES)),
        )
    texts = {name: toml_file.read_text(_there_or_default(folder, name)) for name in FILES}
    for path in sorted((folder / catalogue.FOLDER).glob("*.toml")):
        texts[f"{catalogue.FOLDER}/{path.name}"] = toml_file.read_text(path)
    return from_texts(texts, folder=str(folder))


def from_texts(texts: Mapping[str, str], *, folder: str = "") -> Policy:
    """The policy that the texts of its files say; errors as of `load`."""
    prefix = f"{folder}/" if folder else ""
    roles = toml_file.parse(texts["roles.toml"], RolesFile, name=f"{prefix}roles.toml")
    calendar = toml_file.parse(texts["calendar.toml"], CalendarFile, name=f"{prefix}calendar.toml")
    process = toml_file.parse(texts["process.toml"], ProcessFile, name=f"{prefix}process.toml")
    rules = toml_file.parse(texts["rules.toml"], RulesFile, name=f"{prefix}rules.toml")
    reports = toml_file.parse(texts.get("reports.toml", ""), ReportsFile, name=f"{prefix}reports.toml")
    quotas = toml_file.parse(texts["quotas.toml"], QuotasFile, name=f"{prefix}quotas.toml")
    stock = toml_file.parse(texts.get("stock.toml", ""), StockFile, name=f"{prefix}stock.toml")
    bundles = catalogue.parse(texts, prefix=prefix)
    pricing = toml_file.parse(texts.get("pricing.toml", ""), PricingFile, name=f"{prefix}pricing.toml")
    approvals = toml_file.parse(texts.get("approvals.toml", ""), ApprovalsFile, name=f"{prefix}approvals.toml")
    forms = toml_file.parse(texts.get("forms.toml", ""), FormsFile, name=f"{prefix}forms.toml")
    return Policy(
        roles.roles, calendar, tuple(process.process), rules, reports, quotas, pricing, stock, approvals, forms, bundles,
        dict(texts),
    )  # fmt: skip


def default() -> Policy:
    """The policy that ships."""
    return load(DEFAULT_FOLDER)


def _there_or_default(folder: Path, name: str) -> Path:
    return folder / name if (folder / name).exists() else DEFAULT_FOLDER / name
