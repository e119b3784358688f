"""Queries for what opens a way round the guard of a PostgreSQL server: each gives places and remedies.

People are the logins that the workspace knows, leavers too, and whoever else is a member of `sfa_user`.
"""

from dataclasses import dataclass

from sfactl.i18n import N_


@dataclass(frozen=True)
class Look:
    """A query that gives places and remedies; a remedy that is null is the synchronising."""

    finding: str
    query: str
    remedy: str | None = None
    "A sentence in place of null."
    since: int = 0
    "The first `server_version_num` that has what is asked for."


WHO = "CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END"
"""Whom an entry of an access list is for."""

GATHERED = """
CREATE TEMP TABLE _people AS
WITH RECURSIVE member AS (
    SELECT r.oid FROM pg_roles AS r
    WHERE r.rolname::text IN (SELECT i.name FROM public.user_identity AS i WHERE i.kind = 'postgresql')
    UNION SELECT r.oid FROM pg_roles AS r WHERE r.rolname = 'sfa_user'
    UNION SELECT a.member FROM member AS m JOIN pg_auth_members AS a ON a.roleid = m.oid
        JOIN pg_roles AS r ON r.oid = a.member WHERE NOT (r.rolsuper OR r.rolcreaterole)
)
SELECT r.oid, r.rolname AS name, EXISTS (
    SELECT 1 FROM public.user_identity AS i WHERE i.kind = 'postgresql' AND i.name = r.rolname::text
) AS is_known
FROM pg_roles AS r WHERE r.oid IN (SELECT m.oid FROM member AS m) AND r.rolname <> 'sfa_user';

CREATE TEMP TABLE _above AS
SELECT r.oid FROM pg_roles AS r
WHERE (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication
    OR r.rolname IN ('sfa_owner', 'sfa_guard') OR (r.oid < 16384 AND r.rolname ~ '^pg_'))
AND r.rolname <> 'sfa_user' AND r.oid NOT IN (SELECT oid FROM _people);

CREATE TEMP TABLE _reach AS
WITH RECURSIVE reached AS (
    SELECT p.oid FROM _people AS p
    UNION SELECT r.oid FROM pg_roles AS r WHERE r.rolname = 'sfa_user'
    UNION SELECT a.roleid FROM reached AS r JOIN pg_auth_members AS a ON a.member = r.oid
        WHERE a.roleid NOT IN (SELECT oid FROM _above)
)
SELECT oid FROM reached;

CREATE TEMP TABLE _open AS
SELECT said.kind, said.oid, string_agg(DISTINCT CASE acl.grantee WHEN 0 THEN 'PUBLIC'
    ELSE quote_ident(pg_get_userbyid(acl.grantee)) END, ', ') AS who
FROM (
    SELECT 'relation' AS kind, c.oid, c.relacl AS acl FROM pg_class AS c
    UNION ALL SELECT 'relation', a.attrelid, a.attacl FROM pg_attribute AS a WHERE a.attacl IS NOT NULL
    UNION ALL SELECT 'function', p.oid, coalesce(p.proacl, acldefault('f', p.proowner)) FROM pg_proc AS p
    UNION ALL SELECT 'schema', n.oid, n.nspacl FROM pg_namespace AS n
) AS said, aclexplode(said.acl) AS acl
WHERE acl.grantee = 0 OR acl.grantee IN (SELECT oid FROM _reach)
GROUP BY said.kind, said.oid;
"""
"""People and leavers; roles above all rules; what people are and may become; what is open to them, and by whom."""

