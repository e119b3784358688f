"""Accounts to new owners with psycopg alone: COPY to a staging table, checks, two statements.

Prints how many rows it wrote.
"""

import sys
from pathlib import Path

import psycopg

conninfo, file = sys.argv[1], sys.argv[2]

CHECKS = {
    "an account twice": "SELECT count(*) - count(DISTINCT code) FROM staged",
    "no such account": "SELECT count(*) FROM staged AS s LEFT JOIN account AS a ON a.code = s.code WHERE a.id IS NULL",
    "no such person": "SELECT count(*) FROM staged AS s LEFT JOIN app_user AS u ON u.login = s.owner AND u.active"
    " WHERE u.id IS NULL",
    "not in scope": "SELECT count(*) FROM staged AS s JOIN account AS a ON a.code = s.code"
    " LEFT JOIN territory AS t ON t.id = a.territory_id WHERE t.id IS NULL",
}
HISTORY = """
INSERT INTO history (account_id, was_id, owner_id, territory_id, since, cause)
SELECT a.id, a.owner_id, u.id, a.territory_id, '2026-01-01', 'manual'
FROM staged AS s JOIN account AS a ON a.code = s.code JOIN app_user AS u ON u.login = s.owner
"""
MOVE = """
UPDATE account SET owner_id = u.id, updated_at = '2026-01-01T00:00:00Z', version = account.version + 1
FROM staged AS s JOIN app_user AS u ON u.login = s.owner WHERE account.code = s.code
"""

with psycopg.connect(conninfo) as raw, raw.cursor() as cursor:
    cursor.execute(
        "CREATE TABLE history (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id bigint NOT NULL,"
        " was_id bigint, owner_id bigint, territory_id bigint, since date, cause text)"
    )
    cursor.execute("CREATE INDEX history_account ON history (account_id)")
    cursor.execute("CREATE TEMP TABLE staged (code text PRIMARY KEY, owner text NOT NULL)")
    with cursor.copy("COPY staged FROM STDIN (FORMAT csv, HEADER)") as copy, Path(file).open("rb") as rows:
        while block := rows.read(1 << 18):
            copy.write(block)
    written = cursor.rowcount
    cursor.execute("ANALYZE staged")
    for fault, query in CHECKS.items():
        found = cursor.execute(query).fetchone()
        if found and found[0]:
            sys.exit(f"{fault}: {found[0]}")
    written += cursor.execute(HISTORY).rowcount
    written += cursor.execute(MOVE).rowcount
print(written)
