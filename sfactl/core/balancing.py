"""Who is to work which accounts: the question, and the shape of its answer.

A `Problem` holds people, accounts and limits; `solve` answers it for goals in their order. All figures are whole numbers: work
in minutes, money in minor units, shares and odds in basis points, distances in metres. Nothing here reads a database, and neither OR-Tools nor numpy is loaded before something is solved.

The limits are kept always: a person gets accounts of his own territories only, knows every skill that an account requires, and
has no more work or accounts than he may; locked accounts stay where they are, and the accounts of a family have one owner.
The goals come one after the other: each is made as good as it can be, and is held there while the next is looked at. What
is left open by all of them is decided for the fewest accounts that change their owner.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sfactl.errors import UsageFault
from sfactl.i18n import _

WHOLE = 10_000
"""One, in basis points."""
BAND_BP = 1500
"""So far from the mean a load may be and is balanced still."""
WORK = 60
"""What may be spent on an answer, in seconds of a usual machine; counted in steps, so that the answer is always the same."""


class Measure(StrEnum):
    """What of an account is summed up."""

    WORKLOAD = "workload"
    REVENUE = "revenue"
    POTENTIAL = "potential"
    PIPELINE = "pipeline"
    BOOKED = "booked"
    ACCOUNTS = "accounts"


class Aim(StrEnum):
    """What is to become better."""

    BALANCE = "balance"
    "Everybody has his share of a measure, by his capacity."
    FIT = "fit"
    "People know what accounts wish for."
    DISRUPTION = "disruption"
    "Little changes its owner."
    TRAVEL = "travel"
    "People live near their accounts."
    ODDS = "odds"
    "Accounts are with whoever is likely to sell to them."


FIELDS = {
    Measure.WORKLOAD: "workload",
    Measure.REVENUE: "revenue_minor",
    Measure.POTENTIAL: "potential_minor",
    Measure.PIPELINE: "pipeline_minor",
    Measure.BOOKED: "booked_minor",
}
MEASURED = {
    Aim.BALANCE: tuple(Measure),
    Aim.DISRUPTION: (Measure.ACCOUNTS, Measure.REVENUE, Measure.PIPELINE),
}
"""The aims that are of a measure, and of which; the first is meant when none is named."""


@dataclass(frozen=True)
class Goal:
    """An aim, and what it is measured by; written `balance=workload`, `fit`."""

    aim: Aim
    measure: Measure | None = None
    "For balance and disruption only."

    def __str__(self) -> str:
        return f"{self.aim}={self.measure}" if self.measure else str(self.aim)

    @property
    def is_more_better(self) -> bool:
        """Whether a larger value is the better one: so with fit and odds."""
        return self.aim in (Aim.FIT, Aim.ODDS)


def goal_of(text: str) -> Goal:
    """Read a goal as people write it: `balance=revenue`, `disruption`, `fit`.

    Raises:
        UsageFault: there is no such aim, or it is not of that measure.
    """
    name, equals, measure = text.strip().partition("=")
    try:
        aim = Aim(name)
    except ValueError:
        raise UsageFault(
            _("There is no goal {goal}.").format(goal=text), _("There are: {goals}.").format(goals=", ".join(Aim))
        ) from None
    allowed = MEASURED.get(aim, ())
    if not equals:
        return Goal(aim, allowed[0] if allowed else None)
    if measure not in allowed:
        raise UsageFault(
            _("The goal {goal} has no measure {measure}.").format(goal=aim, measure=measure),
            _("It has: {measures}.").format(measures=", ".join(allowed)) if allowed else _("Name the goal alone."),
        )
    return Goal(aim, Measure(measure))


@dataclass(frozen=True)
class Position:
    """A place on the earth, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Need:
    """How well an account wants a skill known."""

    level: int
    "At least 1."
    weight: int = 1
    "What it counts for in the fit, where it is not required; at least 1."
    is_required: bool = False
    "Nobody gets the account who does not know it so well."


