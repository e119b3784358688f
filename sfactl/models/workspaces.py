"""The workspace itself: what is said once for the whole database."""

from datetime import datetime

from sfactl.models.base import STRICT, Field, Keyed
from sfactl.models.types import Stamp, Whole, Words


class Workspace(Keyed, table=True):
    """The one row that names the workspace and its currency."""

    __table_args__ = (STRICT,)

    name: str = Field(sa_type=Words)
    currency: str = Field(sa_type=Words)
    fiscal_first_month: int = Field(default=1, sa_type=Whole)
    "The month in which the fiscal year starts, 1 to 12; set by the policy's calendar."
    created_at: datetime = Field(sa_type=Stamp)
