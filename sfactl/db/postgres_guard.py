"""The guard of a PostgreSQL database: forced row-level security made from the same rules as SQLite's.

Policies compare `current_user`, which is the person's own database role or, under SET ROLE, the role he took; nothing a
client can set is an identity. What a role reaches is answered by functions that read the access tables as `sfa_guard`,
a role without login that may read those tables and nothing else.
"""

from collections.abc import Iterable, Sequence

from sfactl.db import agreement_guard, stock_guard
from sfactl.db.access import ACTIONS, RULES, SHARED, Kind, Parent, Rule, Shares, Verb, condition

OWNER, GUARD, USERS = "sfa_owner", "sfa_guard", "sfa_user"
"""Roles without login: who owns the tables, as whom the functions read, and what every person is a member of."""

_READ_BY_GUARD = (
    "app_user", "user_identity", "role", "role_grant", "emergency_grant", "deputy", "role_permission", "territory",
    "territory_member", "credit", "opportunity_split",
)  # fmt: skip
_PRIVILEGES = {
    Kind.TRAIL: "SELECT, INSERT", Kind.DETAIL: "SELECT, INSERT, UPDATE", Kind.COUNTER: "SELECT, UPDATE",
    Kind.HISTORY: "SELECT",
}  # fmt: skip
_POLICY = "sfa_{verb}"


class _Calls:
    """The terms of a condition on PostgreSQL: each is a function called once a statement."""

    def in_territories(self, column: str, noun: str, action: str) -> str:
        """The array holds every territory for the scope all."""
        return f"{column} = ANY ((SELECT sfa_sec.territories(current_user, '{noun}', '{action}'))::bigint[])"

    def is_me(self, column: str, noun: str, action: str) -> str:
        """Null, and so never equal, for the scope none."""
        return f"{column} = (SELECT sfa_sec.me(current_user, '{noun}', '{action}'))"

    def shared(self, shares: Shares, column: str, noun: str, action: str) -> str:
        """The keys come from a function, since the table of shares is guarded by the table it points to."""
        call = f"sfa_sec.shared_{shares.table}(current_user, '{noun}', '{action}')"
        return f"{column} = ANY ((SELECT {call})::bigint[])"

    def everything(self, noun: str, action: str) -> str:
        """True for the scope all."""
        return f"(SELECT sfa_sec.width(current_user, '{noun}', '{action}') = 4)"

    def table(self, name: str) -> str:
        """The table, guarded itself."""
        return f"public.{name}"


def roles_sql() -> list[str]:
    """Statements that make the three roles; those that exist stay as they are."""
    return [
        f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        for role in (OWNER, GUARD, USERS)
    ]


def guard_sql(tables: Iterable[str], sequences: Iterable[str], policies: Iterable[tuple[str, str]]) -> list[str]:
    """Statements that guard the database; running them again changes nothing.

    Args:
        tables: the tables of the public schema.
        sequences: its sequences.
        policies: pairs of table and policy that exist, to be replaced.
    """
    made = [f"DROP POLICY {_name(policy)} ON public.{_name(table)}" for table, policy in policies]
    made += _functions()
    for table in sorted(tables):
        rule = RULES.get(table)
        made += _table(_name(table), rule)
        made += [*_links(table, rule), *_moves(table, rule)] if rule else []
    for name in map(_name, sorted(sequences)):
        made.append(f"REVOKE ALL ON SEQUENCE public.{name} FROM PUBLIC, {USERS} CASCADE")
        made.append(f"GRANT USAGE ON SEQUENCE public.{name} TO {USERS}")
    made += _APPEND_ONLY
    made += _HISTORY if "opportunity_change" in tables else []
    made += _TOUCHED if "rollup_touched" in tables else []
    made += _COSTED if "quote_line_cost" in tables else []
    made += stock_guard.statements(GUARD, GUARD) if "reservation" in tables else []
    made += (
        agreement_guard.statements(GUARD, GUARD, (*_READ_BY_GUARD, *_READ_FOR_COSTS, "quote_line_cost"))
        if "approval" in tables
        else []
    )
    for table in _READ_BY_GUARD:
        made.append(f"GRANT SELECT ON public.{table} TO {GUARD}")
        made.append(f"CREATE POLICY sfa_guard ON public.{table} FOR SELECT TO {GUARD} USING (true)")
    return made


