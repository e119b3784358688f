"""The columns of the access matrix (how far each role may do what) and of who one is."""

from operator import attrgetter
from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

ACCESS_MATRIX_COLUMNS: Final = (
    Column("role", _("Role"), Kind.CODE),
    Column("noun", _("Noun"), Kind.CODE),
    Column("read", _("Read"), Kind.CODE),
    Column("create", _("Create"), Kind.CODE),
    Column("edit", _("Edit"), Kind.CODE),
    Column("reassign", _("Reassign"), Kind.CODE),
    Column("approve", _("Approve"), Kind.CODE),
    Column("export", _("Export"), Kind.CODE),
    Column("import", _("Import"), Kind.CODE, attrgetter("import_"), wide=True),
    Column("act_as", _("Act as"), Kind.CODE, wide=True),
    Column("erase", _("Erase"), Kind.CODE, wide=True),
)

WHOAMI_COLUMNS: Final = (
    Column("login", _("Login"), Kind.CODE),
    Column("name", _("Name")),
    Column("signed_in_as", _("Signed in as"), Kind.CODE),
    Column("roles", _("Roles")),
    Column("territories", _("Territories")),
)

GRANT_COLUMNS: Final = (
    Column("user", _("User"), Kind.CODE),
    Column("user_name", _("Name"), wide=True),
    Column("kind", _("Kind"), Kind.CODE),
    Column("role", _("Role"), Kind.CODE),
    Column("deputy_for", _("Deputy for"), Kind.CODE),
    Column("since", _("Since"), Kind.DATE),
    Column("until", _("Until"), Kind.DATE),
    Column("state", _("State"), Kind.CODE),
    Column("reason", _("Reason"), wide=True),
)

DECISION_COLUMNS: Final = (
    Column("permission", _("Permission"), Kind.CODE),
    Column("allowed", _("Allowed"), Kind.BOOL),
    Column("scope", _("Scope"), Kind.CODE),
    Column("reason", _("Why")),
)

STEP_COLUMNS: Final = (Column("statement", _("Statement")), Column("purpose", _("For")))

ACCESS_FINDING_COLUMNS: Final = (
    Column("finding", _("Finding")),
    Column("place", _("Where"), Kind.CODE),
    Column("remedy", _("Remedy"), Kind.CODE),
)
