"""What every screen works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sfactl.db.session import Door


def local_now() -> datetime:
    """The moment on the clock of this machine."""
    return datetime.now().astimezone()


@dataclass(frozen=True)
class Desk:
    """The way to the data, and how the person at the keyboard reads numbers and dates."""

    door: Door
    locale: str
    clock: Callable[[], datetime] = local_now
    "Says when figures were read."
