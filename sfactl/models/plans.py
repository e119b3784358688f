"""Changes in bulk: the lines of a plan on their way in, and what a plan leaves for a later day."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, text

from sfactl.models.base import STRICT, Field, Keyed, Model, key_of, metadata
from sfactl.models.types import Day, Whole, Words


class PlanStage(Model, table=True):
    """A line of a plan on its way in, or waiting for its day; each person sees the lines of his own.

    Persons and territories stand as keys, resolved when the line was staged; `row_id` is the row that it changes.
    """

    __tablename__ = "plan_stage"
    __table_args__ = ({**STRICT, "sqlite_with_rowid": False},)

    stage_id: int = Field(primary_key=True, sa_type=Whole, sa_column_kwargs={"autoincrement": False})
    "A number of this staging alone; for a plan that waits for its day, the key of its run."
    n: int = Field(primary_key=True, sa_type=Whole)
    "Number of the line, from 1."
    user_id: int = Field(sa_type=Whole)
    entity: str = Field(sa_type=Words)
    key: str = Field(sa_type=Words)
    "What the row is called in the plan."
    row_id: int | None = Field(default=None, nullable=True, sa_type=Whole)
    was_person: int | None = Field(default=None, nullable=True, sa_type=Whole)
    to_person: int | None = Field(default=None, nullable=True, sa_type=Whole)
    was_place: int | None = Field(default=None, nullable=True, sa_type=Whole)
    to_place: int | None = Field(default=None, nullable=True, sa_type=Whole)
    since: date | None = Field(default=None, nullable=True, sa_type=Day)
    "From which day the change holds."
    cause: str = Field(sa_type=Words)
    said: str | None = Field(default=None, sa_type=Words)
    "The line itself as JSON, for entities whose fields are not persons and territories."


class Holdover(Keyed, table=True):
    """An open opportunity stays with its seller for a time after its account went to somebody else."""

    __table_args__ = (
        Index("uq_holdover_open", "opportunity_id", unique=True, sqlite_where=text("ended_on IS NULL")),
        CheckConstraint("to_share_bp BETWEEN 0 AND 10000", name="share"),
        STRICT,
    )

    opportunity_id: int = key_of("opportunity", index=False)
    held_by_id: int | None = key_of("app_user", required=False)
    to_id: int | None = key_of("app_user", required=False)
    "Who gets it when the time is over: the account's owner."
    to_territory_id: int = key_of("territory")
    until: date = Field(sa_type=Day)
    "The first day on which it no longer holds."
    to_share_bp: int = Field(default=0, sa_type=Whole)
    "How much of a sale that is won meanwhile counts for the new owner."
    began_on: date = Field(sa_type=Day)
    ended_on: date | None = Field(default=None, sa_type=Day)
    run_id: int | None = key_of("run", required=False)


class Capacity(Keyed, table=True):
    """How much one person can work; who has no row has what the policy says for everybody."""

    __table_args__ = (
        CheckConstraint("accounts >= 0", name="accounts"),
        CheckConstraint("hours >= 0", name="hours"),
        STRICT,
    )

    user_id: int = Field(foreign_key="app_user.id", unique=True, sa_type=Whole)
    accounts: int | None = Field(default=None, nullable=True, sa_type=Whole)
    "At most so many accounts."
    hours: int | None = Field(default=None, nullable=True, sa_type=Whole)
    "Hours of work with customers in a year."


class AssignmentRule(Keyed, table=True):
    """A rule of the policy in force: which accounts go to which territory, and to whom."""

    __tablename__ = "assignment_rule"
    __table_args__ = (STRICT,)

    code: str = Field(unique=True, sa_type=Words)
    step: int = Field(default=0, sa_type=Whole)
    "Rules of a lower step come first."
    position: int = Field(sa_type=Whole)
    "Its place in the policy."
    territory_id: int = key_of("territory")
    user_id: int | None = key_of("app_user", required=False)
    "Who gets the account; the least loaded member when nobody is named."
    condition: str = Field(sa_type=Words)
    "What must hold, in the language of conditions; empty where it matches every account."


class RuleExclusion(Keyed, table=True):
    """An account that rules leave alone: everywhere, or for one territory."""

    __tablename__ = "rule_exclusion"
    __table_args__ = (
        Index("uq_rule_exclusion", "account_id", text("coalesce(territory_id, 0)"), unique=True),
        STRICT,
    )

    account_id: int = key_of("account", index=False)
    territory_id: int | None = key_of("territory", required=False)
    "The territory that may not claim it; none may when it is empty."
    since: date = Field(sa_type=Day)
    reason: str | None = Field(default=None, sa_type=Words)


class PolicySetting(Keyed, table=True):
    """What the policy in force says that every service may need, whoever is asking."""

    __tablename__ = "policy_setting"
    __table_args__ = (STRICT,)

    name: str = Field(unique=True, sa_type=Words)
    value: str = Field(sa_type=Words)
    "As JSON."


def tell_postgresql() -> None:
    """Say of the tables what only PostgreSQL is told."""
    index = next(each for each in metadata.tables["holdover"].indexes if each.name == "uq_holdover_open")
    index.dialect_kwargs["postgresql_where"] = text("ended_on IS NULL")
