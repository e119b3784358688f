"""Accounts from CSV with sqlite3 alone: staged as text, checked in SQL, upserted; with `history`, dated owners too."""

import csv
import sqlite3
import sys
from itertools import islice
from pathlib import Path

database, file, with_history = sys.argv[1], sys.argv[2], "history" in sys.argv

FIELDS = (
    "code", "external_id", "name", "territory", "owner", "segment", "industry", "kind", "city", "country",
    "postal_code", "phone", "employees", "annual_revenue", "currency",
)  # fmt: skip
CHECKS = {
    "a required field is empty": "SELECT count(*) FROM staged WHERE code = '' OR name = ''",
    "a code twice": "SELECT count(*) - count(DISTINCT code) FROM staged",
    "an external key twice": "SELECT count(*) - count(DISTINCT external_id) FROM staged",
    "no such territory": "SELECT count(*) FROM staged WHERE territory NOT IN (SELECT code FROM territory)",
    "no such person": "SELECT count(*) FROM staged WHERE owner NOT IN (SELECT login FROM app_user WHERE active)",
    "no such kind": "SELECT count(*) FROM staged WHERE kind NOT IN ('customer', 'prospect', 'partner')",
    "no number": "SELECT count(*) FROM staged WHERE employees GLOB '*[^0-9]*' OR annual_revenue GLOB '*[^0-9.]*'",
    "a currency that is none": "SELECT count(*) FROM staged WHERE currency NOT GLOB '[A-Z][A-Z][A-Z]'",
    "a text that is too long": "SELECT count(*) FROM staged WHERE length(code) > 64 OR length(name) > 200",
}
UPSERT = """
INSERT INTO account (code, external_id, name, name_key, territory_id, owner_id, segment, industry, kind, city, country,
    postal_code, phone, employees, annual_revenue_minor, currency, created_at, updated_at, version)
SELECT s.code, s.external_id, s.name, lower(s.name), t.id, u.id, s.segment, s.industry, s.kind, s.city, s.country,
    s.postal_code, s.phone, CAST(s.employees AS INTEGER), CAST(round(s.annual_revenue * 100) AS INTEGER), s.currency,
    '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', 1
FROM staged AS s JOIN territory AS t ON t.code = s.territory JOIN app_user AS u ON u.login = s.owner
WHERE true ORDER BY s.line
ON CONFLICT (code) DO UPDATE SET name = excluded.name, name_key = excluded.name_key,
    territory_id = excluded.territory_id, owner_id = excluded.owner_id, segment = excluded.segment,
    industry = excluded.industry, kind = excluded.kind, city = excluded.city, country = excluded.country,
    postal_code = excluded.postal_code, phone = excluded.phone, employees = excluded.employees,
    annual_revenue_minor = excluded.annual_revenue_minor, currency = excluded.currency,
    updated_at = excluded.updated_at, version = version + 1
"""
HISTORY = """
INSERT INTO assignment (account_id, user_id, territory_id, role, valid_from, cause, created_at)
SELECT a.id, a.owner_id, a.territory_id, 'owner', '2000-01-01', 'import', '2026-01-01T00:00:00.000000Z'
FROM staged AS s JOIN account AS a ON a.code = s.code
WHERE NOT EXISTS (SELECT 1 FROM assignment AS o WHERE o.account_id = a.id AND o.role = 'owner' AND o.valid_to IS NULL)
ORDER BY a.id
"""

raw = sqlite3.connect(database, isolation_level=None)
for pragma in ("foreign_keys = ON", "cache_size = -65536", "synchronous = FULL"):
    raw.execute(f"PRAGMA {pragma}")
raw.execute(f"CREATE TEMP TABLE staged (line INTEGER PRIMARY KEY, {', '.join(f'{name} TEXT' for name in FIELDS)})")
raw.execute("BEGIN IMMEDIATE")
with Path(file).open(encoding="utf-8", newline="") as text:
    rows = csv.reader(text)
    header = next(rows)
    marks = ", ".join("?" * len(header))
    while batch := list(islice(rows, 5000)):
        raw.executemany(f"INSERT INTO staged ({', '.join(header)}) VALUES ({marks})", batch)
for fault, query in CHECKS.items():
    if found := raw.execute(query).fetchone()[0]:
        sys.exit(f"{fault}: {found}")
raw.execute(UPSERT)
if with_history:
    raw.execute(HISTORY)
raw.execute("COMMIT")
print(raw.execute("SELECT count(*) FROM account").fetchone()[0])
