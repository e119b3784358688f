"""Accounts to new owners with sqlite3 alone: keys staged, checked, one statement for the accounts and one for the history.

Prints how many rows it wrote.
"""

import csv
import sqlite3
import sys
from itertools import islice
from pathlib import Path

database, file = sys.argv[1], sys.argv[2]

CHECKS = {
    "an account twice": "SELECT count(*) - count(DISTINCT code) FROM staged",
    "no such account": "SELECT count(*) FROM staged WHERE code NOT IN (SELECT code FROM account)",
    "no such person": "SELECT count(*) FROM staged WHERE owner NOT IN (SELECT login FROM app_user WHERE active)",
    "not in scope": "SELECT count(*) FROM staged AS s JOIN account AS a ON a.code = s.code"
    " WHERE a.territory_id NOT IN (SELECT id FROM territory)",
}
HISTORY = """
INSERT INTO history (account_id, was_id, owner_id, territory_id, since, cause)
SELECT a.id, a.owner_id, u.id, a.territory_id, '2026-01-01', 'manual'
FROM staged AS s JOIN account AS a ON a.code = s.code JOIN app_user AS u ON u.login = s.owner
"""
MOVE = """
UPDATE account SET owner_id = u.id, updated_at = '2026-01-01T00:00:00.000000Z', version = account.version + 1
FROM staged AS s JOIN app_user AS u ON u.login = s.owner WHERE account.code = s.code
"""

raw = sqlite3.connect(database, isolation_level=None)
for pragma in ("foreign_keys = ON", "temp_store = MEMORY", "cache_size = -131072", "synchronous = EXTRA"):
    raw.execute(f"PRAGMA {pragma}")
raw.execute(
    "CREATE TABLE IF NOT EXISTS history (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, was_id INTEGER,"
    " owner_id INTEGER, territory_id INTEGER, since TEXT, cause TEXT)"
)
raw.execute("CREATE INDEX IF NOT EXISTS history_account ON history (account_id)")
raw.execute("CREATE TEMP TABLE staged (code TEXT PRIMARY KEY, owner TEXT NOT NULL)")
raw.execute("BEGIN IMMEDIATE")
written = 0
with Path(file).open(encoding="utf-8", newline="") as text:
    rows = csv.reader(text)
    next(rows)
    while batch := list(islice(rows, 5000)):
        written += raw.executemany("INSERT INTO staged VALUES (?, ?)", batch).rowcount
for fault, query in CHECKS.items():
    if found := raw.execute(query).fetchone()[0]:
        sys.exit(f"{fault}: {found}")
written += raw.execute(HISTORY).rowcount
written += raw.execute(MOVE).rowcount
raw.execute("COMMIT")
print(written)