def _name(name: str) -> str:
    """A name as it stands in a statement: ours are plain, others a database administrator may have made."""
    return name if name.isidentifier() and name.islower() else '"' + name.replace('"', '""') + '"'


def _links(table: str, rule: Rule) -> list[str]:
    """Triggers that look at what a row points to from now on.

    A new row's links are looked at by its policy, which costs less, but for those into its own table, where a policy
    would look at itself.
    """
    made = []
    for link in rule.links:
        name = f"sfa_link_{link.column}"
        made += [f"DROP TRIGGER IF EXISTS {kind} ON public.{table}" for kind in (name, f"{name}_new")]
        call = f"EXECUTE FUNCTION sfa_sec.linked('{link.column}', '{link.table}', '{RULES[link.table].noun}')"
        new, is_set = f"NEW.{link.column}", f"NEW.{link.column} IS NOT NULL"
        made.append(
            f"CREATE TRIGGER {name} AFTER UPDATE ON public.{table} FOR EACH ROW"
            f" WHEN ({new} IS DISTINCT FROM OLD.{link.column} AND {is_set}) {call}"
        )
        if link.table == table:
            made.append(f"CREATE TRIGGER {name}_new AFTER INSERT ON public.{table} FOR EACH ROW WHEN ({is_set}) {call}")
    return made


def _moves(table: str, rule: Rule) -> list[str]:
    """A trigger that looks at who changes whose a row is, or where: once a statement, however many rows it changes."""
    if not rule.moving:
        return []
    told = ", ".join(f"'{word}'" for word in (",".join(rule.moving), *rule.moved_by))
    return [
        f"DROP TRIGGER IF EXISTS sfa_moved ON public.{table}",
        f"CREATE TRIGGER sfa_moved AFTER UPDATE ON public.{table} REFERENCING OLD TABLE AS was NEW TABLE AS becomes"
        f" FOR EACH STATEMENT EXECUTE FUNCTION sfa_sec.moved({told})",
    ]


def _table(table: str, rule: Rule | None) -> list[str]:
    made = [
        f"ALTER TABLE public.{table} OWNER TO {OWNER}",
        f"ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE public.{table} FORCE ROW LEVEL SECURITY",
        f"REVOKE ALL ON public.{table} FROM PUBLIC, {USERS} CASCADE",
    ]
    if rule is None:
        return made
    privileges = (
        "SELECT" if table == "alembic_version" else _PRIVILEGES.get(rule.kind, "SELECT, INSERT, UPDATE, DELETE")
    )
    made.append(f"GRANT {privileges} ON public.{table} TO {USERS}")
    for verb in Verb:
        if verb.upper() in privileges:
            made.append(_policy(table, rule, verb))
    return made


def _policy(table: str, rule: Rule, verb: Verb) -> str:
    said = [" OR ".join(f"({part})" for part in _allowed(table, rule, verb))]
    if rule.kind is Kind.SCOPED and verb in (Verb.UPDATE, Verb.DELETE):
        # The server adds this only where a statement reads a column; what one may not see stays as it is always.
        said.append(condition(rule, "read", _Calls(), table))
    if verb is Verb.INSERT or (verb is Verb.UPDATE and table in SHARED):
        said += [_linked(table, link) for link in rule.links if link.table != table]
    if rule.is_personal and verb is not Verb.SELECT:
        said.append("session_user = current_user")
    if rule.today and verb is Verb.INSERT:
        said.append(f"{table}.{rule.today} = (now() AT TIME ZONE 'UTC')::date")
    allowed = " AND ".join(f"({part})" for part in said)
    clauses = {
        Verb.SELECT: f"USING ({allowed})",
        Verb.INSERT: f"WITH CHECK ({allowed})",
        Verb.UPDATE: f"USING ({allowed}) WITH CHECK ({allowed})",
        Verb.DELETE: f"USING ({allowed})",
    }
    name = _POLICY.format(verb=verb)
    return f"CREATE POLICY {name} ON public.{table} FOR {verb.upper()} TO {USERS} {clauses[verb]}"


def _linked(table: str, link: Parent) -> str:
    """The row that this one points to is there for the person: the policies of its own table decide."""
    return (
        f"{table}.{link.column} IS NULL"
        f" OR (SELECT sfa_sec.width(current_user, '{RULES[link.table].noun}', 'read')) = 4"
        f" OR EXISTS (SELECT 1 FROM public.{link.table} AS above WHERE above.id = {table}.{link.column})"
    )


