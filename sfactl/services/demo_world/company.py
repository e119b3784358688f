"""Territories, the people in them, and their teams."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random

from sfactl.services.demo_world import words
from sfactl.services.demo_world.timeline import Row, Timeline, date_text, day_between

TERRITORIES = (
    ("USA", "Norvane United States", "", "company"),
    ("WEST", "West", "USA", "region"),
    ("CENT", "Central", "USA", "region"),
    ("EAST", "East", "USA", "region"),
    ("NW", "Northwest", "WEST", "territory"),
    ("PC", "Pacific Coast", "WEST", "territory"),
    ("SW", "Southwest", "WEST", "territory"),
    ("GL", "Great Lakes", "CENT", "territory"),
    ("PL", "Plains", "CENT", "territory"),
    ("GC", "Gulf Coast", "CENT", "territory"),
    ("NE", "Northeast", "EAST", "territory"),
    ("SE", "Southeast", "EAST", "territory"),
)
STAFF = (
    ("ehalvorsen", "Erik Halvorsen", "Sales director", "director", ""),
    ("pmensah", "Priscilla Mensah", "Head of sales operations", "sales_ops", "ehalvorsen"),
    ("jokafor", "Jidé Okafor", "Sales operations analyst", "sales_ops", "pmensah"),
    ("tlindqvist", "Tova Lindqvist", "Systems administrator", "admin", "pmensah"),
    ("gfontaine", "Geneviève Fontaine", "Internal auditor", "auditor", ""),
    ("hyamada", "Hiroshi Yamada", "Inventory planner", "inventory", "pmensah"),
    ("bkowalska", "Bożena Kowalska", "Warehouse coordinator", "inventory", "hyamada"),
    ("reports", "Scheduled reports", "Service account", "service", "pmensah"),
    ("dcarver", "Denise Carver", "District manager", "district_manager", "ehalvorsen"),
    ("rvega", "Rosa Vega", "District manager", "district_manager", "ehalvorsen"),
    ("mobrien", "Maeve O'Brien", "District manager", "district_manager", "ehalvorsen"),
    ("lthibodeaux", "Luc Thibodeaux", "District manager", "district_manager", "ehalvorsen"),
)
"""Login, name, title, role, manager."""

MANAGED = {"ehalvorsen": "USA", "dcarver": "NW PC", "rvega": "SW", "mobrien": "CENT", "lthibodeaux": "EAST"}
SELLERS = {
    "awhitcomb": "Alice Whitcomb", "skjeldsen": "Signe Kjeldsen", "tnakai": "Tomas Nakai",
    "jferrari": "Julia Ferrari", "cwong": "Calvin Wong", "mdelacruz": "Marisol de la Cruz",
    "bpetrov": "Boris Petrov", "lbegay": "Lena Begay", "mcastillo": "Miguel Castillo", "sdodd": "Sam Dodd",
    "rquist": "Ray Quist", "nhartley": "Nora Hartley", "pjankowski": "Piotr Jankowski",
    "dmoreau": "Désirée Moreau", "kadeyemi": "Kemi Adeyemi", "wbrandt": "Walter Brandt",
    "hsorensen": "Hanne Sørensen", "ogarcia": "Óscar García", "etilden": "Edie Tilden",
    "yguidry": "Yvette Guidry", "hdavila": "Héctor Dávila", "rmaddox": "Ruth Maddox",
    "aoconnell": "Aidan O'Connell", "zrahman": "Zara Rahman", "vpapadakis": "Vera Papadakis",
    "tnguyen": "Nguyễn Thu Trang", "mbaptiste": "Marc Baptiste", "ccalloway": "Cora Calloway",
}  # fmt: skip
BEGINNING = 0
SECOND_MOVE, FIRST_MOVE = 6, 4
"""The quarters, by index, that began with somebody changing territory."""

SEATS: dict[str, tuple[tuple[tuple[str, int], ...], ...]] = {
    "NW": ((("awhitcomb", 0),), (("skjeldsen", 0),), (("tnakai", 0),)),
    "PC": ((("jferrari", 0),), (("cwong", 0),), (("mdelacruz", 0),), (("bpetrov", 0),)),
    "SW": (
        (("lbegay", 0),), (("mcastillo", 0),), (("sdodd", 0),), (("rquist", 0), ("nhartley", SECOND_MOVE)),
    ),
    "GL": ((("pjankowski", 0),), (("dmoreau", 0),), (("kadeyemi", 0),), (("wbrandt", 0),)),
    "PL": ((("hsorensen", 0),), (("nhartley", 0), ("ogarcia", SECOND_MOVE)), (("etilden", 0),)),
    "GC": ((("yguidry", 0),), (("hdavila", 0),), (("rmaddox", 0),)),
    "NE": ((("aoconnell", 0),), (("zrahman", 0),), (("vpapadakis", 0), ("tnguyen", FIRST_MOVE))),
    "SE": ((("mbaptiste", 0),), (("ccalloway", 0),), (("mbaptiste", 0), ("vpapadakis", FIRST_MOVE))),
}  # fmt: skip
"""Per territory its seats: who has looked after that part of the accounts, each from which quarter on."""

LEAVER = "rquist"
SPECIALISTS = (("PC", "tnakai", 3), ("SE", "yguidry", 5))
GROUPS = (
    ("HEALTH", "Health key accounts", "mobrien", ("cwong", "lbegay", "kadeyemi", "zrahman", "ccalloway")),
    ("FOOD", "Food industry group", "dcarver", ("bpetrov", "sdodd", "etilden", "rmaddox", "aoconnell")),
)
MAIL_DOMAIN = "norvane.example"
_YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Seat:
    """A part of a territory's accounts, and who has looked after it since which day, the first one first."""

    territory: str
    holders: tuple[tuple[str, date], ...]

    def holder_on(self, day: date) -> str:
        """Who looked after it on that day; the first one before that, too."""
        return next((who for who, since in reversed(self.holders) if since <= day), self.holders[0][0])


