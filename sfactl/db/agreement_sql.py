"""What an offer needs agreement to, said once for both databases: of a quote `q`, each rule `r` that it reaches.

A rule is reached from its bound on, whatever stands above it: who agrees to less is asked first. A margin that nobody can
tell, and a total in a currency that no rule knows, count as reached. Percentages are compared as they are shown: in basis
points, rounded half-up.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """What the two engines say differently."""

    schema: str
    "What stands before a table."
    composition: str
    "The goods and terms of `q` as one text."
    day: str
    "The day on which roles and memberships must hold."

    def table(self, name: str) -> str:
        """A table as it is named here."""
        return f"{self.schema}{name}"


_LINE = "l.product_id || ':' || l.quantity_milli || ':' || coalesce(l.parent_line, 0)"
_HEAD = "q.currency || '/' || coalesce(q.terms, '') || '/'"


def sqlite(schema: str = "", day: str = "date('now')") -> Dialect:
    """As SQLite says it."""
    lines = (
        f"(SELECT group_concat(word, ',') FROM (SELECT {_LINE} AS word FROM {schema}quote_line AS l"
        " WHERE l.quote_id = q.id ORDER BY l.line))"
    )
    return Dialect(schema, f"{_HEAD} || coalesce({lines}, '')", day)


def postgresql() -> Dialect:
    """As PostgreSQL says it."""
    lines = f"(SELECT string_agg({_LINE}, ',' ORDER BY l.line) FROM public.quote_line AS l WHERE l.quote_id = q.id)"
    return Dialect("public.", f"{_HEAD} || coalesce({lines}, '')", "current_date")


def _of_lines(dialect: Dialect, what: str, more: str = "") -> str:
    """Something of those lines of `q` that rule `r` looks at."""
    return (
        f"(SELECT {what} FROM {dialect.table('quote_line')} AS l JOIN {dialect.table('product')} AS p"
        f" ON p.id = l.product_id {more} WHERE l.quote_id = q.id AND (r.family IS NULL OR p.family = r.family))"
    )


def _sum(what: str) -> str:
    """A sum as a whole number: a server adds whole numbers up to one with decimals."""
    return f"CAST(sum({what}) AS bigint)"


def discount_bp(listed: str, net: str) -> str:
    """How far a net sum lies below its list sum, in whole basis points rounded half-up, as it is shown; never below zero."""
    return f"CASE WHEN {listed} > {net} THEN (({listed} - {net}) * 20000 + {listed}) / ({listed} * 2) ELSE 0 END"


def value(dialect: Dialect) -> str:
    """What an approval because of rule `r` holds up to: of a margin the sum that it is taken of, lower being worse."""
    listed, net = _sum("l.list_minor"), _sum("l.net_minor")
    line_off = f"max({discount_bp('l.list_minor', 'l.net_minor')})"
    return (
        "CASE r.measure"
        f" WHEN 'total' THEN {_of_lines(dialect, listed)}"
        f" WHEN 'discount' THEN {_of_lines(dialect, f'CASE WHEN {listed} > 0 THEN {discount_bp(listed, net)} END')}"
        f" WHEN 'line_discount' THEN {_of_lines(dialect, line_off)}"
        f" WHEN 'margin' THEN {_of_lines(dialect, net)}"
        f" WHEN 'terms' THEN {_of_lines(dialect, 'CASE WHEN count(*) > 0 THEN q.payment_days END')}"
        f" WHEN 'below_floor' THEN {_of_lines(dialect, 'sum(CASE WHEN l.is_below_floor THEN 1 ELSE 0 END)')}"
        f" WHEN 'non_standard' THEN {_of_lines(dialect, 'sum(CASE WHEN l.is_standard THEN 0 ELSE 1 END)')}"
        " END"
    )


def _margin(dialect: Dialect) -> str:
    """Basis points, rounded half-up as they are shown; NULL where a line's cost is not known."""
    cost = (
        f"(SELECT c.cost_e4 FROM {dialect.table('quote_line_cost')} AS c WHERE c.quote_id = l.quote_id"
        " AND c.line = l.line AND c.product_id = l.product_id ORDER BY c.id DESC LIMIT 1)"
    )
    net = (
        "1.0 * l.net_e4 * l.quantity_milli * l.net_minor / CASE WHEN l.amount_minor > 0 THEN l.amount_minor ELSE 1 END"
    )
    whole = f"sum(CASE WHEN l.is_included THEN 0 ELSE {net} END)"
    spent = f"sum(1.0 * {cost} * l.quantity_milli)"
    known = f"count(*) = count({cost})"
    return _of_lines(
        dialect, f"CASE WHEN {known} AND {whole} > 0 THEN round(({whole} - {spent}) * 10000 / {whole}) END"
    )


