"""What the palette finds besides actions: accounts and opportunities by their names."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from sfactl import services
from sfactl.core.text import safe
from sfactl.errors import SfaError
from sfactl.i18n import _

if TYPE_CHECKING:
    from sfactl.db.session import Session

_LEAST = 2
"""Characters from which on names are looked for."""
_MOST = 8
"""So many of a kind are offered."""

Found = tuple[str, str, str, str]
"""Kind, code, name, and what else tells it apart."""


class RecordsProvider(Provider):
    """Accounts and opportunities in the person's scope."""

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
        yield DiscoveryHit(_("Type a name: accounts and opportunities are found too"), self._nothing)

    def _nothing(self) -> None:
        return None

    def _ask(self, words: str) -> list[Found]:
        app: Any = self.app
        try:
            with app.desk.door.read() as session:
                return [*_accounts(session, words), *_opportunities(session, words)]
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
    found = services.opportunities.find(session, services.opportunities.Filter(search=words, limit=_MOST))
    return [("opportunity", row.code, row.name, f"{row.account_name} · {row.stage}") for row in found]


def _open_account(app: Any, code: str) -> None:
    from sfactl.tui import account_pages
    from sfactl.tui.screens.sheet import SheetScreen

    locale = app.desk.locale
    question = partial(account_pages.sheet, key=code, locale=locale)
    app.push_screen(SheetScreen(app.desk, question, ["account", "show", code]))


def _open_opportunity(app: Any, code: str) -> None:
    from sfactl.tui.screens.opportunity import OpportunityScreen

    app.push_screen(OpportunityScreen(app.desk, code))


_OPENERS: dict[str, Callable[[Any, str], None]] = {"account": _open_account, "opportunity": _open_opportunity}
