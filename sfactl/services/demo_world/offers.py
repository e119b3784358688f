"""How the demo company prices, and what it has offered."""

from typing import Final

from sqlalchemy import Select, select

from sfactl.config import policy
from sfactl.db.session import Session
from sfactl.models import tables as t
from sfactl.services import approvals, configuring, quote_making
from sfactl.services.configuring import Wishes
from sfactl.services.demo_world import bundle
from sfactl.services.quote_making import Wanted, WantedLine

PRICING: Final = """\
# Whoever buys many sensors pays less for each; nothing goes below 65 % of its list price unseen.
valid_days = 45

seller = \"\"\"
Norvane, Inc.
200 Dock Street, Portland, OR 97209\"\"\"

[contract.enterprise]
name = "Enterprise customers"
segment = "Enterprise"
percent = 4

[schedule.wireless]
name = "Wireless sensors by number"
product = "TS-20"
kind = "slab"
tier = [{ from = 1, percent = 0 }, { from = 10, percent = 8 }, { from = 50, percent = 15 }]

[floor.all]
percent = 35

[[term]]
text = { en = "Prices are net of tax and freight.", es = "Los precios no incluyen impuestos ni portes." }

[[term]]
when = "net >= 10000"
text = { en = "One third is due on order, the rest on delivery.", es = "Un tercio con el pedido, el resto a la entrega." }
"""

_NEGOTIATE: Final = 'code = "negotiate"\n'
_GATE: Final = 'requires = { fields = ["next_step"], activities = { visit = 1 } }\n'
SELLER: Final = "lbegay"
"""Who has given away more than is hers to give, and waits for her manager."""


def process() -> str:
    """The shipped process, but nobody negotiates who has not been there and does not know what comes next."""
    shipped = (policy.DEFAULT_FOLDER / "process.toml").read_text(encoding="utf-8")
    return shipped.replace(_NEGOTIATE, _NEGOTIATE + _GATE)


def offer(session: Session) -> list[str]:
    """Two quotes for open opportunities about to be decided; they leave their amounts as they are."""
    codes = session.execute(_proposed().order_by(t.opportunity.c.code.desc()).limit(2)).scalars()
    first, second = [*codes, None, None][:2]
    found = configuring.configure(session, bundle.CODE, Wishes({"litres": 900_000, "sensors": 12_000}, {}))
    sensors = [WantedLine("TS-20", 24_000, discount_bp=300), WantedLine("GW-100", 1_000)]
    wanted = [(first, quote_making.bundle_lines(found)), (second, sensors)]
    return [
        quote_making.new(session, Wanted(opportunity, lines, is_primary=False))
        for opportunity, lines in wanted
        if opportunity
    ]


def ask(session: Session) -> str | None:
    """Offer so much off, for an own sale, that the manager must agree, and ask; the amount of the sale stays."""
    sale = t.opportunity.c
    own = _proposed().where(sale.credited_id == session.actor.user_id)
    code = session.execute(own.order_by(sale.code).limit(1)).scalar()
    if code is None:
        return None
    lines = [WantedLine("DC-250", 2_000), WantedLine("TS-20", 12_000)]
    quote = quote_making.new(session, Wanted(code, lines, header_bp=1800, is_primary=False))
    approvals.submit(session, quote, reason="Eight more are promised for spring")
    return quote


def _proposed() -> Select[str]:
    """Codes of the open opportunities about to be decided."""
    sale, stage = t.opportunity.c, t.stage.c
    found = select(sale.code).join(t.stage, stage.id == sale.stage_id)
    return found.where(sale.status == "open", stage.code == "propose")
