"""What a balance is asked for, and what its problem stands for in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sfactl.core.balancing import Limits, Person, Position, Problem
from sfactl.core.plans import Left
from sfactl.core.win_odds import Trial
from sfactl.services.moves import Now
from sfactl.services.plan_names import Names

NEW: Final = "new:"
"""Before a territory: somebody who is not there yet, and would sell there."""
_MICRO: Final = 1_000_000


@dataclass(frozen=True)
class Split:
    """A territory in two parts: the accounts for which a condition holds, and the others; nobody works in both."""

    territory: str
    condition: str


@dataclass(frozen=True)
class Scenario:
    """What is otherwise than it is."""

    with_: tuple[str, ...] = ()
    "Logins of people who come in; `new:SW` for somebody who is not there yet."
    without: tuple[str, ...] = ()
    "Logins of people whose accounts go to the others."
    hours: Mapping[str, int] = field(default_factory=dict)
    "Person to hours in a year."
    splits: tuple[Split, ...] = ()

    @property
    def newcomers(self) -> tuple[str, ...]:
        """The territories of those who are not there yet."""
        return tuple(each[len(NEW) :] for each in self.with_ if each.lower().startswith(NEW))

    @property
    def comers(self) -> tuple[str, ...]:
        """The logins of those who come in."""
        return tuple(each for each in self.with_ if not each.lower().startswith(NEW))


@dataclass(frozen=True)
class Request:
    """What is to be balanced: a team, a territory, or with neither everything in sight."""

    team: str | None = None
    territory: str | None = None
    scenario: Scenario = field(default_factory=Scenario)
    has_unowned: bool = False
    "Whether accounts of nobody are shared out, too."
    is_across: bool = False
    "Whether an account may go to another territory of those that are balanced."
    is_together: bool = False
    "Whether families that are divided among several owners are put together."
    locked: tuple[str, ...] = ()
    where: str | None = None
    "A condition: only accounts for which it holds are shared out, the others stay."
    limits: Limits = field(default_factory=Limits)
    places: Mapping[str, Position] = field(default_factory=dict)
    "Where accounts, people, postal codes, cities and regions are, by folded name, beside what the database says."


@dataclass(frozen=True)
class Held:
    """An account of the problem as the database knows it."""

    now: Now
    name: str
    segment: str | None
    revenue_minor: int
    work_e3: int
    is_usual: bool = False
    "Whether its work is what the policy says of its segment."
    is_foreign: bool = False
    "Whether its revenue is in another currency, and counts nothing."


@dataclass(frozen=True)
class Kept:
    """What was found out about accounts while the problem was read, and is to be known."""

    stays: Mapping[str, str] = field(default_factory=dict)
    "By account's code, why it stays with its owner."
    lacking: Mapping[str, str] = field(default_factory=dict)
    "By account's code, what it requires that nobody knows to whom it may go; its owner leaves."
    divided: int = 0
    "Families with several owners."
    torn: tuple[str, ...] = ()
    "Families that nobody may have as a whole: their accounts are free of each other."
    usual_people: tuple[str, ...] = ()
    "Logins of those whose hours are what the policy says."


@dataclass(frozen=True)
class Basis:
    """A problem, and what its keys stand for."""

    problem: Problem
    held: Mapping[str, Held]
    "By account's code."
    homes: Mapping[str, Sequence[int]]
    "By login, the territories in which a person sells, the first of the tree first."
    served: Mapping[str, frozenset[int]]
    "By login, the territories whose accounts a person may have without their lying elsewhere."
    left: tuple[Left, ...]
    names: Names
    currency: str
    kept: Kept = field(default_factory=Kept)
    is_together: bool = False
    "Whether families of several owners are put together."
    hours: Mapping[str, int] = field(default_factory=dict)
    "By login, the thousandths of hours that each can work with all his accounts, once he is no longer new."
    leavers: tuple[Person, ...] = ()
    "Those whose accounts go to the others, with their hours."
    trial: Trial | None = None
    "How the odds were tried, where they are a goal."


def position(latitude_e6: int | None, longitude_e6: int | None) -> Position | None:
    """A place of the database."""
    if latitude_e6 is None or longitude_e6 is None:
        return None
    return Position(latitude_e6 / _MICRO, longitude_e6 / _MICRO)
