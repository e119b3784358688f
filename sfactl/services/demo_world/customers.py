"""The accounts, who looks after them, and the people there."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from sfactl.services.demo_world import words
from sfactl.services.demo_world.company import Company, Seat
from sfactl.services.demo_world.timeline import CURRENCY, Row, date_text, day_between, money_text

COUNTS = {"NW": 66, "PC": 88, "SW": 84, "GL": 86, "PL": 62, "GC": 70, "NE": 74, "SE": 70}
PROSPECTS = 32
PARTNERS = 14
UNOWNED = 12
OWNED_ELSEWHERE = 8


@dataclass(frozen=True)
class Segment:
    """A size of customer: how many of hundred are of it, and what they earn a year, in whole dollars."""

    name: str
    percent: int
    least_revenue: int
    most_revenue: int
    weight: int
    "How much more often such a customer orders."


SEGMENTS = (
    Segment("Enterprise", 8, 200_000_000, 4_000_000_000, 26),
    Segment("Mid-market", 27, 20_000_000, 220_000_000, 9),
    Segment("Small", 65, 400_000, 24_000_000, 3),
)


@dataclass(frozen=True)
class Account:
    """A customer, prospect or partner."""

    code: str
    name: str
    territory: str
    segment: Segment
    industry: str
    kind: str
    seat: Seat | None
    "Who looks after it; nobody does after some."
    since: date
    "When it was first looked after."
    city: tuple[str, str, str, str]
    annual_revenue: int
    weight: int
    "How often it orders, compared with the others."

    def owner_on(self, day: date) -> str:
        """The login of who looked after it on that day, or nothing."""
        return "" if self.seat is None else self.seat.holder_on(day)


def make_accounts(rng: Random, company: Company) -> list[Account]:
    """All accounts in the order of their codes, territories mixed."""
    territories = [territory for territory, count in COUNTS.items() for _ in range(count)]
    rng.shuffle(territories)
    names = _names(rng, len(territories))
    accounts = [
        _make_account(rng, company, f"ACC-{number:04}", name, industry, territory)
        for number, (territory, (name, industry)) in enumerate(zip(territories, names, strict=True), start=1)
    ]
    return _make_exceptions(rng, company, accounts)


def _names(rng: Random, count: int) -> list[tuple[str, str]]:
    """Names with their industries, none twice, the awkward ones spread among them."""
    found = dict(words.AWKWARD_ACCOUNTS)
    industries, weights = list(words.INDUSTRY_WEIGHTS), list(words.INDUSTRY_WEIGHTS.values())
    while len(found) < count:
        industry = rng.choices(industries, weights)[0]
        stem = rng.choice(words.STEMS)
        place = stem + rng.choice(words.ENDINGS)
        pattern = rng.choice(words.NAME_PATTERNS[industry])
        found.setdefault(pattern.format(place=place, stem=stem, surname=rng.choice(words.SURNAMES)), industry)
    names = list(found.items())
    rng.shuffle(names)
    return names


def _make_account(rng: Random, company: Company, code: str, name: str, industry: str, territory: str) -> Account:
    segment = rng.choices(SEGMENTS, [segment.percent for segment in SEGMENTS])[0]
    seat = rng.choice([seat for seat in company.seats if seat.territory == territory])
    timeline = company.timeline
    hired = company.hired_on[seat.holders[0][0]]
    # A few came in the last two years; the first holder had the others since some day after he began.
    latest = timeline.today if rng.randrange(8) == 0 else timeline.quarters[0].start
    spread = rng.randint(1, 1000) * rng.randint(1, 1000)  # small ones are many, whatever the scale
    revenue = segment.least_revenue + (segment.most_revenue - segment.least_revenue) * spread // 1_000_000
    return Account(
        code=code,
        name=name,
        territory=territory,
        segment=segment,
        industry=industry,
        kind="customer",
        seat=seat,
        since=day_between(rng, hired, latest),
        city=rng.choice(words.CITIES[territory]),
        annual_revenue=revenue,
        weight=segment.weight * rng.randint(3, 20),
    )


def _make_exceptions(rng: Random, company: Company, accounts: list[Account]) -> list[Account]:
    """Prospects, partners, accounts nobody looks after, and some that somebody from elsewhere does."""
    small = [index for index, account in enumerate(accounts) if account.segment.name != "Enterprise"]
    chosen = iter(rng.sample(small, PROSPECTS + PARTNERS + UNOWNED + OWNED_ELSEWHERE))
    for _ in range(PROSPECTS):
        index = next(chosen)
        accounts[index] = replace(accounts[index], kind="prospect")
    for _ in range(PARTNERS):
        index = next(chosen)
        accounts[index] = replace(accounts[index], kind="partner")
    for _ in range(UNOWNED):
        index = next(chosen)
        accounts[index] = replace(accounts[index], seat=None)
    steady = [seat for seat in company.seats if len(seat.holders) == 1]
    for index in chosen:
        others = [seat for seat in steady if seat.territory != accounts[index].territory]
        seat = rng.choice(others)
        since = max(accounts[index].since, company.hired_on[seat.holders[0][0]])
        accounts[index] = replace(accounts[index], seat=seat, since=since)
    return accounts


def account_rows(rng: Random, company: Company, accounts: list[Account]) -> list[Row]:
    """The accounts as files have them; groups before their members."""
    parents = _parents(rng, accounts)
    rows = [_account_row(rng, company, account, parents.get(account.code, "")) for account in accounts]
    return sorted(rows, key=lambda row: (row["parent"] != "", row["code"]))


def _parents(rng: Random, accounts: list[Account]) -> dict[str, str]:
    """Some small ones belong to a large one of their trade and territory."""
    groups = {
        (account.territory, account.industry): account.code
        for account in accounts
        if account.segment.name == "Enterprise"
    }
    return {
        account.code: groups[account.territory, account.industry]
        for account in accounts
        if account.segment.name == "Small" and (account.territory, account.industry) in groups and rng.randrange(5) == 0
    }


def _account_row(rng: Random, company: Company, account: Account, parent: str) -> Row:
    today = company.timeline.today
    city, state, postal_start, area = account.city
    starts = [since for _who, since in account.seat.holders[1:]] if account.seat else []
    owned_since = max([account.since, *starts])
    latitude, longitude = words.near(city, int(account.code[-4:]))
    return {
        "code": account.code,
        "name": account.name,
        "territory": account.territory,
        "owner": account.owner_on(today),
        "segment": account.segment.name,
        "industry": account.industry,
        "kind": account.kind,
        "parent": parent,
        "city": city,
        "region": state,
        "country": "US",
        "postal_code": f"{postal_start}{rng.randint(1, 99):02}",
        "phone": f"+1 {area} 555 {rng.randint(100, 199):04}",
        "website": f"https://{site_of(account)}",
        "employees": str(max(3, account.annual_revenue // rng.randint(140_000, 360_000))),
        "annual_revenue": money_text(account.annual_revenue // 1000 * 1000 * 100),
        "currency": CURRENCY,
        "owned_since": date_text(owned_since) if account.seat else "",
        "latitude": latitude,
        "longitude": longitude,
    }


def site_of(account: Account) -> str:
    """The account's internet name."""
    plain = unicodedata.normalize("NFKD", account.name).encode("ascii", "ignore").decode()
    letters = "".join(letter for letter in plain.lower() if letter.isalnum())
    return f"{letters[:30] or account.code.lower()}.example"


def contact_rows(rng: Random, accounts: list[Account]) -> list[Row]:
    """One to four people at each account."""
    rows: list[Row] = []
    for account in accounts:
        most = 4 if account.segment.name == "Enterprise" else 2
        for _ in range(rng.randint(1, most)):
            first, last = rng.choice(words.FIRST_NAMES), rng.choice(words.SURNAMES)
            name = f"{first} {last}" if rng.randrange(90) else rng.choice(words.AWKWARD_CONTACTS)
            number = len(rows) + 1
            rows.append(
                {
                    "external_id": f"CON-{number:05}",
                    "account": account.code,
                    "name": name,
                    "title": rng.choice(words.JOB_TITLES[account.industry]),
                    "email": f"contact{number}@{site_of(account)}",
                    "phone": f"+1 {account.city[3]} 555 {rng.randint(100, 199):04}",
                }
            )
    return rows
