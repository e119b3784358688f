"""What every screen works with."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sfactl.config.settings import Screens

if TYPE_CHECKING:
    from sfactl.core.actor import Actor
    from sfactl.db.session import Door


def local_now() -> datetime:
    """The moment on the clock of this machine."""
    return datetime.now().astimezone()


@dataclass
class Known:
    """What was learned from the data."""

    actor: "Actor | None" = None
    "Who works here, with the rights he had when something was read last; None before."


@dataclass(frozen=True)
class Desk:
    """The way to the data, and how the person at the keyboard reads numbers and dates."""

    way: "Door | Callable[[], Door]"
    "The door, or what makes it: making it loads what talks to databases, which is better done behind the first picture."
    locale: str
    clock: Callable[[], datetime] = local_now
    "Says when figures were read."
    likes: Screens = field(default_factory=Screens)
    "Colours, keys and filters, as the person likes them."
    settings_path: Path | None = None
    "The file in which they are kept; None where nothing is."
    drafts: dict[str, dict[str, str]] = field(default_factory=dict)
    "What was typed into forms that somebody else's change made obsolete, by their titles."
    known: Known = field(default_factory=Known)

    def require(self, right: str) -> None:
        """Refuse what the person may not do, as the service would after all was typed.

        Raises:
            NotAllowed: as of `Actor.require`; nothing before it is known who works here.
        """
        if right and self.known.actor is not None:
            self.known.actor.require(right)

    @property
    def greets(self) -> bool:
        """Whether somebody is here for the first time: where it cannot be kept that he was, nobody is greeted."""
        path = self.settings_path
        if path is None or self.likes.is_greeted:
            return False
        return os.access(path if path.exists() else path.parent, os.W_OK)

    def filters(self, screen: str) -> dict[str, str]:
        """The filters of a screen that were kept, by their names."""
        return self.likes.filters.setdefault(screen, {})

    @cached_property
    def door(self) -> "Door":
        """The way to the data."""
        return self.way() if callable(self.way) else self.way
