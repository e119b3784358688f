"""The columns of users."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

USER_COLUMNS: Final = (
    Column("login", _("Login"), Kind.CODE),
    Column("name", _("Name")),
    Column("title", _("Title")),
    Column("roles", _("Roles")),
    Column("territories", _("Territories")),
    Column("manager", _("Manager"), Kind.CODE),
    Column("email", _("E-mail")),
    Column("active", _("Active"), Kind.BOOL),
)