@dataclass(frozen=True)
class Person:
    """Somebody who may have accounts."""

    key: str
    "His login; different for each."
    capacity: int
    "Minutes that he can work; more than nothing."
    territories: frozenset[str] = frozenset()
    "Codes of all the territories whose accounts he may have: his own with all below them."
    skills: Mapping[str, int] = field(default_factory=dict)
    "Skill to level; one that is not here he does not know."
    position: Position | None = None
    least_accounts: int | None = None
    "At least so many; the limits' figure when it is not said."
    most_accounts: int | None = None
    "At most so many; the limits' figure when it is not said."


@dataclass(frozen=True)
class Account:
    """What is to be given to somebody."""

    key: str
    "Its code; different for each."
    territory: str
    workload: int = 0
    "Minutes that it asks for."
    revenue_minor: int = 0
    potential_minor: int = 0
    pipeline_minor: int = 0
    owner: str | None = None
    "Who has it now; he need not be among the people of the problem. Giving away what nobody has is no move."
    is_locked: bool = False
    "Stays with its owner, who has to be among the people."
    why_locked: str = ""
    "Why it stays, where that is not only since somebody said so."
    family: str | None = None
    "Accounts of the same family get the same owner."
    needs: Mapping[str, Need] = field(default_factory=dict)
    position: Position | None = None
    visits: int = 1
    "How often one travels to it: what a metre counts for."
    booked_minor: int = 0
    "What was ordered in a year; nothing where it is no goal."
    odds: Mapping[str, int] = field(default_factory=dict)
    "Person to the odds that he sells to it, in basis points; nothing for those who are not here."

    def amount(self, measure: Measure) -> int:
        """What it counts for in a measure."""
        return 1 if measure is Measure.ACCOUNTS else int(getattr(self, FIELDS[measure]))


@dataclass(frozen=True)
class Limits:
    """What must not be exceeded."""

    band_bp: int = BAND_BP
    "A load is balanced within so much of the mean, up and down."
    most_load_bp: int | None = WHOLE
    "Nobody's work is more than this part of his capacity; no such bound when it is None."
    most_moved: int | None = None
    "At most so many accounts change their owner."
    most_revenue_moved_bp: int | None = None
    "At most this part of all revenue changes its owner."
    least_accounts: int = 0
    "What a person has at least: critical mass."
    most_accounts: int | None = None
    hold_bp: int = 0
    "A goal that was reached may get worse by this part of its value, for the sake of those after it."


@dataclass(frozen=True)
class Problem:
    """Who may have what."""

    people: tuple[Person, ...]
    accounts: tuple[Account, ...]
    limits: Limits = Limits()


class Kind(StrEnum):
    """Why a problem has no answer."""

    NOBODY_THERE = "nobody-there"
    "Nobody may have accounts of the territory."
    SKILL = "skill"
    "Nobody of those who may have the account knows what it requires."
    LOCKED = "locked"
    "A locked account is with somebody who may not have it."
    FAMILY = "family"
    "The accounts of a family cannot be with one person."
    CAPACITY = "capacity"
    "There is more work than the people can do who may do it."
    ACCOUNTS = "accounts"
    "There are more, or fewer, accounts than the people may have."
    MOVES = "moves"
    "More has to move than may."
    NOT_FOUND = "not-found"
    "Each limit can be kept, and all together either cannot, or it was not found how."


