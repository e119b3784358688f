"""Who gets an account: whoever may, can and has the least to do.

Asked are the account managers of the account's own territory; where none of them can take it, those of the territory above,
and so on to the top. Of those who know what the account needs and are below their capacity, the one with the smallest load
gets it, of equals the one who has waited longest, then the first by login.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import lcm

from sfactl.core import skill_words
from sfactl.i18n import _

Needs = Mapping[str, int]
"""Skill to the least level that will do."""


@dataclass
class Seller:
    """Somebody who may get accounts, and what he has; counted on as he gets more."""

    key: int
    login: str
    skills: Needs
    capacity_accounts: int | None
    capacity_hours: int
    accounts: int = 0
    work_e3: int = 0
    "Thousandths of an hour."
    last_on: int = 0
    "Number of the day on which he last got an account; 0 when he never did."
    turn: int = 0
    "When he last got one here; later is larger."
    load: int = 0
    "Work over capacity, in a unit that all share, so that comparing is exact."

    def knows(self, needs: Needs) -> bool:
        """Whether he knows all of it well enough."""
        return all(self.skills.get(skill, 0) >= level for skill, level in needs.items())

    def can_take(self, work_e3: int) -> bool:
        """Whether one account more, with so much work, stays within what he can do."""
        has_room = self.capacity_accounts is None or self.accounts < self.capacity_accounts
        return has_room and self.work_e3 + work_e3 <= self.capacity_hours * 1000


@dataclass(frozen=True)
class Choice:
    """Who gets it, or why nobody does."""

    seller: Seller | None
    reason: str = ""

    @property
    def login(self) -> str | None:
        """Whose it will be; None for nobody."""
        return self.seller.login if self.seller else None


class Pool:
    """Those who may get accounts; what they get is counted, so that the next choice knows of it.

    Args:
        members: territory's key to the keys of those who sell there.
        above: territory's key to the one above it.
        codes: what people call the territories.
    """

    def __init__(
        self,
        sellers: Iterable[Seller],
        members: Mapping[int, Sequence[int]],
        above: Mapping[int, int | None],
        codes: Mapping[int, str],
    ) -> None:
        self._sellers = {seller.key: seller for seller in sellers}
        self._at = {
            place: [self._sellers[key] for key in keys if key in self._sellers] for place, keys in members.items()
        }
        self._above = above
        self._paths: dict[int, list[int]] = {}
        self._codes = codes
        self._turn = 0
        self._unit = lcm(*(seller.capacity_hours or 1 for seller in self._sellers.values()))
        for seller in self._sellers.values():
            self._weigh(seller)

    def place(self, territory: int, needs: Needs, work_e3: int, on: int = 0) -> Choice:
        """Choose somebody for an account, and count it as his.

        Args:
            on: number of the day from which he has it.
        """
        for level in self._path(territory):
            able = [each for each in self._at.get(level, ()) if each.can_take(work_e3) and each.knows(needs)]
            if able:
                chosen = min(able, key=lambda seller: (seller.load, seller.last_on, seller.turn, seller.login))
                self.moved(None, chosen.key, work_e3, on)
                return Choice(chosen)
        return Choice(None, self._why_nobody(territory, needs))

    def serves(self, key: int, territory: int) -> bool:
        """Whether somebody sells in a territory or in one above it."""
        return any(each.key == key for level in self._path(territory) for each in self._at.get(level, ()))

    def moved(self, before: int | None, after: int | None, work_e3: int, on: int = 0) -> None:
        """Count an account that goes from one to another."""
        if old := self._sellers.get(before or 0):
            old.accounts -= 1
            old.work_e3 -= work_e3
            self._weigh(old)
        if new := self._sellers.get(after or 0):
            self._turn += 1
            new.accounts += 1
            new.work_e3 += work_e3
            new.last_on, new.turn = max(new.last_on, on), self._turn
            self._weigh(new)

    def _weigh(self, seller: Seller) -> None:
        seller.load = seller.work_e3 * (self._unit // (seller.capacity_hours or 1))

    def _path(self, territory: int) -> list[int]:
        """A territory and those above it, upwards."""
        path = self._paths.get(territory)
        if path is None:
            path = []
            at: int | None = territory
            while at is not None and at not in path:
                path.append(at)
                at = self._above.get(at)
            self._paths[territory] = path
        return path

    def _why_nobody(self, territory: int, needs: Needs) -> str:
        code = self._codes.get(territory, "?")
        everybody = {
            seller.key: seller for level in self._path(territory) for seller in self._at.get(level, ())
        }.values()
        if not everybody:
            return _("nobody who may get it works in {territory} or above it").format(territory=code)
        missing = [
            (skill, level)
            for skill, level in sorted(needs.items())
            if not any(seller.skills.get(skill, 0) >= level for seller in everybody)
        ]
        if missing or not any(seller.knows(needs) for seller in everybody):
            said = skill_words.listed(missing or sorted(needs.items()))
            return _("nobody in {territory} or above it knows {skills}").format(territory=code, skills=said)
        return _("everybody in {territory} or above it who could take it is at capacity").format(territory=code)
