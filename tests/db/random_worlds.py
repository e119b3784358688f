"""Random organisations, with rows and rights, and statements to put to them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.db.company import COLUMNS, Row

NOUNS = (
    "emergency",
    "deputy",
    "account",
    "contact",
    "assignment",
    "opportunity",
    "activity",
    "order",
    "credit",
    "quota",
    "territory",
    "team",
)
ACTIONS = ("read", "create", "edit", "reassign")
SCOPES = ("none", "own", "territory", "subtree", "all")
PEOPLE = 4
"""Users 1 to 4; the first is the one who asks."""
ME = 1
_AT, _DAY = "2026-01-01T00:00:00.000000Z", "2026-01-01"
_KEPT = {"external_id": None, "created_at": _AT, "updated_at": _AT, "version": 1}


@dataclass
class RandomWorld:
    """Rows by table, parents before children."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: str, **values: Any) -> int:
        """Add a row; returns its key."""
        found = self.rows.setdefault(table, [])
        row = dict.fromkeys(COLUMNS[table]) | {"id": len(found) + 1} | values
        found.append(row)
        return int(row["id"])

    def keys(self, table: str) -> list[int]:
        return [row["id"] for row in self.rows.get(table, [])]


def random_world(rnd: random.Random, identity: tuple[str, str], today: date) -> RandomWorld:
    """An organisation of a handful of territories, people and rows.

    Args:
        identity: kind and name under which the system knows the person who asks.
        today: the day that decides what holds.
    """
    world = RandomWorld()
    for key in range(1, PEOPLE + 1):
        world.add("app_user", login=f"u{key}", name=f"U{key}", name_key=f"u{key}", active=1, **_KEPT)
    world.add("user_identity", user_id=ME, kind=identity[0], name=identity[1])
    _rights(world, rnd, today)
    _territories(world, rnd)
    world.add("process", code="p", name="P")
    world.add("stage", process_id=1, code="s", name="S", position=1, probability_bp=10, category="pipeline",
              status="open", active=1, stuck_after=30)  # fmt: skip
    world.add("skill", code="k", name="K", name_key="k", **_KEPT)
    world.add("product", code="P", name="P", name_key="p", active=1, **_KEPT)
    _accounts(world, rnd)
    _selling(world, rnd)
    _booking(world, rnd)
    return world


def _rights(world: RandomWorld, rnd: random.Random, today: date) -> None:
    for code in ("one", "two", "three"):
        role = world.add(
            "role", code=code, title=code, active=int(rnd.random() < 0.9), is_emergency=int(code == "three")
        )
        if rnd.random() < 0.3:
            day = today + timedelta(days=rnd.choice((-1, 0, 0, 1)))
            world.add("emergency_grant", user_id=ME, role_id=role, day=day.isoformat(), granted_at=_AT, reason="fire")
        if code == "three":
            _permissions(world, rnd, role)
            continue
        world.add("role_grant", user_id=ME, role_id=role, valid_from="2020-01-01", granted_at=_AT,
                  valid_to=rnd.choice((None, None, None, "2021-01-01")))  # fmt: skip
        _permissions(world, rnd, role)


def _permissions(world: RandomWorld, rnd: random.Random, role: int) -> None:
    usual = rnd.choice(SCOPES)
    for noun in NOUNS:
        for action in ACTIONS:
            scope = rnd.choice((usual, usual, rnd.choice(SCOPES)))
            if scope != "none" and rnd.random() < 0.8:
                world.add("role_permission", role_id=role, noun=noun, action=action, scope=scope)


def _territories(world: RandomWorld, rnd: random.Random) -> None:
    number = rnd.randint(1, 9)
    parents = {key: rnd.randint(1, key - 1) if key > 1 and rnd.random() < 0.9 else None for key in range(1, number + 1)}
    walked = _walk(parents)
    for key, parent in parents.items():
        left, right, depth = walked[key]
        world.add("territory", code=f"T{key}", name=f"T{key}", name_key=f"t{key}", parent_id=parent, priority=0,
                  tree_left=left, tree_right=right, depth=depth, **_KEPT)  # fmt: skip
    for key in rnd.sample(list(parents), rnd.randint(0, min(3, number))):
        since, until = rnd.choice(
            (("2020-01-01", None), ("2020-01-01", None), ("2020-01-01", "2021-01-01"), ("2098-01-01", None))
        )
        world.add("territory_member", territory_id=key, user_id=ME, role="manager", valid_from=since, valid_to=until)