@dataclass(frozen=True)
class Obstacle:
    """What makes a problem infeasible, by name."""

    kind: Kind
    said: str
    "A sentence for a person."
    accounts: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How good a goal was, is, and can be at most.

    The value of a goal: balance, what lies outside the band (see `balancing_measures.outside`), in the unit of its measure; fit, ten-thousandths
    of the weight of all wishes; disruption, accounts or minor units moved; travel, metres; odds, basis points summed up.
    """

    goal: Goal
    before: int
    "As the accounts are now; those that nobody has, or somebody outside, count for no fit, odds, travel or load."
    after: int
    reached: int
    "What was found before it gave way to the goals after it, as far as the limits let it."
    bound: int
    "Nothing better than this can be, with the limits kept and the goals before it held."
    whole: int
    "What the gap is a part of, where the value is nothing: all of the measure, or of the weights."

    @property
    def is_proven(self) -> bool:
        """Nothing better exists than what was reached."""
        return self.reached == self.bound

    @property
    def gap_bp(self) -> int:
        """So much better it may be at most, rounded up: a part of the value, for balance of all there is of the measure."""
        return self._part(self.reached, self.bound)

    @property
    def given_bp(self) -> int:
        """So much of it was given for the goals after it, rounded up."""
        return self._part(self.after, self.reached)

    def _part(self, worse: int, better: int) -> int:
        away = abs(worse - better)
        of = self.whole if self.goal.aim is Aim.BALANCE else max(worse, better)
        return -(-away * WHOLE // of) if away else 0


@dataclass(frozen=True)
class Load:
    """What a person had and gets, in one measure."""

    person: str
    measure: Measure
    capacity: int
    before: int
    after: int
    accounts_before: int
    accounts_after: int
    index_before: int
    "Load over the mean load, in basis points, rounded half-up: 10,000 is the mean. What nobody has counts for the mean too."
    index_after: int


@dataclass(frozen=True)
class Move:
    """An account that gets another owner."""

    account: str
    before: str | None
    "None: nobody had it."
    after: str
    gains: Mapping[str, int]
    "Goal to how much better it is than if this account alone had stayed; below zero where worse. Nothing without a person before."
    neighbour: "Alternative | None" = None
    "The next best of the others; none where there is but one person."


@dataclass(frozen=True)
class Alternative:
    """Somebody else who might have had an account, and what would have come of it."""

    person: str
    obstacle: str | None
    "Which limit it would break: a sentence."
    gains: Mapping[str, int]
    "Goal to how much better it would be than as it was decided, with its family; below zero where worse."


@dataclass(frozen=True)
class Progress:
    """How far the work is."""

    goal: Goal
    step: int
    "Which of the goals it is, from 1."
    steps: int
    value: int | None
    "The best that was found, when anything was."
    bound: int | None
    done_bp: int
    "What part of all the work that may be spent is spent."


Watch = Callable[[Progress], None]


@dataclass(frozen=True)
class Answer:
    """Who gets what, and how good that is; or why there is no answer."""

    owners: Mapping[str, str]
    "Account to person, for all accounts; empty when there is no answer."
    outcomes: tuple[Outcome, ...] = ()
    "The goals in their order; last the accounts that move, unless that was a goal."
    loads: tuple[Load, ...] = ()
    "In the measure of the first balance, or in workload; by person, in the problem's order."
    moves: tuple[Move, ...] = ()
    "In the problem's order of accounts; accounts that nobody had are among them."
    obstacles: tuple[Obstacle, ...] = ()
    was_cancelled: bool = False
    "Somebody stopped the work: the best that was found until then."

    @property
    def is_feasible(self) -> bool:
        """Whether there is an answer."""
        return not self.obstacles

    @property
    def is_proven(self) -> bool:
        """Nothing better exists for any goal, the goals before it held."""
        return self.is_feasible and all(each.is_proven for each in self.outcomes)


def solve(
    problem: Problem,
    goals: tuple[Goal, ...],
    *,
    seed: int = 1,
    work: int = WORK,
    progress: Watch | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> Answer:
    """Who is to have which account. The same problem, goals, seed and work always give the same answer.

    Args:
        goals: in their order; none twice.
        work: what may be spent, in seconds of a usual machine.
        progress: is told how far it is, a few times a second.
        is_cancelled: is asked as often whether to stop; a KeyboardInterrupt stops it too. What comes back is the best until then.

    Raises:
        UsageFault: the problem is not one: a key twice, a capacity of nothing, a figure below zero, no people, a goal twice.
    """
    from sfactl.core import balancing_solver

    return balancing_solver.solve(problem, goals, seed, work, progress, is_cancelled)
