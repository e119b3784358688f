"""What keeps an offer from being sent without agreement, whoever writes the row, and however.

On a server the triggers count with the guard's rights, since whoever offers does not see what decides: costs, roles, territories above.
Who an approver is, is told by his own login.
"""

from collections.abc import Iterable

from sfactl.db.agreement_sql import (
    AGREED,
    BOUND,
    FROZEN,
    answered,
    approvers,
    is_missing,
    is_unfit,
    needs,
    postgresql,
    sqlite,
    words,
)

_READ = (
    "approval", "approval_rule", "quote", "quote_line", "quote_line_cost", "product", "role", "role_grant", "territory",
    "territory_member", "app_user", "handoff",
)  # fmt: skip
"""What is counted; some of it the guard may read anyway."""
NOT_AGREED = "sfactl: not agreed"
IS_AGREED = "sfactl: agreed and not changed"
"""What the triggers of both engines say."""


def statements(owner: str, guard: str, readable: Iterable[str]) -> Iterable[str]:
    """What makes the functions and triggers.

    Args:
        readable: tables that the guard may read already.
    """
    dialect = postgresql()
    yield from _functions(guard)
    yield from _definer("quote_bound", guard, f"IF {is_missing(dialect, 'NEW.id')} THEN {_refuse(NOT_AGREED)} END IF;")
    yield from _definer(
        "quote_line_bound", guard,
        "IF EXISTS (SELECT 1 FROM public.quote AS q WHERE q.id IN"
        " (CASE WHEN TG_OP = 'DELETE' THEN OLD.quote_id ELSE NEW.quote_id END,"
        " CASE WHEN TG_OP = 'INSERT' THEN NEW.quote_id ELSE OLD.quote_id END)"
        f" AND q.status IN {words(AGREED)}) THEN {_refuse(IS_AGREED)} END IF;",
    )  # fmt: skip
    yield from _definer("approval_bound", guard, f"IF {is_unfit(dialect)} THEN {_refuse(NOT_AGREED)} END IF;")
    yield from _invoker("not_agreed", owner, _refuse(NOT_AGREED))
    yield from _invoker("is_agreed", owner, _refuse(IS_AGREED))
    yield from _invoker(
        "approval_signed", owner,
        "IF NEW.approver_id IS DISTINCT FROM sfa_sec.user_of(current_user)"
        f" OR NEW.decided_by_id IS DISTINCT FROM sfa_sec.user_of(session_user) THEN {_refuse(NOT_AGREED)} END IF;",
    )  # fmt: skip
    yield from _triggers()
    for table in _READ:
        if table not in readable:
            yield f"GRANT SELECT ON public.{table} TO {guard}"
            yield f"CREATE POLICY sfa_guard ON public.{table} FOR SELECT TO {guard} USING (true)"


def _refuse(words_: str) -> str:
    return f"RAISE exclusion_violation USING MESSAGE = '{words_}';"


def _definer(name: str, guard: str, body: str) -> Iterable[str]:
    yield (
        f"CREATE OR REPLACE FUNCTION sfa_sec.{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
        " SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$ BEGIN"
        f" {body} RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END; END $$"
    )
    yield f"ALTER FUNCTION sfa_sec.{name}() OWNER TO {guard}"
    yield f"REVOKE ALL ON FUNCTION sfa_sec.{name}() FROM PUBLIC"


def _invoker(name: str, owner: str, body: str) -> Iterable[str]:
    yield (
        f"CREATE OR REPLACE FUNCTION sfa_sec.{name}() RETURNS trigger LANGUAGE plpgsql"
        f" SET search_path = pg_catalog, pg_temp AS $$ BEGIN {body} RETURN NEW; END $$"
    )
    yield f"ALTER FUNCTION sfa_sec.{name}() OWNER TO {owner}"
    yield f"REVOKE ALL ON FUNCTION sfa_sec.{name}() FROM PUBLIC"


def _functions(guard: str) -> Iterable[str]:
    """What a service asks: which rules a quote in sight reaches, and who has a role for a territory."""
    dialect = postgresql()
    seen = (
        "(q.territory_id = ANY (sfa_sec.territories(who, 'quote', 'read'))"
        " OR q.credited_territory_id = ANY (sfa_sec.territories(who, 'quote', 'read'))"
        " OR sfa_sec.me(who, 'quote', 'read') IN (q.owner_id, q.credited_id))"
    )
    made = {
        "approval_needs(who name, quote bigint)": (
            "TABLE (rule_id bigint, agreed bigint)", f"{needs(dialect)} AND q.id = $2 AND {seen}",
        ),
        "approvers(place bigint, code text)": (
            "TABLE (user_id bigint, depth bigint)",
            f"SELECT found.user_id, found.depth FROM ({approvers(dialect, '$1', '$2')}) AS found",
        ),
        "handoffs_answered(who name, ids bigint[])": (
            "SETOF bigint",
            answered("public.", "(SELECT unnest($2))")
            + " AND (h.territory_id = ANY (sfa_sec.territories(who, 'handoff', 'read'))"
            " OR sfa_sec.me(who, 'handoff', 'read') IN (h.user_id, h.recipient_id))",
        ),
    }  # fmt: skip
    for signature, (returns, body) in made.items():
        plain = signature.replace("who name, quote ", "name, ").replace("place bigint, code ", "bigint, ")
        plain = plain.replace("who name, ids ", "name, ")
        yield (
            f"CREATE OR REPLACE FUNCTION sfa_sec.{signature} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER"
            f" SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$ {body} $$"
        )
        yield f"ALTER FUNCTION sfa_sec.{plain} OWNER TO {guard}"
        yield f"REVOKE ALL ON FUNCTION sfa_sec.{plain} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION sfa_sec.{plain} TO sfa_user"