MISSING_ROLES = """
SELECT name, NULL FROM (VALUES ('sfa_owner'), ('sfa_guard'), ('sfa_user')) AS r (name)
WHERE to_regrole(name) IS NULL
"""
_RIGHTS_OF_ROLES = """
SELECT r.rolname || ' ' || said.attribute, format('ALTER ROLE %%I NO%%s', r.rolname, said.attribute)
FROM pg_roles AS r, LATERAL (VALUES
    ('SUPERUSER', r.rolsuper), ('BYPASSRLS', r.rolbypassrls), ('CREATEROLE', r.rolcreaterole),
    ('CREATEDB', r.rolcreatedb), ('REPLICATION', r.rolreplication), ('LOGIN', r.rolcanlogin)
) AS said (attribute, has)
WHERE said.has AND {0} ORDER BY r.rolname, said.attribute
"""
_BY = "CASE a.grantor WHEN 10 THEN '' ELSE format(' GRANTED BY %%I', pg_get_userbyid(a.grantor)) END"
ROLES = (
    Look(N_("a role of the guard is missing"), MISSING_ROLES),
    Look(
        N_("a role of the guard has rights of its own"),
        _RIGHTS_OF_ROLES.format("r.rolname IN ('sfa_owner', 'sfa_guard', 'sfa_user')"),
    ),
    Look(
        N_("a person's login stands above rules"),
        _RIGHTS_OF_ROLES.format("r.oid IN (SELECT oid FROM _people) AND said.attribute <> 'LOGIN'"),
    ),
    Look(
        N_("a person may become a role above rules"),
        f"""
        WITH RECURSIVE path AS (
            SELECT p.name || '' AS said, a.roleid, format('REVOKE %%I FROM %%I%%s', pg_get_userbyid(a.roleid), p.name,
                {_BY}) AS remedy
            FROM (SELECT oid, name FROM _people UNION SELECT oid, rolname FROM pg_roles WHERE rolname = 'sfa_user') AS p
            JOIN pg_auth_members AS a ON a.member = p.oid
            UNION ALL
            SELECT path.said || ' in ' || pg_get_userbyid(path.roleid), a.roleid, path.remedy
            FROM path JOIN pg_auth_members AS a ON a.member = path.roleid
            WHERE path.roleid NOT IN (SELECT oid FROM _people UNION SELECT oid FROM _above)
            AND path.roleid IS DISTINCT FROM to_regrole('sfa_user')
        )
        SELECT DISTINCT said || ' in ' || pg_get_userbyid(roleid), remedy FROM path
        WHERE roleid IN (SELECT oid FROM _above) ORDER BY 1
        """,
    ),
    Look(
        N_("a role may become a person"),
        f"""
        SELECT DISTINCT m.rolname || ' in ' || p.name, format('REVOKE %%I FROM %%I%%s', p.name, m.rolname, {_BY})
        FROM pg_auth_members AS a JOIN _people AS p ON p.oid = a.roleid JOIN pg_roles AS m ON m.oid = a.member
        WHERE p.is_known AND NOT (m.rolsuper OR m.rolcreaterole)
        AND m.oid NOT IN (SELECT oid FROM _people WHERE is_known) ORDER BY 1
        """,
    ),
    Look(
        N_("a person may pass a membership on"),
        f"""
        SELECT DISTINCT m.rolname || ' in ' || g.rolname,
            format('REVOKE ADMIN OPTION FOR %%I FROM %%I%%s', g.rolname, m.rolname, {_BY})
        FROM pg_auth_members AS a JOIN pg_roles AS m ON m.oid = a.member JOIN pg_roles AS g ON g.oid = a.roleid
        WHERE a.admin_option AND m.oid IN (SELECT oid FROM _reach) AND g.oid IN (SELECT oid FROM _reach) ORDER BY 1
        """,
    ),
)

_APART = """
n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
AND NOT EXISTS (
    SELECT 1 FROM pg_depend AS d WHERE d.objid = {0}.oid AND d.classid = '{1}'::regclass AND d.deptype = 'e'
)
AND (n.oid IN (SELECT oid FROM _open WHERE kind = 'schema') OR n.nspowner IN (SELECT oid FROM _reach))
"""
_OPEN_RELATIONS = f"""
SELECT {{place}}, {{remedy}}
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN _open AS o ON o.kind = 'relation' AND o.oid = c.oid
WHERE {_APART.format("c", "pg_class")} AND {{which}} ORDER BY 1
"""
_OPEN_FUNCTIONS = f"""
SELECT regexp_replace(p.oid::regprocedure::text, '^public\\.', ''), {{remedy}}
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN _open AS o ON o.kind = 'function' AND o.oid = p.oid
WHERE {_APART.format("p", "pg_proc")} AND n.nspname <> 'sfa_sec' AND {{which}} ORDER BY 1
"""
_NAME = "regexp_replace(c.oid::regclass::text, '^public\\.', '')"
_CLOSE_RELATION = "format('REVOKE ALL ON %%s FROM %%s', c.oid::regclass, o.who)"
_CLOSE_FUNCTION = "format('REVOKE ALL ON ROUTINE %%s FROM %%s', p.oid::regprocedure, o.who)"
_OUR_TABLES = f"""
SELECT {_NAME}, NULL FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND {{0}} ORDER BY 1
"""
_IN_REACH = "acl.grantee = 0 OR acl.grantee IN (SELECT oid FROM _reach)"