def _allowed(table: str, rule: Rule, verb: Verb) -> Sequence[str]:
    signed_in = "(SELECT sfa_sec.user_of(current_user)) IS NOT NULL"
    mine = f"{table}.{rule.people[0]} = (SELECT sfa_sec.user_of(current_user))" if rule.people else "false"
    if rule.kind is Kind.PRIVATE:
        return [mine]
    if rule.kind is Kind.COUNTER:
        return [signed_in]
    if rule.kind is Kind.TRAIL and verb is Verb.INSERT:
        return [f"{mine} AND {table}.actor_id = (SELECT sfa_sec.user_of(session_user))"]
    if rule.kind is Kind.DETAIL and verb is not Verb.SELECT:
        return [signed_in if verb is Verb.INSERT else _Calls().everything(rule.noun, "erase")]
    if rule.kind is Kind.PUBLIC:
        if verb is Verb.SELECT:
            return [signed_in]
        return [f"(SELECT sfa_sec.width(current_user, '{rule.noun}', '{action}')) > 0" for action in ACTIONS[verb]]
    return [condition(rule, action, _Calls(), table) for action in ACTIONS[verb]]


def _functions() -> list[str]:
    made = [
        "CREATE SCHEMA IF NOT EXISTS sfa_sec",
        f"ALTER SCHEMA sfa_sec OWNER TO {OWNER}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public, sfa_sec TO {USERS}, {GUARD}",
        f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}",
    ]
    signatures = {**_FUNCTIONS, **dict(_share_functions())}
    for signature, (returns, body) in signatures.items():
        plain = signature.replace("who name", "name").replace("noun text, verb text", "text, text")
        plain = plain.replace("key text", "text")
        made.append(
            f"CREATE OR REPLACE FUNCTION sfa_sec.{signature} RETURNS {returns} LANGUAGE plpgsql STABLE SECURITY DEFINER"
            f" SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET plan_cache_mode = force_generic_plan"
            f" AS $$ BEGIN RETURN ({body}); END $$"
        )
        made.append(f"ALTER FUNCTION sfa_sec.{plain} OWNER TO {GUARD}")
        made.append(f"REVOKE ALL ON FUNCTION sfa_sec.{plain} FROM PUBLIC")
        made.append(f"GRANT EXECUTE ON FUNCTION sfa_sec.{plain} TO {USERS}")
    return [
        *made, _LINKED, f"ALTER FUNCTION sfa_sec.linked() OWNER TO {OWNER}",
        _MOVED, f"ALTER FUNCTION sfa_sec.moved() OWNER TO {OWNER}",
    ]  # fmt: skip


_LINKED = """
CREATE OR REPLACE FUNCTION sfa_sec.linked() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE is_there boolean;
BEGIN
    IF sfa_sec.width(current_user, TG_ARGV[2], 'read') = 4 THEN RETURN NULL; END IF;
    EXECUTE 'SELECT EXISTS (SELECT 1 FROM public.' || quote_ident(TG_ARGV[1]) || ' WHERE id = ($1).'
        || quote_ident(TG_ARGV[0]) || ')' INTO is_there USING NEW;
    IF NOT is_there THEN RAISE insufficient_privilege USING MESSAGE = 'sfactl: not found'; END IF;
    RETURN NULL;
END $$
"""
"""Runs with the rights of whoever changes a row; arguments: column, table it points to, that table's noun."""

_APPEND_ONLY = (
    "CREATE OR REPLACE FUNCTION public.guard_audit() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$",
    f"ALTER FUNCTION public.guard_audit() OWNER TO {OWNER}",
    "CREATE OR REPLACE TRIGGER guard_audit BEFORE UPDATE OR DELETE OR TRUNCATE ON public.audit_event"
    " FOR EACH STATEMENT EXECUTE FUNCTION public.guard_audit()",
    "CREATE OR REPLACE TRIGGER guard_detail BEFORE DELETE OR TRUNCATE ON public.audit_detail"
    " FOR EACH STATEMENT EXECUTE FUNCTION public.guard_audit()",
    "CREATE OR REPLACE TRIGGER guard_detail_update BEFORE UPDATE ON public.audit_detail FOR EACH ROW"
    " WHEN (NEW.seq <> OLD.seq OR NEW.salt IS NOT NULL OR NEW.key IS NOT NULL OR NEW.content IS NOT NULL)"
    " EXECUTE FUNCTION public.guard_audit()",
    "CREATE OR REPLACE TRIGGER guard_change BEFORE DELETE OR TRUNCATE ON public.run_change"
    " FOR EACH STATEMENT EXECUTE FUNCTION public.guard_audit()",
    "CREATE OR REPLACE TRIGGER guard_change_update BEFORE UPDATE ON public.run_change FOR EACH ROW"
    " WHEN (NEW.id <> OLD.id OR NEW.run_id <> OLD.run_id OR NEW.before IS NOT NULL OR NEW.after IS NOT NULL)"
    " EXECUTE FUNCTION public.guard_audit()",
    "CREATE OR REPLACE TRIGGER guard_head BEFORE UPDATE ON public.audit_head FOR EACH ROW"
    " WHEN (NEW.seq < OLD.seq OR NEW.seq > OLD.seq + 100000) EXECUTE FUNCTION public.guard_audit()",
)
"""What holds everybody to the trail, the owner of the tables too; as the migration made it, and put back where it was changed."""