def _triggers() -> Iterable[str]:
    frozen = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FROZEN)
    made = (
        ("sfa_bound", "AFTER UPDATE", "quote", f"NEW.status IN {words(BOUND)} AND NEW.status <> OLD.status", "quote_bound"),
        ("sfa_bound_new", "BEFORE INSERT", "quote", f"NEW.status IN {words(AGREED)}", "not_agreed"),
        (
            "sfa_frozen", "BEFORE UPDATE", "quote",
            f"OLD.status IN {words(AGREED)} AND NEW.status IN {words(AGREED)} AND ({frozen})", "is_agreed",
        ),
        ("sfa_frozen", "BEFORE INSERT OR DELETE OR UPDATE", "quote_line", None, "quote_line_bound"),
        ("sfa_new", "BEFORE INSERT", "approval", "NEW.status NOT IN ('pending', 'void')", "not_agreed"),
        ("sfa_kept", "BEFORE UPDATE", "approval", KEPT, "not_agreed"),
        ("sfa_signed", "BEFORE UPDATE", "approval", DECIDED, "approval_signed"),
        ("sfa_unfit", "BEFORE UPDATE", "approval", AGREED_TO, "approval_bound"),
    )  # fmt: skip
    for name, event, table, when, function in made:
        condition = f" WHEN ({when})" if when else ""
        yield (
            f"CREATE OR REPLACE TRIGGER {name} {event} ON public.{table} FOR EACH ROW{condition}"
            f" EXECUTE FUNCTION sfa_sec.{function}()"
        )


AGREED_TO = "NEW.status = 'approved' AND OLD.status = 'pending'"
DECIDED = "NEW.status IN ('approved', 'rejected') AND OLD.status = 'pending'"
KEPT = (
    "NEW.quote_id <> OLD.quote_id OR NEW.rule_id <> OLD.rule_id OR NEW.asked_by_id <> OLD.asked_by_id"
    " OR NEW.approver_id <> OLD.approver_id OR NEW.digest <> OLD.digest"
    " OR OLD.status <> 'pending' AND NEW.status NOT IN (OLD.status, 'void')"
    " OR OLD.status <> 'pending' AND (coalesce(NEW.composition, '') <> coalesce(OLD.composition, '')"
    " OR coalesce(NEW.value, 0) <> coalesce(OLD.value, 0) OR NEW.decided_by_id <> OLD.decided_by_id)"
)
"""Changes of an approval that nobody makes: it is about one quote, rule and person, and what was decided stays."""


def in_file() -> dict[str, str]:
    """The same triggers of a file: name and statement."""
    dialect = sqlite(day="substr(NEW.decided_at, 1, 10)")
    agreed, bound = words(AGREED), words(BOUND)
    frozen = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in FROZEN)
    becomes_bound = f"NEW.status IN {bound} AND NEW.status <> OLD.status AND {is_missing(dialect, 'NEW.id')}"
    changes = f"OLD.status IN {agreed} AND NEW.status IN {agreed} AND ({frozen})"
    unfit = f"{AGREED_TO} AND {is_unfit(dialect)}"
    made = [
        _in_file("quote_bound", "AFTER UPDATE OF status ON quote", becomes_bound, NOT_AGREED),
        _in_file("quote_new", "BEFORE INSERT ON quote", f"NEW.status IN {agreed}", NOT_AGREED),
        _in_file("quote_frozen", "BEFORE UPDATE ON quote", changes, IS_AGREED),
        _in_file("approval_new", "BEFORE INSERT ON approval", "NEW.status NOT IN ('pending', 'void')", NOT_AGREED),
        _in_file("approval_kept", "BEFORE UPDATE ON approval", KEPT, NOT_AGREED),
        _in_file("approval_unfit", "BEFORE UPDATE OF status ON approval", unfit, NOT_AGREED),
    ]
    for event, rows in (("INSERT", ("NEW",)), ("UPDATE", ("NEW", "OLD")), ("DELETE", ("OLD",))):
        keys = ", ".join(f"{row}.quote_id" for row in rows)
        when = f"EXISTS (SELECT 1 FROM quote AS q WHERE q.id IN ({keys}) AND q.status IN {agreed})"
        made.append(_in_file(f"quote_line_{event.lower()}", f"BEFORE {event} ON quote_line", when, IS_AGREED))
    return dict(made)


def _in_file(name: str, event: str, when: str, says: str) -> tuple[str, str]:
    name = f"guard_{name}"
    return name, f"CREATE TRIGGER {name} {event} WHEN {when} BEGIN SELECT RAISE(ABORT, '{says}'); END"
