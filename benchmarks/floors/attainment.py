"""Credit of each person in a period, with sqlite3 alone: one covering index, grouped by day first, by person then."""

import csv
import sqlite3
import sys

STATEMENT = """
SELECT u.login, q.amount_minor, sums.amount, sums.orders
FROM (
    SELECT user_id, currency, sum(amount) AS amount, sum(orders) AS orders
    FROM (
        SELECT user_id, credited_on, currency, sum(amount_minor) AS amount, count(*) AS orders
        FROM credit
        WHERE kind = 'revenue' AND credited_on >= ?1 AND credited_on < ?2 {narrowed}
        GROUP BY user_id, credited_on, currency
    )
    GROUP BY user_id, currency
) AS sums
JOIN app_user AS u ON u.id = sums.user_id
LEFT JOIN (
    SELECT user_id, sum(amount_minor) AS amount_minor FROM quota
    WHERE measure = 'revenue' AND starts_on >= ?1 AND starts_on < ?2 GROUP BY user_id
) AS q ON q.user_id = sums.user_id
ORDER BY 1.0 * sums.amount / q.amount_minor DESC
"""
SUBTREE = (
    "AND territory_id IN (SELECT t.id FROM territory AS t, territory AS top"
    " WHERE top.code = ?3 AND t.tree_left BETWEEN top.tree_left AND top.tree_right)"
)

database, *bounds = sys.argv[1:]
raw = sqlite3.connect(database)
raw.execute("PRAGMA cache_size = -65536")
rows = raw.execute(STATEMENT.format(narrowed=SUBTREE if len(bounds) > 2 else ""), bounds)
csv.writer(sys.stdout).writerows(rows)