_MOVED = """
CREATE OR REPLACE FUNCTION sfa_sec.moved() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE permission text; was_columns text; columns text; is_moved boolean;
BEGIN
    IF pg_has_role(current_user, 'sfa_owner', 'MEMBER') THEN RETURN NULL; END IF;
    FOREACH permission IN ARRAY TG_ARGV[1:] LOOP
        IF sfa_sec.width(current_user, split_part(permission, '.', 1), split_part(permission, '.', 2)) > 0 THEN
            RETURN NULL;
        END IF;
    END LOOP;
    SELECT string_agg('was.' || quote_ident(name), ', '), string_agg('becomes.' || quote_ident(name), ', ')
        INTO was_columns, columns FROM unnest(string_to_array(TG_ARGV[0], ',')) AS name;
    EXECUTE 'SELECT EXISTS (SELECT 1 FROM was FULL JOIN becomes USING (id) WHERE ROW(' || was_columns
        || ') IS DISTINCT FROM ROW(' || columns || '))' INTO is_moved;
    IF is_moved THEN RAISE insufficient_privilege USING MESSAGE = 'sfactl: not found'; END IF;
    RETURN NULL;
END $$
"""
"""Runs with the rights of whoever changes rows; arguments: the columns, and permissions any of which lets him.

Who owns the tables may. A row that gets another key counts as moved.
"""


_KEPT = (
    "amount_minor", "currency", "close_on", "closed_on", "stage_id", "status", "probability_bp", "credited_id",
    "credited_territory_id",
)  # fmt: skip
"""What is kept of an opportunity over time."""


def _of(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in _KEPT)


_HISTORY = (
    f"""
CREATE OR REPLACE FUNCTION sfa_sec.kept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.opportunity_change (opportunity_id, recorded_at, {", ".join(_KEPT)})
        SELECT made.id, least(made.opened_on::timestamptz, made.updated_at), {_of("made")} FROM becomes AS made
        WHERE made.status = 'open' ORDER BY made.id;
        INSERT INTO public.opportunity_change (opportunity_id, recorded_at, {", ".join(_KEPT)})
        SELECT made.id, least(made.opened_on::timestamptz, made.closed_on::timestamptz, made.updated_at),
            made.amount_minor, made.currency, made.close_on, NULL, NULL, 'open', made.probability_bp, made.credited_id,
            made.credited_territory_id
        FROM becomes AS made WHERE made.status <> 'open' ORDER BY made.id;
        INSERT INTO public.opportunity_change (opportunity_id, recorded_at, {", ".join(_KEPT)})
        SELECT made.id, least(made.closed_on::timestamptz, made.updated_at), {_of("made")} FROM becomes AS made
        WHERE made.status <> 'open' ORDER BY made.id;
    ELSE
        INSERT INTO public.opportunity_change (opportunity_id, recorded_at, {", ".join(_KEPT)})
        SELECT it.id, CASE WHEN it.version > was.version THEN it.updated_at ELSE now() END, {_of("it")}
        FROM becomes AS it JOIN was ON was.id = it.id
        WHERE ROW({_of("it")}) IS DISTINCT FROM ROW({_of("was")}) ORDER BY it.id;
    END IF;
    RETURN NULL;
END $$
""",
    f"ALTER FUNCTION sfa_sec.kept() OWNER TO {GUARD}",
    "REVOKE ALL ON FUNCTION sfa_sec.kept() FROM PUBLIC",
    f"GRANT INSERT ON public.opportunity_change TO {GUARD}",
    f"GRANT USAGE ON SEQUENCE public.opportunity_change_id_seq TO {GUARD}",
    f"CREATE POLICY sfa_guard ON public.opportunity_change FOR INSERT TO {GUARD} WITH CHECK (true)",
    "CREATE OR REPLACE TRIGGER sfa_kept_made AFTER INSERT ON public.opportunity REFERENCING NEW TABLE AS becomes"
    " FOR EACH STATEMENT EXECUTE FUNCTION sfa_sec.kept()",
    "CREATE OR REPLACE TRIGGER sfa_kept_changed AFTER UPDATE ON public.opportunity"
    " REFERENCING OLD TABLE AS was NEW TABLE AS becomes FOR EACH STATEMENT EXECUTE FUNCTION sfa_sec.kept()",
)
"""What writes down the pipeline over time, once a statement, with the guard's rights: nobody else may write there.

One that is made is kept as of its opening, and one that is made closed as of both days. A change holds from the moment
that its row says, or from now where the row does not say it was changed (its version is what it was).
"""


