"""People and territories by the names that plans use, in both directions; there are few enough to keep them all."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from sfactl.db.session import Session
from sfactl.errors import NotFound
from sfactl.i18n import _
from sfactl.models import tables as t


@dataclass(frozen=True)
class Names:
    """Keys and names of everybody, and of the territories in sight."""

    logins: Mapping[int, str]
    people: Mapping[str, int]
    codes: Mapping[int, str]
    places: Mapping[str, int]
    coming: dict[str, int] = field(default_factory=dict)
    "Territories that the plan itself makes: numbers below zero, which stand for their keys until they have one."

    def login(self, user_id: int | None) -> str | None:
        """A person's login; None for nobody."""
        return None if user_id is None else self.logins[user_id]

    def code(self, territory_id: int | None) -> str | None:
        """A territory's code; None where it is out of sight."""
        return None if territory_id is None else self.codes.get(territory_id)

    def person(self, login: str | None) -> int | None:
        """A person's key.

        Raises:
            NotFound: there is no such person.
        """
        if login is None:
            return None
        found = self.people.get(login)
        if found is None:
            raise NotFound(_("There is no {noun} {key}.").format(noun="user", key=login))
        return found

    def place(self, code: str | None) -> int | None:
        """A territory's key.

        Raises:
            NotFound: there is none in sight.
        """
        if code is None:
            return None
        found = self.places.get(code) or self.coming.get(code)
        if found is None:
            raise NotFound(_("There is no {noun} {key}.").format(noun="territory", key=code))
        return found

    def expect(self, code: str) -> int:
        """What stands for the key of a territory that the plan makes."""
        return self.coming.setdefault(code, -1 - len(self.coming))


def load(session: Session) -> Names:
    """The names as they are now."""
    logins = dict(session.execute(select(t.user.c.id, t.user.c.login)).all())
    codes = dict(session.execute(select(t.territory.c.id, t.territory.c.code)).all())
    return Names(
        logins, {login: key for key, login in logins.items()}, codes, {code: key for key, code in codes.items()}
    )
