"""What the sellers know, and what their customers need: languages and industries."""

from random import Random

from sfactl.services.demo_world.company import SELLERS, STAFF, Company
from sfactl.services.demo_world.customers import Account
from sfactl.services.demo_world.timeline import Row

SKILLS = {
    "spanish": "Spanish",
    "french": "French",
    "vietnamese": "Vietnamese",
    "hospital": "Hospitals and blood banks",
    "laboratory": "Research laboratories",
    "food": "Food processing and retail",
    "cold-room": "Planning of cold rooms",
    "monitoring": "Monitoring and audits",
}
LANGUAGES = {
    "mdelacruz": "spanish", "mcastillo": "spanish", "lbegay": "spanish", "ogarcia": "spanish", "hdavila": "spanish",
    "rvega": "spanish", "yguidry": "french", "dmoreau": "french", "mbaptiste": "french", "lthibodeaux": "french",
    "tnguyen": "vietnamese",
}  # fmt: skip
TRADES = ("hospital", "laboratory", "food", "cold-room", "monitoring")
INDUSTRIES = {
    "Hospital": "hospital", "Pharmacy": "hospital", "Laboratory": "laboratory", "University": "laboratory",
    "Food processing": "food", "Grocery": "food", "Restaurants": "food",
}  # fmt: skip
SPOKEN = {"SW": ("spanish", 4), "PC": ("spanish", 8), "GC": ("french", 12), "SE": ("spanish", 5)}
"""Per territory the language that one of so many customers wants to be spoken to in."""
LEVELS = {"Enterprise": 4, "Mid-market": 3, "Small": 2}
"""How well the trade of a segment's customers must be known."""


def skill_rows() -> list[Row]:
    """The skills."""
    return [{"code": code, "name": name} for code, name in SKILLS.items()]


def user_skill_rows(rng: Random, company: Company) -> list[Row]:
    """Two or three trades for each seller, the better the longer he is here, and the languages that people speak."""
    first_day = min(company.hired_on.values())
    rows = []
    for login in (*(staff[0] for staff in STAFF), *SELLERS):
        levels = {LANGUAGES[login]: rng.randint(3, 5)} if login in LANGUAGES else {}
        if login in SELLERS:
            years = 8 - (company.hired_on[login] - first_day).days // 365
            for trade in rng.sample(TRADES, rng.randint(2, 3)):
                levels[trade] = min(5, rng.randint(1, 3) + max(years, 0) // 3)
        rows += [{"user": login, "skill": skill, "level": str(level)} for skill, level in sorted(levels.items())]
    return rows


def account_need_rows(rng: Random, accounts: list[Account]) -> list[Row]:
    """The trade of every second customer, and here and there a language."""
    rows = []
    for account in accounts:
        needs = {}
        if rng.randrange(2):
            needs[INDUSTRIES[account.industry]] = LEVELS[account.segment.name]
        language, one_of = SPOKEN.get(account.territory, ("", 0))
        if one_of and rng.randrange(one_of) == 0:
            needs[language] = 3
        rows += [{"account": account.code, "skill": skill, "level": str(level)} for skill, level in needs.items()]
    return rows