def _touching(name: str, columns: str, changed: str) -> str:
    """A function that marks the stored figures to which the rows of a statement belong."""
    into = "INSERT INTO public.rollup_touched (month_id, user_id, territory_id) SELECT DISTINCT stored.id"
    month = (
        "JOIN public.rollup_month AS stored ON stored.month = date_trunc('month', it.day)::date ON CONFLICT DO NOTHING"
    )
    return f"""
CREATE OR REPLACE FUNCTION sfa_sec.{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.rollup_month) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        {into}, it.who, it.place FROM (SELECT {columns} FROM becomes) AS it {month};
    ELSIF TG_OP = 'DELETE' THEN
        {into}, it.who, it.place FROM (SELECT {columns} FROM was) AS it {month};
    ELSE
        {into}, it.who, it.place FROM (
            SELECT {columns} FROM was WHERE NOT EXISTS ({changed.format(one="was", other="becomes")})
            UNION SELECT {columns} FROM becomes WHERE NOT EXISTS ({changed.format(one="becomes", other="was")})
        ) AS it {month};
    END IF;
    RETURN NULL;
END $$
"""


def _touches(table: str, name: str) -> Iterable[str]:
    call = f"FOR EACH STATEMENT EXECUTE FUNCTION sfa_sec.{name}()"
    new, old = "NEW TABLE AS becomes", "OLD TABLE AS was"
    yield f"ALTER FUNCTION sfa_sec.{name}() OWNER TO {GUARD}"
    yield f"REVOKE ALL ON FUNCTION sfa_sec.{name}() FROM PUBLIC"
    for verb, tables in (("INSERT", new), ("UPDATE", f"{old} {new}"), ("DELETE", old)):
        trigger = f"sfa_touched_{verb.lower()}"
        yield f"CREATE OR REPLACE TRIGGER {trigger} AFTER {verb} ON public.{table} REFERENCING {tables} {call}"


_SAME_ORDER = (
    "SELECT 1 FROM {other} AS o WHERE o.id = {one}.id AND (o.credited_id, o.credited_territory_id, o.booked_on,"
    " o.amount_minor, o.currency) IS NOT DISTINCT FROM ({one}.credited_id, {one}.credited_territory_id,"
    " {one}.booked_on, {one}.amount_minor, {one}.currency)"
)
_TOUCHED = (
    _touching("touched", "user_id AS who, territory_id AS place, credited_on AS day", "SELECT 1 WHERE false"),
    _touching("order_touched", "0 AS who, credited_territory_id AS place, booked_on AS day", _SAME_ORDER),
    *_touches("credit", "touched"),
    *_touches("sales_order", "order_touched"),
    f"GRANT INSERT ON public.rollup_touched TO {GUARD}",
    f"CREATE POLICY sfa_guard ON public.rollup_touched FOR INSERT TO {GUARD} WITH CHECK (true)",
    f"GRANT SELECT ON public.rollup_month TO {GUARD}",
    f"CREATE POLICY sfa_guard ON public.rollup_month FOR SELECT TO {GUARD} USING (true)",
)
"""What marks stored figures that hold no more, once a statement; nobody else may write there, so nobody can unmark them."""


