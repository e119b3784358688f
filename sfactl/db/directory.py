"""What a service must know beyond what the person sees.

Which rules an offer reaches, who has a role for a territory, and whether a question was answered by somebody else who was asked
the same: these are the only such questions. A server answers them by functions with the guard's rights; a file by statements of
ours, past its guard.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from sfactl.db.agreement_sql import answered as answered_sql
from sfactl.db.agreement_sql import approvers as approvers_sql
from sfactl.db.agreement_sql import needs as needs_sql
from sfactl.db.agreement_sql import sqlite
from sfactl.db.session import Session


def needs(session: Session, quote_id: int) -> dict[int, int]:
    """Keys of the rules of approval that a quote in sight reaches, each with how many agreed to the quote as it is."""
    if session.is_sqlite:
        rows = _ask(session, f"{needs_sql(sqlite('main.'))} AND q.id = :quote", {"quote": quote_id})
    else:
        said = text("SELECT rule_id, agreed FROM sfa_sec.approval_needs(current_user, :quote)")
        rows = [tuple(row) for row in session.execute(said, {"quote": quote_id})]
    return {int(rule): int(agreed) for rule, agreed in rows}


def approvers(session: Session, territory_id: int, role: str) -> list[tuple[int, int]]:
    """Who has a role for a territory: key, and how deep in the tree the territory lies for which he has it.

    The nearest come first; those who belong to no territory, last.
    """
    values = {"place": territory_id, "code": role}
    if session.is_sqlite:
        question = approvers_sql(sqlite("main.", ":day"), ":place", ":code")
        rows = _ask(session, question, values | {"day": session.today.isoformat()})
    else:
        said = text("SELECT user_id, depth FROM sfa_sec.approvers(:place, :code)")
        rows = [tuple(row) for row in session.execute(said, values)]
    return sorted(((int(user), int(depth)) for user, depth in rows), key=lambda each: (-each[1], each[0]))


def answered_for_all(session: Session, handoffs: Sequence[int]) -> set[int]:
    """Keys of those of these hand-offs for which somebody else's answer counts: the same form about the same offer."""
    if not handoffs:
        return set()
    if session.is_sqlite:
        ids = "(SELECT value FROM json_each(:ids))"
        rows = _ask(session, answered_sql("main.", ids), {"ids": json.dumps(list(handoffs))})
    else:
        said = text("SELECT id FROM sfa_sec.handoffs_answered(current_user, :ids) AS id")
        rows = [tuple(row) for row in session.execute(said, {"ids": list(handoffs)})]
    return {int(row[0]) for row in rows}


def _ask(session: Session, question: str, values: dict[str, Any]) -> list[Any]:
    raw: Any = session.sql.connection.dbapi_connection
    return list(raw.ask(question, values))
