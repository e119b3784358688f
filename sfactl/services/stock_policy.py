"""What the policy in force says of stock: how long it is held, when a count is old, and what may stand in for what."""

import json
from collections.abc import Sequence
from typing import Any

from sfactl.config.stock_policy import StockFile
from sfactl.db.session import Session
from sfactl.services import policy_settings

NAME = "stock"


def current(session: Session) -> StockFile:
    """The policy in force; the shipped one's where the database has none yet."""
    return policy_settings.held(session, NAME, StockFile)


def alternatives(policy: StockFile, product: str) -> Sequence[str]:
    """Codes of what may stand in for a product, the best first."""
    return next((each.use for each in policy.alternative if each.product == product), ())


def said(session: Session) -> dict[str, str]:
    """What the policy in force says, by dotted name."""
    return saying(current(session))


def saying(stock: StockFile) -> dict[str, str]:
    """What a policy says, by dotted name."""
    return policy_settings.by_dotted_name(_text(stock))


def put(session: Session, stock: StockFile) -> None:
    """Put what a policy says of stock in force."""
    policy_settings.put(session, NAME, _text(stock))


def _text(stock: StockFile) -> str:
    said: Any = stock.model_dump(mode="json")
    return json.dumps(said, sort_keys=True)
