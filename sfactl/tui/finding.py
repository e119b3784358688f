"""What the palette finds besides actions: accounts, opportunities, quotes, territories and people, by name or code."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from sfactl import services
from sfactl.core.text import safe
from sfactl.errors import SfaError
from sfactl.i18n import _
from sfactl.tui.widgets.fact_sheet import Section

if TYPE_CHECKING:
    from sfactl.db.session import Session

_LEAST = 2
"""Characters from which on names are looked for."""
_MOST = 6
"""So many of a kind are offered."""

Found = tuple[str, str, str, str]
"""Kind, code, name, and what else tells it apart."""


class RecordsProvider(Provider):
    """What is in the person's scope; people's names are everybody's."""

    async def search(self, query: str) -> Hits:
        """Those whose name or code holds what was typed."""
        words = query.strip()
        if len(words) < _LEAST:
            return
        worker = self.screen.run_worker(partial(self._ask, words), thread=True, exit_on_error=False)
        matcher = self.matcher(query)
        for kind, code, name, rest in await worker.wait():
            text = safe(f"{name} ({code})", 200)
            yield Hit(
                max(matcher.match(text), 0.5), Content(text), partial(self._open, kind, code), text=text,
                help=safe(rest, 200),
            )  # fmt: skip

    async def discover(self) -> Hits:
        """A word on what can be found."""
        yield DiscoveryHit(
            _("Type a name: accounts, opportunities, quotes, territories and people are found too"), self._nothing
        )

    def _nothing(self) -> None:
        return None

    def _ask(self, words: str) -> list[Found]:
        app: Any = self.app
        try:
            with app.desk.door.read() as session:
                return [found for look in _LOOKS for found in look(session, words)]
        except SfaError:
            return []

    def _open(self, kind: str, code: str) -> None:
        app: Any = self.app
        _OPENERS[kind](app, code)


def _accounts(session: "Session", words: str) -> list[Found]:
    if not session.actor.may("account.read"):
        return []
    found = services.accounts.find(session, services.narrowing.AccountFilter(search=words, limit=_MOST))
    return [("account", row.code, row.name, _("account of {owner}").format(owner=row.owner or "–")) for row in found]


def _opportunities(session: "Session", words: str) -> list[Found]:
    if not session.actor.may("opportunity.read"):
        return []
    wanted = services.opportunities.Filter(search=words, limit=_MOST)
    found = list(services.opportunities.find(session, replace(wanted, status="open")))
    if len(found) < _MOST:
        known = {row.code for row in found}
        found += [row for row in services.opportunities.find(session, wanted) if row.code not in known]
    return [
        (
            "opportunity",
            row.code,
            row.name,
            _("opportunity of {account} · {stage}").format(account=row.account_name, stage=row.stage),
        )
        for row in found[:_MOST]
    ]


def _quotes(session: "Session", words: str) -> list[Found]:
    if not session.actor.may("quote.read"):
        return []
    found = services.quotes.find(session, services.quotes.Filter(search=words, limit=_MOST))
    return [
        ("quote", row.code, row.name, _("quote for {account} · {status}").format(account=row.account_name, status=row.status))
        for row in found
    ]  # fmt: skip


def _territories(session: "Session", words: str) -> list[Found]:
    if not session.actor.may("territory.read"):
        return []
    found = services.territories.named(session, words, limit=_MOST)
    return [("territory", code, name, kind or _("territory")) for code, name, kind in found]


def _people(session: "Session", words: str) -> list[Found]:
    found = services.users.directory(session, words, limit=_MOST)
    return [("person", row.login, row.name, row.title or _("person")) for row in found]


_LOOKS: tuple[Callable[["Session", str], list[Found]], ...] = (
    _accounts, _opportunities, _quotes, _territories, _people,
)  # fmt: skip


def _open_account(app: Any, code: str) -> None:
    from sfactl.tui.screens.account import AccountScreen

    app.push_screen(AccountScreen(app.desk, code))


def _open_opportunity(app: Any, code: str) -> None:
    from sfactl.tui.screens.opportunity import OpportunityScreen

    app.push_screen(OpportunityScreen(app.desk, code))


def _open_quote(app: Any, code: str) -> None:
    from sfactl.tui.screens.quote import QuoteScreen

    app.push_screen(QuoteScreen(app.desk, code))


def _open_territory(app: Any, code: str) -> None:
    from sfactl.tui import territory_cells

    _open_sheet(app, territory_cells.page, code, ["territory", "report", code, "--period", "this-quarter"])


def _open_person(app: Any, login: str) -> None:
    from sfactl.tui import person_pages

    _open_sheet(app, person_pages.sheet, login, ["quota", "attainment", "--user", login, "--trend"])


def _open_sheet(app: Any, page: Callable[..., Sequence[Section]], key: str, words: Sequence[str]) -> None:
    from sfactl.tui.screens.sheet import SheetScreen

    app.push_screen(SheetScreen(app.desk, partial(page, key=key, locale=app.desk.locale), words))


_OPENERS: dict[str, Callable[[Any, str], None]] = {
    "account": _open_account, "opportunity": _open_opportunity, "quote": _open_quote, "territory": _open_territory,
    "person": _open_person,
}  # fmt: skip
