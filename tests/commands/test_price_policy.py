"""Prices by policy: put in force, replaced, warned of, and refused where they make no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfactl.config import policy
from tests.cli import Run
from tests.commands.test_quotes import offer, shown
from tests.workspace import TestWorkspace, system_rows

pytestmark = pytest.mark.usefixtures("today")

PRICING = """
order = ["contract", "schedule", "seller", "promotion"]
seller = "Example Ltd"

[contract.large]
segment = "Large"
family = "Pumps"
percent = 10

[contract.west]
territory = "WEST"
product = "P-2"
currency = "USD"
price = 7

[schedule.pumps]
product = "P-1"
kind = "range"
tier = [{ from = 1, percent = 10 }, { from = 10, percent = 20 }, { from = 20, percent = 30 }]

[promotion.spring]
name = "Spring offer"
currency = "USD"
amount = 1.5
valid_from = 2026-05-01
valid_to = 2026-06-01

[floor.all]
percent = 50

[block.valves]
product = "P-2"
currency = "USD"
block = [{ size = 10, price = 1 }, { size = 50, price = 3 }]
valid_from = 2099-01-01

[[term]]
when = "net >= 100 and segment = Large"
text = { en = "A large offer." }
"""


def apply(sfactl: Run, workspace: TestWorkspace, folder: Path, text: str, *words: str):
    """Put a policy of prices in force."""
    folder.mkdir(exist_ok=True)
    (folder / "pricing.toml").write_text(text, encoding="utf-8")
    return sfactl("policy", "apply", str(folder), "--yes", *words, workspace=workspace)


def test_its_rules_decide_prices_in_its_order(sfactl: Run, workspace: TestWorkspace, tmp_path: Path):
    done = apply(sfactl, workspace, tmp_path / "p", PRICING)
    assert done.code == 0, done.err
    assert "pumps: 9 pieces cost more than 10" in done.err and "19 pieces cost more than 20" in done.err

    page = offer(
        sfactl, workspace, "quote", "new", "OPP-1", "--product", "P-1=19", "--product", "P-2=1", "--discount", "1=5%"
    )

    pump, valve = page["lines"]
    assert (pump["net_price"], pump["amount"]) == ("66.90", "1271.10")  # 100 × 0.9 × 0.8 × 0.95 − 1.5
    assert "buy 20" in pump["note"]
    assert valve["net_price"] == "5.50"  # 7 for everybody in the west, and those below it
    steps = sfactl("quote", "why", "Q-000001", "1", "-o", "json", workspace=workspace, as_="sam").rows
    decided = ["list", "contract", "schedule", "seller", "promotion", "floor"]
    assert [row["step"] for row in steps] == [*decided, "quantity"]
    assert steps[4]["title"] == "Spring offer"


def test_a_quote_keeps_the_order_with_which_it_was_made(sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path):
    apply(sfactl, sqlite_workspace, tmp_path / "p", PRICING)
    offer(sfactl, sqlite_workspace, "quote", "new", "OPP-1", "--product", "P-1=1", "--discount", "1=5%")
    other = PRICING.replace('"schedule", "seller", "promotion"', '"promotion", "schedule", "seller"')
    assert apply(sfactl, sqlite_workspace, tmp_path / "p", other).code == 0

    assert sfactl("quote", "price", "Q-000001", workspace=sqlite_workspace, as_="sam").code == 0

    assert shown(sfactl, sqlite_workspace)["step_order"] == "contract, schedule, seller, promotion"
    assert shown(sfactl, sqlite_workspace)["lines"][0]["net_price"] == "75.45"


def test_applying_again_changes_nothing_and_another_policy_takes_its_rules_away(
    sfactl: Run, workspace: TestWorkspace, tmp_path: Path
):
    apply(sfactl, workspace, tmp_path / "p", PRICING)
    rules = "SELECT code FROM price_rule ORDER BY code"
    first = system_rows(workspace, rules)

    assert sfactl("policy", "diff", str(tmp_path / "p"), "-o", "json", workspace=workspace).rows == []
    assert apply(sfactl, workspace, tmp_path / "p", PRICING + "\n").code == 0
    assert system_rows(workspace, rules) == first
    assert {"west", "west@SW", "west@NW", "pumps", "spring", "all"} <= {row[0] for row in first}
    assert apply(sfactl, workspace, tmp_path / "p", "").code == 0
    assert system_rows(workspace, rules) == [] == system_rows(workspace, "SELECT id FROM price_tier")


@pytest.mark.parametrize(
    ("now", "then", "told"),
    [
        ('product = "P-1"', 'product = "P-9"', "There is no product P-9"),
        ('territory = "WEST"', 'territory = "MOON"', "There is no territory MOON"),
        ("{ from = 10, percent = 20 }", "{ from = 1, percent = 20 }", "rising quantities"),
        ("percent = 50", "percent = 150", "less than or equal to 100"),
        ('"seller", "promotion"]', '"seller"]', "once each"),
        ("amount = 1.5", "amount = 1.5\npercent = 3", "one of `price`, `percent` and `amount`"),
        ("valid_to = 2026-06-01", "valid_to = 2026-05-01", "after `valid_from`"),
        ('segment = "Large"\nfamily', 'segment = "Large"\nterritory = "SW"\nfamily', "not both"),
        ("net >= 100", "profit >= 100", "profit"),
        ("[floor.all]", "[floor.spring]", "two rules are called spring"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_place(
    sfactl: Run, sqlite_workspace: TestWorkspace, tmp_path: Path, now: str, then: str, told: str
):
    assert now in PRICING

    done = apply(sfactl, sqlite_workspace, tmp_path / "p", PRICING.replace(now, then))

    assert done.code == 2 and "pricing.toml" in done.err
    assert told.lower() in done.err.lower(), done.err
    assert system_rows(sqlite_workspace, "SELECT count(*) FROM price_rule") == [(0,)]


def test_the_policy_that_ships_says_nothing_of_single_products():
    shipped = policy.default().pricing

    assert not [*shipped.block, *shipped.contract, *shipped.schedule, *shipped.promotion, *shipped.floor]
    assert {language for term in shipped.term for language in term.text} == {"en", "es"}