@dataclass(frozen=True)
class Stint:
    """A person in a territory, with a role, from a day up to, not including, another."""

    territory: str
    user: str
    role: str
    start: date
    end: date | None


@dataclass(frozen=True)
class Company:
    """Who works where."""

    hired_on: dict[str, date]
    seats: tuple[Seat, ...]
    timeline: Timeline

    @cached_property
    def stints(self) -> list[Stint]:
        """Everybody's time in territories."""
        managers = [
            Stint(territory, user, "manager", self.hired_on[user], None)
            for user, territories in MANAGED.items()
            for territory in territories.split()
        ]
        specialists = [
            Stint(territory, user, "specialist", self.timeline.quarters[since].start, None)
            for territory, user, since in SPECIALISTS
        ]
        return managers + self._seller_stints() + specialists

    def _seller_stints(self) -> list[Stint]:
        stints: dict[tuple[str, str], Stint] = {}
        for seat in self.seats:
            ends = [since for _who, since in seat.holders[1:]] + [None]
            for (user, since), end in zip(seat.holders, ends, strict=True):
                start = self.hired_on[user] if since == self.timeline.quarters[0].start else since
                stint = Stint(seat.territory, user, "account_manager", start, end)
                known = stints.get((seat.territory, user))
                # Somebody who gave away the second of two seats is still there.
                if known is None or known.end is not None:
                    stints[seat.territory, user] = stint
        return list(stints.values())


def make_company(rng: Random, timeline: Timeline) -> Company:
    """Hire everybody: most of them years ago, the successors on the day their seat fell free."""
    seats = tuple(
        Seat(territory, tuple((user, timeline.quarters[since].start) for user, since in seat))
        for territory, seats in SEATS.items()
        for seat in seats
    )
    starts = [(since, user) for seat in seats for user, since in seat.holders]
    began = {user: since for since, user in sorted(starts, reverse=True)}
    first_day = timeline.quarters[0].start
    hired_on = {
        user: day_between(rng, first_day - 8 * _YEAR, first_day - _YEAR)
        if began.get(user, first_day) == first_day
        else began[user]
        for user in [*(staff[0] for staff in STAFF), *SELLERS]
    }
    return Company(hired_on, seats, timeline)


def territory_rows() -> list[Row]:
    """The tree, each parent before its children."""
    return [{"code": code, "name": name, "parent": parent, "kind": kind} for code, name, parent, kind in TERRITORIES]


def user_rows(company: Company) -> list[Row]:
    """Everybody, each manager before his people."""
    managers = {  # the director's first, so that the district managers' replace it
        territory: user
        for user, territories in MANAGED.items()
        for managed in territories.split()
        for territory in _below(managed)
    }
    holders = sorted((since, user, seat.territory) for seat in company.seats for user, since in seat.holders)
    last_territory = {user: territory for _since, user, territory in holders}
    sellers = [
        (login, name, "Account manager", "account_manager", managers[last_territory[login]])
        for login, name in SELLERS.items()
    ]
    return [
        {
            "login": login,
            "name": name,
            "email": f"{login}@{MAIL_DOMAIN}",
            "title": title,
            "manager": manager,
            "role": role,
            "hired_on": date_text(company.hired_on[login]),
            "active": "0" if login == LEAVER else "1",
        }
        | _office(login, last_territory.get(login))
        for login, name, title, role, manager in [*STAFF, *sellers]
    ]


def _office(login: str, territory: str | None) -> Row:
    """Where a seller travels from: one of the cities of his territory."""
    if territory is None:
        return {"latitude": "", "longitude": ""}
    number = list(SELLERS).index(login)
    cities = words.CITIES[territory]
    latitude, longitude = words.near(cities[number % len(cities)][0], number)
    return {"latitude": latitude, "longitude": longitude}


def _below(territory: str) -> list[str]:
    children = [code for code, _name, parent, _kind in TERRITORIES if parent == territory]
    return [territory, *(deeper for child in children for deeper in _below(child))]


def member_rows(company: Company) -> list[Row]:
    """Who is in which territory as what."""
    return [
        {
            "territory": stint.territory,
            "user": stint.user,
            "role": stint.role,
            "valid_from": date_text(stint.start),
            "valid_to": date_text(stint.end),
        }
        for stint in company.stints
    ]


def team_rows() -> list[Row]:
    """A field team for each territory, and two groups across them."""
    names = {code: name for code, name, _parent, _kind in TERRITORIES}
    field = [
        {"code": f"{code}-FIELD", "name": f"{names[code]} field team", "territory": code, "lead": seats[0][-1][0]}
        for code, seats in SEATS.items()
    ]
    groups = [{"code": code, "name": name, "territory": "USA", "lead": lead} for code, name, lead, _ in GROUPS]
    return field + groups


def team_member_rows(company: Company) -> list[Row]:
    """Who is in which team; field teams change with the territory."""
    leads = {(row["code"], row["lead"]) for row in team_rows()}
    field = [
        (f"{stint.territory}-FIELD", stint.user, stint.start, stint.end)
        for stint in company.stints
        if stint.role == "account_manager"
    ]
    first_day = company.timeline.quarters[1].start
    groups = [(code, user, first_day, None) for code, _, lead, users in GROUPS for user in (lead, *users)]
    return [
        {
            "team": team,
            "user": user,
            "role": "lead" if (team, user) in leads else "seller",
            "valid_from": date_text(start),
            "valid_to": date_text(end),
        }
        for team, user, start, end in [*field, *groups]
    ]