def _walk(parents: dict[int, int | None]) -> dict[int, tuple[int, int, int]]:
    """Left, right and depth of each node."""
    found: dict[int, tuple[int, int, int]] = {}
    count = 0

    def visit(key: int, depth: int) -> None:
        nonlocal count
        count += 1
        left = count
        for child, parent in parents.items():
            if parent == key:
                visit(child, depth + 1)
        count += 1
        found[key] = (left, count, depth)

    for key, parent in parents.items():
        if parent is None:
            visit(key, 0)
    return found


def _somebody(rnd: random.Random) -> int | None:
    return rnd.choice((None, ME, 2, 3, 4))


def _accounts(world: RandomWorld, rnd: random.Random) -> None:
    places = world.keys("territory")
    for key in range(1, rnd.randint(2, 13)):
        world.add("account", code=f"A{key}", name=f"n{key}", name_key=f"n{key}", kind="customer", currency="USD",
                  territory_id=rnd.choice(places), owner_id=_somebody(rnd),
                  annual_revenue_minor=rnd.randint(0, 100), **_KEPT)  # fmt: skip
    accounts = world.rows["account"]
    for row in rnd.sample(accounts, rnd.randint(1, len(accounts))):
        world.add("account_need", account_id=row["id"], skill_id=1, level=rnd.randint(1, 5))
    for key in range(1, rnd.randint(1, 4)):
        world.add("deputy", user_id=rnd.randint(1, 2), deputy_id=3, valid_from=f"2025-0{key}-01", valid_to="2099-01-01")
    for row in accounts[:-2]:
        row["parent_id"] = rnd.choice((None, None, rnd.choice([other["id"] for other in accounts if other is not row])))
    for key in range(1, rnd.randint(1, 9)):
        account = rnd.choice(accounts)
        world.add("contact", account_id=account["id"], territory_id=account["territory_id"], owner_id=_somebody(rnd),
                  name=f"c{key}", name_key="c", **_KEPT)  # fmt: skip
        world.add("assignment", account_id=account["id"], user_id=rnd.randint(1, PEOPLE), cause="manual", role="overlay",
                  territory_id=rnd.choice(places), valid_from=f"2020-01-{key:02d}", created_at=_AT)  # fmt: skip
    load = world.add("quota_load", loaded_at=_AT, loaded_on=_DAY, user_id=rnd.randint(1, PEOPLE), kind="import")
    for key in range(1, rnd.randint(1, 7)):
        world.add("quota", load_id=load, loaded_on=_DAY, user_id=_somebody(rnd), territory_id=rnd.choice(places), measure="revenue",
                  starts_on=f"2020-01-{key:02d}", ends_on="2020-02-01", amount_minor=rnd.randint(0, 100),
                  currency="USD", **_KEPT)  # fmt: skip
    for key in range(1, rnd.randint(1, 4)):
        team = world.add("team", code=f"M{key}", name="m", name_key="m", territory_id=rnd.choice(places),
                         lead_id=_somebody(rnd), **_KEPT)  # fmt: skip
        world.add("team_member", team_id=team, user_id=rnd.randint(1, PEOPLE), valid_from=_DAY)