LOOKS = (
    Look(
        N_("a table without forced row-level security"),
        _OUR_TABLES.format("NOT (c.relrowsecurity AND c.relforcerowsecurity)"),
    ),
    Look(
        N_("a table that has no rule"),
        _OUR_TABLES.format("c.relname <> ALL (%(known)s)"),
        remedy=N_("Move it to a schema of its own, or drop it."),
    ),
    Look(N_("a table of somebody else's"), _OUR_TABLES.format("c.relowner <> 'sfa_owner'::regrole")),
    Look(
        N_("a sequence of somebody else's"),
        f"""
        SELECT {_NAME}, format('ALTER SEQUENCE %%s OWNER TO sfa_owner', c.oid::regclass) FROM pg_class AS c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S' AND c.relowner <> 'sfa_owner'::regrole
        AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass
            AND d.deptype IN ('a', 'i')) ORDER BY 1
        """,
    ),
    Look(
        N_("a function of the guard is somebody else's"),
        """
        SELECT p.oid::regprocedure::text, format('ALTER FUNCTION %%s OWNER TO %%s', p.oid::regprocedure, wanted.owner)
        FROM pg_proc AS p,
            LATERAL (SELECT CASE WHEN p.proname IN ('linked', 'moved') THEN 'sfa_owner' ELSE 'sfa_guard' END) AS wanted (owner)
        WHERE p.pronamespace = to_regnamespace('sfa_sec') AND p.proowner <> wanted.owner::regrole ORDER BY 1
        """,
    ),
    Look(
        N_("a schema or the database is a person's"),
        """
        SELECT n.nspname || ': ' || pg_get_userbyid(n.nspowner),
            format('ALTER SCHEMA %%I OWNER TO %%s', n.nspname,
                CASE n.nspname WHEN 'public' THEN 'pg_database_owner' ELSE 'sfa_owner' END)
        FROM pg_namespace AS n WHERE n.nspname IN ('public', 'sfa_sec') AND n.nspowner IN (SELECT oid FROM _reach)
        UNION ALL
        SELECT d.datname || ': ' || pg_get_userbyid(d.datdba),
            format('ALTER DATABASE %%I OWNER TO %%I', d.datname, session_user)
        FROM pg_database AS d WHERE d.datname = current_database() AND d.datdba IN (SELECT oid FROM _reach) ORDER BY 1
        """,
    ),
    Look(
        N_("people may make things in a schema or the database"),
        f"""
        SELECT n.nspname || ': ' || {WHO}, CASE WHEN n.nspname <> 'public' OR acl.grantee <> 0
            THEN format('REVOKE CREATE ON SCHEMA %%I FROM %%s CASCADE', n.nspname, {WHO}) END
        FROM pg_namespace AS n, aclexplode(n.nspacl) AS acl WHERE n.nspname IN ('public', 'sfa_sec')
        AND acl.privilege_type = 'CREATE' AND ({_IN_REACH})
        UNION ALL
        SELECT d.datname || ': ' || {WHO}, format('REVOKE CREATE ON DATABASE %%I FROM %%s CASCADE', d.datname, {WHO})
        FROM pg_database AS d, aclexplode(d.datacl) AS acl WHERE d.datname = current_database()
        AND acl.privilege_type = 'CREATE' AND ({_IN_REACH}) ORDER BY 1
        """,
    ),
    Look(
        N_("people cannot reach a schema"),
        """
        SELECT n.nspname || ': ' || r.name, NULL FROM (VALUES ('sfa_user'), ('sfa_guard')) AS r (name),
            (VALUES ('public'), ('sfa_sec')) AS n (nspname)
        WHERE to_regnamespace(n.nspname) IS NULL
        OR NOT has_schema_privilege(r.name, to_regnamespace(n.nspname), 'USAGE') ORDER BY 1
        """,
    ),
    Look(
        N_("a view shows what its owner sees"),
        _OPEN_RELATIONS.format(
            place=_NAME,
            remedy="format('ALTER VIEW %%s SET (security_invoker = true)', c.oid::regclass)",
            which="c.relkind = 'v' AND NOT EXISTS (SELECT 1 FROM pg_options_to_table(c.reloptions)"
            " WHERE option_name = 'security_invoker' AND option_value::bool)",
        ),
    ),
    Look(
        N_("a kept view shows rows that no policy guards"),
        _OPEN_RELATIONS.format(place=_NAME, remedy=_CLOSE_RELATION, which="c.relkind = 'm'"),
    ),
    Look(
        N_("a table elsewhere is open to people"),
        _OPEN_RELATIONS.format(
            place=_NAME,
            remedy=_CLOSE_RELATION,
            which="(c.relkind = 'f' OR (c.relkind IN ('r', 'p') AND n.nspname <> 'public' AND NOT c.relrowsecurity))",
        ),
    ),
    Look(
        N_("a function runs with its owner's rights"),
        _OPEN_FUNCTIONS.format(remedy=_CLOSE_FUNCTION, which="p.prosecdef"),
    ),
    Look(
        N_("a function is trusted with hidden rows"),
        _OPEN_FUNCTIONS.format(
            remedy="format('ALTER FUNCTION %%s NOT LEAKPROOF', p.oid::regprocedure)", which="p.proleakproof"
        ),
    ),
    Look(
        N_("a privilege beyond the plan"),
        f"""
        SELECT c.relname || ': ' || {WHO} || ' ' || acl.privilege_type,
            CASE WHEN acl.grantee NOT IN (0, 'sfa_user'::regrole)
            THEN format('REVOKE ALL ON SEQUENCE %%s FROM %%s CASCADE', c.oid::regclass, {WHO}) END
        FROM pg_class AS c, aclexplode(c.relacl) AS acl
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S' AND acl.grantee <> c.relowner
        AND (acl.grantee <> 'sfa_user'::regrole OR acl.privilege_type <> 'USAGE' OR acl.is_grantable)
        AND (acl.grantee <> 'sfa_guard'::regrole OR acl.privilege_type <> 'USAGE' OR acl.is_grantable
            OR c.relname NOT IN ('opportunity_change_id_seq', 'quote_line_cost_id_seq')) ORDER BY 1
        """,
    ),
    Look(
        N_("a privilege is missing"),
        """
        SELECT c.relname || ': sfa_user USAGE', NULL FROM pg_class AS c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S' AND NOT EXISTS (
            SELECT 1 FROM aclexplode(c.relacl) AS acl
            WHERE acl.grantee = 'sfa_user'::regrole AND acl.privilege_type = 'USAGE'
        ) ORDER BY 1
        """,
    ),
    Look(
        N_("what is made next will be open to people"),
        f"""
        SELECT coalesce(n.nspname || ': ', '') || {WHO} || ' ' || acl.privilege_type,
            format('ALTER DEFAULT PRIVILEGES FOR ROLE %%I%%s REVOKE ALL ON %%s FROM %%s', pg_get_userbyid(d.defaclrole),
                ' IN SCHEMA ' || quote_ident(n.nspname), CASE d.defaclobjtype WHEN 'r' THEN 'TABLES'
                WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END, {WHO})
        FROM pg_default_acl AS d LEFT JOIN pg_namespace AS n ON n.oid = d.defaclnamespace,
            aclexplode(d.defaclacl) AS acl
        WHERE d.defaclobjtype IN ('r', 'S') AND ({_IN_REACH}) ORDER BY 1
        """,
    ),
    Look(
        N_("people may change a setting of the server"),
        f"""
        SELECT s.parname || ': ' || {WHO}, format('REVOKE ALL ON PARAMETER %%s FROM %%s', s.parname, {WHO})
        FROM pg_parameter_acl AS s, aclexplode(s.paracl) AS acl WHERE {_IN_REACH} ORDER BY 1
        """,
        since=150000,
    ),
    Look(
        N_("a setting switches triggers off"),
        """
        SELECT coalesce(r.rolname, d.datname), CASE WHEN r.oid IS NULL
            THEN format('ALTER DATABASE %%I RESET session_replication_role', d.datname)
            ELSE format('ALTER ROLE %%I%%s RESET session_replication_role', r.rolname,
                ' IN DATABASE ' || quote_ident(d.datname)) END
        FROM pg_db_role_setting AS s LEFT JOIN pg_roles AS r ON r.oid = s.setrole
        LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
        WHERE (d.oid IS NULL OR d.datname = current_database()) AND (r.oid IS NULL OR r.oid IN (SELECT oid FROM _reach))
        AND EXISTS (SELECT 1 FROM unnest(s.setconfig) AS said (value) WHERE value ~ '^session_replication_role=')
        ORDER BY 1
        """,
    ),
    Look(
        N_("a trigger is switched off"),
        f"""
        SELECT {_NAME} || '.' || coalesce(k.conname, t.tgname),
            format('ALTER TABLE %%s ENABLE TRIGGER ALL', c.oid::regclass)
        FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
        LEFT JOIN pg_constraint AS k ON k.oid = t.tgconstraint
        WHERE c.relnamespace = 'public'::regnamespace AND t.tgisinternal AND t.tgenabled <> 'O'
        GROUP BY c.oid, 1 ORDER BY 1
        """,
    ),
    Look(
        N_("a rule rewrites statements"),
        f"""
        SELECT {_NAME} || '.' || w.rulename, format('DROP RULE %%I ON %%s', w.rulename, c.oid::regclass)
        FROM pg_rewrite AS w JOIN pg_class AS c ON c.oid = w.ev_class
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1
        """,
    ),
)