_READ_FOR_COSTS = ("quote", "product_cost", "exchange_rate")
_RATE = (
    "(SELECT r.rate_e9 FROM public.exchange_rate AS r WHERE r.from_currency = c.currency AND r.to_currency = q.currency"
    " AND r.rated_on <= q.priced_on ORDER BY r.rated_on DESC LIMIT 1)"
)
_COST = f"CASE WHEN c.currency = q.currency THEN c.cost_e4 ELSE (c.cost_e4 * {_RATE} + 500000000) / 1000000000 END"
_COSTED = (
    f"""
CREATE OR REPLACE FUNCTION sfa_sec.costed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.quote_line_cost (quote_id, line, product_id, cost_e4)
    SELECT found.quote_id, found.line, found.product_id, found.cost FROM (
        SELECT DISTINCT ON (made.id) made.id, made.quote_id, made.line, made.product_id, {_COST} AS cost
        FROM becomes AS made JOIN public.quote AS q ON q.id = made.quote_id
        JOIN public.product_cost AS c ON c.product_id = made.product_id
        WHERE {_COST} IS NOT NULL ORDER BY made.id, c.currency = q.currency DESC, c.currency
    ) AS found ORDER BY found.id;
    RETURN NULL;
END $$
""",
    f"ALTER FUNCTION sfa_sec.costed() OWNER TO {GUARD}",
    "REVOKE ALL ON FUNCTION sfa_sec.costed() FROM PUBLIC",
    f"GRANT SELECT, INSERT ON public.quote_line_cost TO {GUARD}",
    f"GRANT USAGE ON SEQUENCE public.quote_line_cost_id_seq TO {GUARD}",
    f"CREATE POLICY sfa_guard ON public.quote_line_cost TO {GUARD} USING (true) WITH CHECK (true)",
    *(
        said
        for table in _READ_FOR_COSTS
        for said in (
            f"GRANT SELECT ON public.{table} TO {GUARD}",
            f"CREATE POLICY sfa_guard ON public.{table} FOR SELECT TO {GUARD} USING (true)",
        )
    ),
    "CREATE OR REPLACE TRIGGER sfa_costed_made AFTER INSERT ON public.quote_line REFERENCING NEW TABLE AS becomes"
    " FOR EACH STATEMENT EXECUTE FUNCTION sfa_sec.costed()",
    "CREATE OR REPLACE TRIGGER sfa_costed_changed AFTER UPDATE ON public.quote_line REFERENCING NEW TABLE AS becomes"
    " FOR EACH STATEMENT EXECUTE FUNCTION sfa_sec.costed()",
)
"""What keeps the cost of what is offered, with the guard's rights: who offers it need not know it."""


def _share_functions() -> Iterable[tuple[str, tuple[str, str]]]:
    for rule in RULES.values():
        if rule.shares:
            shares = rule.shares
            yield (
                f"shared_{shares.table}(who name, noun text, verb text)",
                (
                    "bigint[]",
                    f"SELECT coalesce(array_agg(s.{shares.key}), '{{}}') FROM public.{shares.table} AS s"
                    f" WHERE s.{shares.person} = (SELECT sfa_sec.me(who, noun, verb)) AND ({shares.where})",
                ),
            )


_HELD = (
    "(SELECT h.user_id, h.role_id, false AS is_emergency FROM public.role_grant AS h JOIN public.role AS o"
    " ON o.id = h.role_id WHERE NOT o.is_emergency AND h.valid_from <= current_date"
    " AND (h.valid_to IS NULL OR h.valid_to > current_date) UNION ALL"
    " SELECT e.user_id, e.role_id, true FROM public.emergency_grant AS e JOIN public.role AS o ON o.id = e.role_id"
    " WHERE o.is_emergency AND e.day = current_date AND who = session_user)"
)
"""Roles that people have today, given to them or taken in an emergency; these hold for nobody who acts for another."""
_GRANTS = (
    f"FROM {_HELD} AS g JOIN public.role AS r ON r.id = g.role_id AND r.active"
    " JOIN public.role_permission AS p ON p.role_id = r.id WHERE g.user_id = (SELECT sfa_sec.user_of(who))"
)
_WIDTH = "CASE p.scope WHEN 'own' THEN 1 WHEN 'territory' THEN 2 WHEN 'subtree' THEN 3 WHEN 'all' THEN 4 END"
_MEMBER = (
    "FROM public.territory_member AS m WHERE m.user_id = (SELECT sfa_sec.user_of(who)) AND m.valid_from <= current_date"
    " AND (m.valid_to IS NULL OR m.valid_to > current_date)"
)
_BELOW = (
    "SELECT DISTINCT below.id FROM public.territory AS top JOIN public.territory AS below"
    f" ON below.tree_left BETWEEN top.tree_left AND top.tree_right WHERE top.id IN (SELECT m.territory_id {_MEMBER})"
)