def _is_reached(dialect: Dialect) -> str:
    known = (
        f"EXISTS (SELECT 1 FROM {dialect.table('approval_rule')} AS other WHERE other.active"
        " AND other.measure = 'total' AND other.currency = q.currency)"
    )
    lines = _of_lines(dialect, "count(*)")
    return (
        f"CASE WHEN r.measure = 'margin' THEN {lines} > 0 AND coalesce({_margin(dialect)} < r.highest, true)"
        f" WHEN r.measure = 'total' AND r.currency <> q.currency THEN {lines} > 0 AND NOT {known}"
        f" ELSE coalesce({value(dialect)} >= r.lowest, false) END"
    )


def _is_here(dialect: Dialect) -> str:
    territory = dialect.table("territory")
    return (
        f"(r.territory_id IS NULL OR EXISTS (SELECT 1 FROM {territory} AS top JOIN {territory} AS here"
        " ON here.tree_left BETWEEN top.tree_left AND top.tree_right"
        " WHERE top.id = r.territory_id AND here.id = q.territory_id))"
    )


def is_needed(dialect: Dialect) -> str:
    """Whether quote `q` needs agreement because of rule `r`."""
    return f"(r.active AND {_is_here(dialect)} AND {_is_reached(dialect)})"


def covers(dialect: Dialect) -> str:
    """Whether approval `a` because of rule `r` holds for quote `q` as it is."""
    now = value(dialect)
    return (
        f"(a.quote_id = q.id AND a.rule_id = r.id AND a.status = 'approved' AND a.composition = {dialect.composition}"
        f" AND CASE WHEN r.measure = 'margin' THEN a.value <= {now} ELSE a.value >= {now} END)"
    )


def _agreed(dialect: Dialect) -> str:
    """How many people agreed: one who agrees for himself and in another's name, or in the names of two, counts once.

    Whoever may act for everybody, as the service account that takes in mail, brings each one's own word.
    """
    serves = (
        f"EXISTS (SELECT 1 FROM {dialect.table('role_grant')} AS g JOIN {dialect.table('role_permission')} AS p"
        " ON p.role_id = g.role_id WHERE g.user_id = a.decided_by_id AND p.noun = 'access' AND p.action = 'act_as')"
    )
    names = "count(DISTINCT a.approver_id)"
    hands = f"count(DISTINCT CASE WHEN {serves} THEN a.approver_id ELSE a.decided_by_id END)"
    return (
        f"(SELECT CASE WHEN {hands} < {names} THEN {hands} ELSE {names} END"
        f" FROM {dialect.table('approval')} AS a WHERE {covers(dialect)})"
    )


def is_missing(dialect: Dialect, quote: str) -> str:
    """Whether a quote lacks agreement to something that it needs agreement to.

    Args:
        quote: its key, as SQL.
    """
    return (
        f"EXISTS (SELECT 1 FROM {dialect.table('quote')} AS q CROSS JOIN {dialect.table('approval_rule')} AS r"
        f" WHERE q.id = {quote} AND {is_needed(dialect)} AND {_agreed(dialect)} < r.quorum)"
    )


def needs(dialect: Dialect) -> str:
    """A query over `approval_rule` as `r` and `quote` as `q`: key, and how many agreed to it as it is."""
    return (
        f"SELECT r.id, {_agreed(dialect)} FROM {dialect.table('quote')} AS q CROSS JOIN {dialect.table('approval_rule')} AS r"
        f" WHERE {is_needed(dialect)}"
    )


