"""The columns of accounts and their contacts."""

from typing import Final

from sfactl.i18n import _
from sfactl.render.columns import Column, Kind

ACCOUNT_COLUMNS: Final = (
    Column("code", _("Code"), Kind.CODE),
    Column("name", _("Name")),
    Column("owner", _("Owner"), Kind.CODE),
    Column("owner_name", _("Owner's name")),
    Column("territory", _("Territory"), Kind.CODE),
    Column("segment", _("Segment")),
    Column("industry", _("Industry")),
    Column("kind", _("Kind")),
    Column("city", _("City"), wide=True),
    Column("country", _("Country"), wide=True),
    Column("open_opportunities", _("Open opportunities"), Kind.INTEGER, wide=True),
    Column("last_order_on", _("Last order"), Kind.DATE, wide=True),
    Column("annual_revenue", _("Annual revenue"), Kind.MONEY, wide=True),
    Column("currency", _("Currency"), Kind.CODE, wide=True),
)

CONTACT_COLUMNS: Final = (
    Column("name", _("Name")),
    Column("title", _("Title")),
    Column("email", _("E-mail")),
    Column("phone", _("Phone")),
    Column("account", _("Account"), Kind.CODE),
)