_DEPUTY = (
    "SELECT 1 FROM public.deputy AS d JOIN public.user_identity AS his ON his.user_id = d.user_id"
    " WHERE d.deputy_id = me.id AND his.kind = 'postgresql' AND his.name = who::text"
)
_MAY_ASK = (
    f"(who = session_user OR pg_has_role(session_user, '{OWNER}', 'MEMBER') OR"
    " (EXISTS (SELECT 1 FROM pg_auth_members AS a JOIN pg_roles AS r ON r.oid = a.roleid"
    " JOIN pg_roles AS s ON s.oid = a.member WHERE r.rolname = who AND s.rolname = session_user)"
    " AND EXISTS (SELECT 1 FROM public.user_identity AS own JOIN public.app_user AS me ON me.id = own.user_id"
    " WHERE own.kind = 'postgresql' AND own.name = session_user::text AND me.active"
    f" AND (NOT EXISTS ({_DEPUTY}) OR EXISTS ({_DEPUTY}"
    " AND d.valid_from <= current_date AND d.valid_to > current_date)))))"
)
"""The functions tell somebody who is known here about himself and those he may act as, whatever name he passes.

Only a membership of his own counts, not one through another's: a deputy of a deputy is none. A deputy's ends with its day.
"""

_FUNCTIONS: dict[str, tuple[str, str]] = {
    "user_of(who name)": (
        "bigint",
        "SELECT u.id FROM public.user_identity AS i JOIN public.app_user AS u ON u.id = i.user_id"
        f" WHERE i.kind = 'postgresql' AND i.name = who::text AND u.active AND {_MAY_ASK}",
    ),
    "login_of(who name)": (
        "text",
        "SELECT u.login FROM public.app_user AS u WHERE u.id = (SELECT sfa_sec.user_of(who))",
    ),
    "role_of(key text)": (
        "text",
        "SELECT i.name FROM public.user_identity AS i JOIN public.app_user AS u ON u.id = i.user_id"
        " WHERE i.kind = 'postgresql' AND u.active AND (u.login = key OR u.external_id = key)"
        " ORDER BY u.login = key DESC LIMIT 1",
    ),
    "width(who name, noun text, verb text)": (
        "int",
        f"SELECT coalesce(max({_WIDTH}), 0) {_GRANTS} AND p.noun = width.noun AND p.action = verb",
    ),
    "me(who name, noun text, verb text)": (
        "bigint",
        "SELECT CASE WHEN sfa_sec.width(who, noun, verb) > 0 THEN sfa_sec.user_of(who) END",
    ),
    "territories(who name, noun text, verb text)": (
        "bigint[]",
        "SELECT coalesce(CASE sfa_sec.width(who, noun, verb)"
        " WHEN 4 THEN (SELECT array_agg(t.id) FROM public.territory AS t)"
        f" WHEN 3 THEN (SELECT array_agg(b.id) FROM ({_BELOW}) AS b)"
        f" WHEN 2 THEN (SELECT array_agg(m.territory_id) {_MEMBER}) END, '{{}}')",
    ),
    "actor(who name)": (
        "json",
        f"WITH held AS MATERIALIZED (SELECT r.code, p.noun || '.' || p.action AS permission, p.scope, g.is_emergency {_GRANTS})"
        " SELECT json_build_object('user_id', u.id, 'login', u.login, 'name', u.name,"
        " 'roles', (SELECT coalesce(json_agg(DISTINCT code), '[]') FROM held),"
        " 'emergency', (SELECT coalesce(json_agg(DISTINCT code), '[]') FROM held WHERE is_emergency),"
        " 'permissions', (SELECT coalesce(json_agg(json_build_array(permission, scope)), '[]') FROM held),"
        f" 'territories', (SELECT coalesce(json_agg(m.territory_id), '[]') {_MEMBER}),"
        f" 'subtree', (SELECT coalesce(json_agg(b.id), '[]') FROM ({_BELOW}) AS b))"
        " FROM public.app_user AS u WHERE u.id = (SELECT sfa_sec.user_of(who))",
    ),
}
