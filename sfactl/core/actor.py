"""Who asks: the person whose rights hold for a connection, and who is behind him."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sfactl.core.roles import WIDTH, Scope
from sfactl.errors import NotAllowed
from sfactl.i18n import _


@dataclass(frozen=True)
class Actor:
    """A person with his permissions, as the database knew them when the connection was opened."""

    user_id: int
    login: str
    name: str
    roles: tuple[str, ...] = ()
    permissions: Mapping[str, Scope] = field(default_factory=dict)
    territories: frozenset[int] = frozenset()
    "Keys of the territories he is a member of today."
    subtree: frozenset[int] = frozenset()
    "Those, and all below them."
    emergency: tuple[str, ...] = ()
    "Those of his roles that he took himself for today."
    signed_in_as: str = ""
    "The login of the person at the keyboard; differs from `login` under `--as`."
    signed_in_id: int = 0
    "His key; 0 where nobody acts for another."

    @property
    def is_acting_for_another(self) -> bool:
        """Whether somebody else is at the keyboard."""
        return self.signed_in_as not in ("", self.login)

    @property
    def keyboard_id(self) -> int:
        """Key of the person at the keyboard."""
        return self.signed_in_id or self.user_id

    def scope(self, permission: str) -> Scope:
        """How far the permission reaches; `none` when no role gives it."""
        return self.permissions.get(permission, Scope.NONE)

    def may(self, permission: str) -> bool:
        """Whether some role gives the permission at all."""
        return self.scope(permission) is not Scope.NONE

    def require(self, permission: str) -> None:
        """Refuse when no role gives the permission.

        Raises:
            NotAllowed: naming the permission and the command that shows who has it.
        """
        if not self.may(permission):
            noun, _dot, action = permission.partition(".")
            raise NotAllowed(
                _("Your role does not allow this: {action} on {noun}.").format(action=action, noun=noun),
                _("`sfactl access matrix` shows which role may; an administrator can grant it."),
            )

    def covers(self, other: "Actor") -> bool:
        """Whether everything the other may do and see, this one may do and see too."""
        return all(self._reaches(permission, scope, other) for permission, scope in other.permissions.items())

    def _reaches(self, permission: str, scope: Scope, other: "Actor") -> bool:
        mine = self.scope(permission)
        if mine is Scope.ALL:
            return True
        if WIDTH[mine] < WIDTH[scope] or scope is Scope.ALL:
            return False
        reached = {Scope.SUBTREE: self.subtree, Scope.TERRITORY: self.territories}.get(mine, frozenset())
        wanted = {Scope.SUBTREE: other.subtree, Scope.TERRITORY: other.territories}.get(scope, frozenset())
        return wanted <= reached and (scope is not Scope.OWN or mine is not Scope.OWN)