def _selling(world: RandomWorld, rnd: random.Random) -> None:
    places, accounts = world.keys("territory"), world.rows["account"]
    for key in range(1, rnd.randint(1, 11)):
        account = rnd.choice(accounts)
        sale = world.add(
            "opportunity", code=f"O{key}", name=f"o{key}", name_key="o", account_id=account["id"], account_name="x",
            territory_id=account["territory_id"], owner_id=_somebody(rnd), credited_territory_id=rnd.choice(places),
            credited_id=_somebody(rnd), stage_id=1, status="open", amount_minor=rnd.randint(0, 100), currency="USD",
            close_on=_DAY, opened_on=_DAY, **_KEPT,
        )  # fmt: skip
        world.add("stage_change", opportunity_id=sale, stage_id=1, entered_at=_AT)
        for user in rnd.sample(range(1, PEOPLE + 1), rnd.randint(0, 2)):
            world.add("opportunity_split", opportunity_id=sale, user_id=user, kind=rnd.choice(("revenue", "overlay")),
                      share_bp=rnd.choice((0, 1, 10000)))  # fmt: skip
    sales = world.keys("opportunity")
    for key in range(1, rnd.randint(1, 8)):
        seen = rnd.choice((None, rnd.choice(accounts)))
        world.add("activity", kind="call", subject=f"s{key}", owner_id=rnd.randint(1, PEOPLE), account_name=None,
                  account_id=seen["id"] if seen else None,
                  territory_id=seen["territory_id"] if seen else rnd.choice(places),
                  opportunity_id=rnd.choice((None, *sales)), **_KEPT)  # fmt: skip


def _booking(world: RandomWorld, rnd: random.Random) -> None:
    places, accounts = world.keys("territory"), world.rows["account"]
    for key in range(1, rnd.randint(1, 11)):
        account = rnd.choice(accounts)
        amount = rnd.randint(0, 100)
        order = world.add(
            "sales_order", code=f"S{key}", account_id=account["id"], account_name="x", booked_on=_DAY,
            territory_id=account["territory_id"], owner_id=_somebody(rnd), credited_territory_id=rnd.choice(places),
            credited_id=_somebody(rnd), amount_minor=amount, tax_minor=0, freight_minor=0, total_minor=amount,
            currency="USD", **_KEPT,
        )  # fmt: skip
        for line in range(rnd.randint(0, 2)):
            world.add("sales_order_line", order_id=order, line=line, product_id=1, quantity_milli=1, discount_bp=0,
                      amount_minor=rnd.randint(0, 100))  # fmt: skip
        for user in rnd.sample(range(1, PEOPLE + 1), rnd.randint(0, 2)):
            world.add("credit", order_id=order, user_id=user, territory_id=rnd.choice(places), currency="USD",
                      kind=rnd.choice(("revenue", "overlay")), share_bp=rnd.choice((1, 10000)),
                      amount_minor=rnd.randint(0, 100), credited_on=_DAY)  # fmt: skip


# Statements; braces are filled in