def _holds(row: str, day: str) -> str:
    return f"{row}.valid_from <= {day} AND ({row}.valid_to IS NULL OR {row}.valid_to > {day})"


def approvers(dialect: Dialect, place: str, role: str) -> str:
    """A query: who has a role, and how deep in the tree the territory lies for which he has it, the nearest first.

    Args:
        place: key of the quote's territory, as SQL.
        role: the role's code, as SQL.
    """
    territory, day = dialect.table("territory"), dialect.day
    held = (
        f"{dialect.table('app_user')} AS u JOIN {dialect.table('role_grant')} AS g ON g.user_id = u.id"
        f" AND {_holds('g', day)} JOIN {dialect.table('role')} AS o ON o.id = g.role_id AND o.active"
        f" AND NOT o.is_emergency AND o.code = {role}"
    )
    member = f"{dialect.table('territory_member')} AS m"
    return (
        f"SELECT u.id AS user_id, max(above.depth) AS depth FROM {held}"
        f" JOIN {member} ON m.user_id = u.id AND {_holds('m', day)}"
        f" JOIN {territory} AS above ON above.id = m.territory_id"
        f" JOIN {territory} AS here ON here.tree_left BETWEEN above.tree_left AND above.tree_right"
        f" WHERE here.id = {place} AND u.active GROUP BY u.id"
        f" UNION ALL SELECT u.id, -1 FROM {held}"
        f" WHERE u.active AND NOT EXISTS (SELECT 1 FROM {member} WHERE m.user_id = u.id AND {_holds('m', day)})"
        " GROUP BY u.id"
    )


AGREED = ("submitted", "approved", "sent", "accepted")
"""States of a quote in which nothing of it is changed."""
BOUND = ("approved", "sent", "accepted")
"""States that a quote has only with all agreement."""
FROZEN = (
    "currency", "payment_days", "terms", "valid_until", "header_bp", "header_minor", "list_minor", "lines_minor",
    "net_minor", "digest",
)  # fmt: skip
"""What is agreed of the quote itself."""


def words(names: tuple[str, ...]) -> str:
    """Names as a list of texts in SQL."""
    return "(" + ", ".join(f"'{name}'" for name in names) + ")"


def is_unfit(dialect: Dialect) -> str:
    """Whether the decision in the row NEW of `approval` is none: of a quote that is his own, changed, or not his to agree to."""
    quote, rule = dialect.table("quote"), dialect.table("approval_rule")
    chain = approvers(dialect, "q.territory_id", "r.role")
    above = approvers(dialect, "q.territory_id", "coalesce(r.escalation, r.role)")
    return (
        f"NOT EXISTS (SELECT 1 FROM {quote} AS q CROSS JOIN {rule} AS r WHERE q.id = NEW.quote_id AND r.id = NEW.rule_id"
        " AND q.status = 'submitted' AND q.digest = NEW.digest"
        f" AND NEW.composition = {dialect.composition} AND NEW.value = {value(dialect)}"
        f" AND {_is_others('NEW.approver_id')} AND {_is_others('NEW.decided_by_id')}"
        f" AND (NEW.approver_id IN (SELECT found.user_id FROM ({chain}) AS found)"
        f" OR NEW.approver_id IN (SELECT found.user_id FROM ({above}) AS found)))"
    )


def _is_others(who: str) -> str:
    """Whether a quote is not this person's own."""
    mine = ("q.owner_id", "q.credited_id", "q.author_id", "NEW.asked_by_id")
    return " AND ".join(f"{who} <> coalesce({column}, 0)" for column in mine)


def answered(schema: str, ids: str) -> str:
    """The statement for keys of hand-offs for which the answer of somebody else who was asked the same counts.

    Args:
        schema: before the names of tables.
        ids: a sub-query of the keys of the hand-offs that are meant.
    """
    return (
        f"SELECT h.id FROM {schema}handoff AS h WHERE h.id IN {ids} AND NOT h.is_each AND EXISTS ("
        f"SELECT 1 FROM {schema}handoff AS o WHERE o.form = h.form AND o.quote_id = h.quote_id AND o.digest = h.digest"
        " AND o.id <> h.id AND o.status IN ('confirmed', 'refused'))"
    )
