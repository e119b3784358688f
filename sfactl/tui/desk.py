"""What every screen works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfactl.db.session import Door


def local_now() -> datetime:
    """The moment on the clock of this machine."""
    return datetime.now().astimezone()


@dataclass(frozen=True)
class Desk:
    """The way to the data, and how the person at the keyboard reads numbers and dates."""

    way: "Door | Callable[[], Door]"
    "The door, or what makes it: making it loads what talks to databases, which is better done behind the first picture."
    locale: str
    clock: Callable[[], datetime] = local_now
    "Says when figures were read."

    @cached_property
    def door(self) -> "Door":
        """The way to the data."""
        return self.way() if callable(self.way) else self.way