READS = (
    "SELECT n.level, a.name FROM account_need AS n LEFT JOIN account AS a ON a.id = n.account_id",
    "SELECT user_id, role_id, day FROM emergency_grant",
    "SELECT user_id, deputy_id FROM deputy",
    "SELECT count(*), coalesce(sum(annual_revenue_minor), 0) FROM account",
    "SELECT territory_id, count(*), max(name) FROM account GROUP BY territory_id",
    "SELECT a.id, count(o.id) FROM account AS a LEFT JOIN opportunity AS o ON o.account_id = a.id GROUP BY a.id",
    "SELECT o.code, a.name FROM opportunity AS o JOIN account AS a ON a.id = o.account_id",
    "SELECT o.code, a.name FROM opportunity AS o LEFT JOIN account AS a ON a.id = o.account_id",
    "SELECT id FROM account WHERE EXISTS (SELECT 1 FROM sales_order AS o WHERE o.account_id = account.id)",
    "SELECT id FROM account WHERE id NOT IN (SELECT account_id FROM sales_order)",
    "SELECT id, (SELECT max(b.annual_revenue_minor) FROM account AS b) FROM account",
    "WITH x AS (SELECT id, annual_revenue_minor AS r FROM account WHERE annual_revenue_minor > {r}) SELECT count(*), max(r) FROM x",
    "SELECT id, rank() OVER (ORDER BY amount_minor, id), sum(amount_minor) OVER () FROM sales_order",
    "SELECT id FROM account WHERE annual_revenue_minor > {r} UNION SELECT id FROM opportunity",
    "SELECT id FROM account EXCEPT SELECT account_id FROM contact",
    "SELECT id FROM account WHERE name LIKE 'n%{k}%' ORDER BY annual_revenue_minor DESC, id LIMIT 3",
    "SELECT t.id, count(a.id) FROM territory AS t LEFT JOIN account AS a ON a.territory_id = t.id GROUP BY t.id",
    "SELECT name FROM account WHERE id = {a}",
    "SELECT count(*) FROM account AS a CROSS JOIN sales_order AS o",
    "SELECT o.code, sum(l.amount_minor) FROM sales_order AS o JOIN sales_order_line AS l ON l.order_id = o.id GROUP BY o.code",
    "SELECT order_id, count(*) FROM sales_order_line GROUP BY order_id",
    "SELECT user_id, kind, sum(amount_minor) FROM credit GROUP BY user_id, kind HAVING sum(amount_minor) > {r}",
    "SELECT u.login, coalesce(sum(c.amount_minor), 0) FROM app_user AS u LEFT JOIN credit AS c ON c.user_id = u.id GROUP BY u.login",
    "SELECT q.id, q.amount_minor - coalesce((SELECT sum(c.amount_minor) FROM credit AS c WHERE c.user_id = q.user_id), 0) FROM quota AS q",
    "SELECT s.opportunity_id, s.share_bp, o.code FROM opportunity_split AS s LEFT JOIN opportunity AS o ON o.id = s.opportunity_id",
    "SELECT count(*) FROM stage_change",
    "SELECT subject, account_id, opportunity_id FROM activity",
    "SELECT t.code, m.user_id FROM team AS t LEFT JOIN team_member AS m ON m.team_id = t.id",
    "SELECT count(*) FROM team_member",
    "SELECT child.name, parent.name FROM account AS child JOIN account AS parent ON parent.id = child.parent_id",
    "SELECT account_id, user_id FROM assignment WHERE role = 'overlay'",
    "SELECT count(DISTINCT territory_id), count(*) FROM contact",
    "SELECT code FROM opportunity WHERE amount_minor >= ALL_MAX",
    "WITH RECURSIVE up (id, parent_id) AS (SELECT id, parent_id FROM account WHERE id = {a} UNION SELECT a.id, a.parent_id FROM account AS a JOIN up ON a.id = up.parent_id) SELECT * FROM up",
    "SELECT 1 FROM territory",
    "SELECT EXISTS (SELECT 1 FROM sales_order WHERE amount_minor > {r})",
)  # fmt: skip

