"""The columns that sfactl exports of an account, from a raw sqlite3 cursor through csv.writer to standard output."""

import csv
import sqlite3
import sys

STATEMENT = """
SELECT a.code, a.name, a.external_id, t.code AS territory, u.login AS owner, a.segment, a.industry, a.kind,
    p.code AS parent, a.city, a.region, a.country, a.postal_code, a.phone, a.website, a.employees,
    a.annual_revenue_minor / 100.0 AS annual_revenue, a.currency,
    (SELECT h.valid_from FROM assignment AS h
     WHERE h.account_id = a.id AND h.role = 'owner' AND h.valid_to IS NULL) AS owned_since
FROM account AS a LEFT JOIN territory AS t ON t.id = a.territory_id LEFT JOIN app_user AS u ON u.id = a.owner_id
LEFT JOIN account AS p ON p.id = a.parent_id
ORDER BY a.code
"""

raw = sqlite3.connect(sys.argv[1])
raw.execute("PRAGMA cache_size = -65536")
cursor = raw.execute(STATEMENT)
writer = csv.writer(sys.stdout, lineterminator="\n")
writer.writerow([column[0] for column in cursor.description])
writer.writerows(cursor)
