"""More of the small company, for pages of accounts, and what of it each person sees, in plain Python."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests import organisation
from tests.db.company import system
from tests.organisation import FILES
from tests.workspace import TestWorkspace

MORE = {
    "skill": "code,name\nes,Spanish\nlabs,Laboratories\npumps,Pumps and valves\n",
    "user-skill": "user,skill,level\nsam,es,4\nsam,pumps,2\neve,es,2\nnora,labs,5\n",
    "account": "code,name,territory,owner,owned_since\nA-SW2,Basin Foods,SW,nora,2026-05-01\n",
    "account-need": "account,skill,level\nA-SW1,pumps,3\nA-SW1,labs,2\nA-NE1,es,1\nA-SW2,labs,4\nA-NO1,es,2\n",
    "contact": "external_id,account,name,title,email,phone\nC-4,A-SW1,Abel Ash,,,\n",
    "opportunity": """
code,name,account,seller,stage,amount,currency,close_on,created_on,closed_on
OPP-6,Pumps again,A-SW1,sam,won,1000,USD,2026-04-10,2026-03-01,2026-04-10
OPP-7,Bombas,A-SW1,sam,lost,300,EUR,2026-02-01,2026-01-10,2026-02-01
OPP-8,Válvulas,A-SW1,sam,qualify,700,EUR,2026-07-01,2026-04-02,
OPP-9,Last year,A-SW1,sam,won,10,USD,2025-12-31,2025-11-01,2025-12-31
""",
    "activity": """
external_id,kind,subject,account,opportunity,owner,planned_on,done_on
V-4,visit,Offer for pumps,A-SW1,OPP-6,sam,2026-03-20,2026-03-20
V-5,meeting,Delivery agreed,A-SW1,,sam,2026-04-12,2026-04-12
V-6,call,All well?,A-SW1,,nora,2026-04-30,2026-04-30
V-7,email,Prices,A-SW1,,sam,2026-05-08,2026-05-08
V-8,call,Long ago,A-SW1,,sam,2024-06-01,2024-06-01
V-9,task,Access to the site,A-SW1,,sam,2026-05-29,
V-10,task,Training,A-SW1,,sam,2026-05-01,
V-11,call,Bombas?,A-SW1,OPP-7,sam,2026-01-25,2026-01-25
V-12,call,From afar,A-NE2,,eve,2026-05-02,2026-05-02
V-13,call,At home,A-NE2,,sam,2026-05-03,2026-05-03
""",
    "order": """