_SHARE = "INSERT INTO opportunity_split (id, opportunity_id, user_id, kind, share_bp)"
WRITES = (
    "UPDATE account SET annual_revenue_minor = annual_revenue_minor + {k} WHERE annual_revenue_minor > {r}",
    "UPDATE account SET annual_revenue_minor = {r} WHERE id = {a}",
    "UPDATE account SET owner_id = {u} WHERE id = {a}",
    "UPDATE account SET territory_id = {t} WHERE id = {a}",
    "UPDATE account SET territory_id = {t}, owner_id = {u} WHERE annual_revenue_minor > 95",
    "UPDATE account SET parent_id = {b} WHERE id = {a}",
    "UPDATE account SET annual_revenue_minor = (SELECT coalesce(max(annual_revenue_minor), 0) FROM account) WHERE id = {a}",
    "UPDATE account SET segment = 's{k}' WHERE id IN (SELECT account_id FROM sales_order WHERE amount_minor > {r})",
    "UPDATE opportunity SET amount_minor = amount_minor + 1",
    "UPDATE opportunity SET credited_territory_id = {t}, credited_id = {u} WHERE id = {o}",
    "UPDATE opportunity_split SET share_bp = {s} WHERE user_id = 1 AND kind = 'overlay'",
    "UPDATE opportunity_split SET opportunity_id = {o} WHERE id = {p}",
    "UPDATE sales_order SET amount_minor = {r} WHERE id = {o}",
    "UPDATE sales_order_line SET amount_minor = amount_minor + 1 WHERE order_id = {o}",
    "UPDATE credit SET kind = 'overlay' WHERE id = {p}",
    "UPDATE credit SET amount_minor = {r} WHERE amount_minor > {r}",
    "UPDATE quota SET amount_minor = {r}",
    "UPDATE quota SET territory_id = {t} WHERE id = {p}",
    "UPDATE activity SET owner_id = {me} WHERE id = {p}",
    "UPDATE activity SET opportunity_id = {o} WHERE id = {p}",
    "UPDATE contact SET name = 'k{k}'",
    "UPDATE stage_change SET opportunity_id = {o} WHERE id = {p}",
    "UPDATE team SET lead_id = {u} WHERE id = {p}",
    "DELETE FROM contact WHERE account_id = {a}",
    "DELETE FROM opportunity_split WHERE share_bp > {s} AND user_id <> 1",
    "DELETE FROM sales_order_line WHERE amount_minor > {r}",
    "DELETE FROM stage_change WHERE id = {p}",
    "DELETE FROM activity WHERE id = {p}",
    "DELETE FROM quota WHERE territory_id = {t}",
    "DELETE FROM credit WHERE id = {p}",
    "DELETE FROM assignment",
    "INSERT INTO emergency_grant (id, user_id, role_id, day, granted_at, reason)"
    " VALUES ({n}, {me}, 3, '2020-01-1{k}', '2026-01-01T00:00:00.000000Z', 'now')",
    "UPDATE emergency_grant SET reason = 'none' WHERE user_id = {me}",
    "INSERT INTO deputy (id, user_id, deputy_id, valid_from, valid_to)"
    " VALUES ({n}, {me}, 3, '2026-05-01', '2026-06-01')",
    "UPDATE deputy SET user_id = {me}",
    "INSERT INTO account_need (id, account_id, skill_id, level) VALUES ({n}, {a}, 1, 2)",
    "UPDATE account_need SET level = 5 WHERE level < 3",
    "DELETE FROM account_need WHERE account_id = {a}",
    _SHARE + " VALUES ({n}, {o}, {me}, 'overlay', 1)",
    _SHARE + " SELECT {n}, id, {u}, 'revenue', 1 FROM opportunity WHERE id = {o} AND {u} IS NOT NULL",
    "INSERT INTO contact (id, account_id, territory_id, owner_id, name, name_key, created_at, updated_at, version)"
    " SELECT {n}, id, territory_id, {u}, 'n', 'n', created_at, updated_at, 1 FROM account WHERE id = {a}",
    "INSERT INTO activity (id, kind, subject, territory_id, owner_id, opportunity_id, created_at, updated_at, version)"
    " VALUES ({n}, 'call', 'x', {t}, {me}, {o}, '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', 1)",
    "INSERT INTO account (id, code, name, name_key, kind, currency, territory_id, owner_id, parent_id, created_at,"
    " updated_at, version) VALUES ({n}, 'N{n}', 'n', 'n', 'customer', 'USD', {t}, {u}, {b},"
    " '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', 1)",
    "INSERT INTO stage_change (id, opportunity_id, stage_id, entered_at)"
    " VALUES ({n}, {o}, 1, '2026-01-01T00:00:00.000000Z')",
    "INSERT INTO sales_order_line (id, order_id, line, product_id, quantity_milli, discount_bp, amount_minor)"
    " VALUES ({n}, {o}, {n}, 1, 1, 0, {r})",
)  # fmt: skip


def statements(rnd: random.Random, world: RandomWorld, count: int) -> Iterator[tuple[bool, str]]:
    """Statements, each with whether it writes."""
    for _number in range(count):
        is_write = rnd.random() < 0.5
        known = rnd.randint(1, 12)
        template = rnd.choice(WRITES if is_write else READS)
        values = {
            "r": rnd.randint(0, 100), "k": rnd.randint(0, 9), "a": rnd.randint(1, 13), "o": rnd.randint(1, 11),
            "p": known, "b": rnd.choice(("NULL", *world.keys("account"))), "t": rnd.choice(world.keys("territory")),
            "u": rnd.choice(("NULL", 1, 2, 3, 4)), "s": rnd.choice((0, 1, 500)), "n": rnd.randint(1000, 10**9),
            "me": rnd.choice((1, 1, 2)),
        }  # fmt: skip
        filled = template.replace("ALL_MAX", "(SELECT max(amount_minor) FROM opportunity)").format(**values)
        yield is_write, filled


def in_insert_order(world: RandomWorld) -> Iterator[tuple[str, list[Row]]]:
    """Tables and rows as they can be put into a database."""
    yield from world.rows.items()