code,account,seller,territory,booked_on,completed_on,channel,status,amount,currency
O-9,A-SW1,sam,SW,2026-04-10,2026-04-24,direct,delivered,1000.00,USD
O-10,A-SW1,sam,SW,2026-05-11,,direct,booked,50.00,EUR
O-11,A-SW1,nora,NW,2024-12-30,2025-01-10,web,delivered,80.00,USD
""",
}

PHASES = {
    "First call": ("before", None), "Offer for pumps": ("before", "O-9"), "Delivery agreed": ("during", "O-9"),
    "All well?": ("after", "O-9"), "Prices": ("before", "O-10"), "Long ago": (None, None),
    "Access to the site": ("during", "O-10"), "Training": ("after", "O-9"), "Bombas?": ("before", None),
}  # fmt: skip
"""Of the activities of A-SW1, for those who see all of it."""

PLACES = {"sam": {"SW"}, "nora": {"NW"}, "eve": {"NE"}, "mike": {"WEST", "SW", "NW"}}
"""Territories in which somebody sees all; who is not named here sees everything."""


def fill(workspace: TestWorkspace, folder: Any) -> None:
    """Bring it in; and let sam have a share in a sale of an account that he does not see."""
    organisation.fill(workspace.door(), folder, MORE)
    with system(workspace) as run:
        run(
            "INSERT INTO opportunity_split (opportunity_id, user_id, kind, share_bp)"
            " SELECT o.id, u.id, 'overlay', 2500 FROM opportunity o, app_user u WHERE o.code = 'OPP-3' AND u.login = 'sam'"
        )


def rows_of(noun: str) -> list[dict[str, str]]:
    """The rows of a noun as its files say, a later file's before an earlier one's."""
    key = {"contact": "external_id", "activity": "external_id", "user": "login"}.get(noun, "code")
    found: dict[str, dict[str, str]] = {}
    for files in (FILES, MORE):
        for row in csv.DictReader(io.StringIO(files.get(noun, "").lstrip("\n"))):
            name = row.get(key) or repr(row)
            found[name] = {**found.get(name, {}), **row}
    return list(found.values())


@dataclass(frozen=True)
class Sight:
    """What one person sees of an account."""

    login: str
    code: str

    @property
    def account(self) -> dict[str, str]:
        return next(row for row in rows_of("account") if row["code"] == self.code)

    @property
    def is_seen(self) -> bool:
        return self._sees(self.account["territory"], self.account["owner"])

    def _sees(self, territory: str, *people: str) -> bool:
        return self.login not in PLACES or territory in PLACES[self.login] or self.login in people

    def _here(self, noun: str) -> Iterator[dict[str, str]]:
        place, owner = self.account["territory"], self.account["owner"]
        for row in rows_of(noun):
            if row["account"] != self.code:
                continue
            if noun == "activity":
                is_seen = self._sees(place, row["owner"])
            else:
                seller, credited = row.get("seller", ""), row.get("territory") or place
                is_seen = self._sees(place, owner, seller) or self._sees(credited)
            if is_seen:
                yield row

    @property
    def contacts(self) -> list[dict[str, str]]:
        return sorted(self._here("contact"), key=lambda row: row["name"])

    @property
    def sales(self) -> list[dict[str, str]]:
        return list(self._here("opportunity"))

    @property
    def orders(self) -> list[dict[str, str]]:
        return sorted(self._here("order"), key=lambda row: (row["booked_on"], row["code"]), reverse=True)

    @property
    def activities(self) -> list[dict[str, str]]:
        return list(self._here("activity"))

    def needs(self) -> list[dict[str, Any]]:
        levels = {(row["user"], row["skill"]): int(row["level"]) for row in rows_of("user-skill")}
        names = {row["code"]: row["name"] for row in rows_of("skill")}
        owner = self.account["owner"]
        return [
            {"skill": row["skill"], "name": names[row["skill"]], "level": int(row["level"]), "owner": owner or None,
             "owner_level": levels.get((owner, row["skill"])), "weight": None}
            for row in sorted(rows_of("account-need"), key=lambda row: row["skill"]) if row["account"] == self.code
        ]  # fmt: skip

    def sums(self, currency: str) -> dict[str, Any]:
        """The figures on 20 May 2026, in a fiscal year that is the calendar's."""
        here = [row for row in self.sales if (row.get("currency") or "USD") == currency]
        groups = {
            "open": [row for row in here if row["stage"] not in ("won", "lost")],
            "won": [row for row in here if row["stage"] == "won" and row["closed_on"] >= "2026-01-01"],
            "lost": [row for row in here if row["stage"] == "lost" and row["closed_on"] >= "2026-01-01"],
            "orders": [
                row for row in self.orders
                if (row.get("currency") or "USD") == currency and "2025-05-21" <= row["booked_on"] <= "2026-05-20"
            ],
        }  # fmt: skip
        sums = {name: (len(rows), str(added(rows))) for name, rows in groups.items()}
        keys = (
            "open_opportunities", "open_amount", "won_count", "won_amount", "lost_count", "lost_amount",
            "orders_12_months", "revenue_12_months",
        )  # fmt: skip
        values = [value for name in ("open", "won", "lost", "orders") for value in sums[name]]
        return {"currency": currency, **dict(zip(keys, values, strict=True))}

    def years(self) -> list[dict[str, Any]]:
        """Orders by calendar year and currency, the latest first."""
        found: dict[tuple[str, str], list[dict[str, str]]] = {}
        for row in self.orders:
            found.setdefault((row["booked_on"][:4], row.get("currency") or "USD"), []).append(row)
        return [
            {"year": f"FY{year}", "orders": len(rows), "revenue": str(added(rows)), "currency": currency}
            for (year, currency), rows in sorted(found.items(), key=lambda item: (-int(item[0][0]), item[0][1]))
        ]


def added(rows: list[dict[str, str]]) -> Decimal:
    return sum((Decimal(row["amount"]) for row in rows), Decimal("0.00"))
