"""The screens in a browser: one process of ours for each visitor, behind a token.

The server answers only whom it knows. A token stands in the address once; from then on in a cookie that no script reads
and no other site sends. Whoever opens the screens works as the person of his token.
"""

import hashlib
import hmac
import secrets
import shlex
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from textual_serve.server import Server

from sfactl.errors import NotAllowed, UsageFault
from sfactl.i18n import _

COOKIE: Final = "sfactl"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_LEAST_TOKEN: Final = 20
"""Characters of a token; fewer can be guessed."""
_HEADERS: Final = {
    "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
        " img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
    ),
}  # fmt: skip

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Doorkeeper:
    """Who may come in: digests of tokens, and as whom each works."""

    logins: Mapping[str, str | None]
    "SHA-256 of a token to a login; None is the person who serves."

    def admitted(self, token: str) -> tuple[bool, str | None]:
        """Whether a token is known, and as whom its bearer works; it takes as long for every token."""
        digest = digest_of(token)
        found: tuple[bool, str | None] = (False, None)
        for known, login in self.logins.items():
            if hmac.compare_digest(known, digest):
                found = (True, login)
        return found


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def tokens_of(path: Path) -> dict[str, str | None]:
    """Tokens from a file that only its owner reads: on each line a token, a blank and a login.

    Raises:
        NotAllowed: others can read the file.
        UsageFault: a line is no token with a login, or a token is too short.
    """
    if path.stat().st_mode & 0o077:
        raise NotAllowed(_("{path} can be read by others.").format(path=path), f"chmod 600 {path}")
    found: dict[str, str | None] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        token, _blank, login = line.strip().partition(" ")
        if not line.strip() or line.startswith("#"):
            continue
        if len(token) < _LEAST_TOKEN or not login.strip():
            raise UsageFault(
                _("{path}, line {number}: this is no token with a login.").format(path=path, number=number),
                _("For example: {example}").format(example=f"{secrets.token_urlsafe(24)} sam"),
            )
        found[digest_of(token)] = login.strip()
    return found


def require_safe_place(host: str, *, is_remote_allowed: bool, has_users: bool) -> None:
    """Refuse to be reached from elsewhere unless that was said, and then only with a user for each token.

    Raises:
        NotAllowed: the host is not this machine's own.
    """
    if host in _LOOPBACK:
        return
    if not is_remote_allowed:
        raise NotAllowed(
            _("{host} can be reached from other machines.").format(host=host),
            _("Add --allow-remote, with --tokens FILE that names a user for each token; and put TLS before it."),
        )
    if not has_users:
        raise NotAllowed(_("Without a user for each token, everybody would work as you."), _("Add --tokens FILE."))


class SalesServer(Server):
    """Serves the screens to those whom the doorkeeper knows."""

    def __init__(self, keeper: Doorkeeper, words: Sequence[str], *, host: str, port: int) -> None:
        self._login: ContextVar[str | None] = ContextVar("login", default=None)
        self._words = list(words)
        super().__init__("", host=host, port=port, title="sfactl")
        self._keeper = keeper

    @property
    def command(self) -> str:
        """What is run for the visitor of this request: the screens, as the person of his token."""
        start = "import sys; sys.argv[0] = 'sfactl'; from sfactl.cli import main; sys.exit(main())"
        login = self._login.get()
        acting = ["--as", login] if login else []
        return shlex.join([sys.executable, "-c", start, "tui", *self._words, *acting])

    @command.setter
    def command(self, _value: str) -> None:
        """It is made for each visitor."""

    def initialize_logging(self) -> None:
        """Nothing is written about visitors."""

    async def on_startup(self, app: web.Application) -> None:
        """The command has said already where the screens are."""

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard)
        return app

    @property
    def _guard(self) -> Any:
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            self._require_own_name(request)
            token = request.query.get("token", "")
            is_known, login = self._keeper.admitted(token or request.cookies.get(COOKIE, ""))
            if not is_known:
                raise web.HTTPForbidden(text=_("This address needs its token; `sfactl serve` printed it."))
            if token:
                raise self._welcome(request, token)
            self._login.set(login)
            response = await handler(request)
            if not response.prepared:
                response.headers.update(_HEADERS)
            return response

        return guard

    def _require_own_name(self, request: web.Request) -> None:
        """Answer only to the name under which it was started, and to pages of its own."""
        own = {f"{self.host}:{self.port}", f"localhost:{self.port}", f"127.0.0.1:{self.port}", f"[::1]:{self.port}"}
        origin = request.headers.get("Origin", "")
        if self.host in _LOOPBACK and request.host not in own:
            raise web.HTTPForbidden(text=_("This is not the address of the screens."))
        if origin and origin.partition("//")[2] != request.host:
            raise web.HTTPForbidden(text=_("Another site asks for this."))

    def _welcome(self, request: web.Request, token: str) -> web.HTTPFound:
        """Take the token out of the address and keep it in a cookie."""
        rest = {key: value for key, value in request.query.items() if key != "token"}
        answer = web.HTTPFound(request.rel_url.with_query(rest))
        answer.set_cookie(COOKIE, token, httponly=True, samesite="Strict", path="/")
        return answer


def serve(words: Sequence[str], *, host: str, port: int, tokens: Path | None, tell: Callable[[str], None]) -> None:
    """Serve until it is stopped, and say where.

    Args:
        words: what the screens are started with: which settings, whose name.
        tokens: a file of tokens with logins; without one, a fresh token is made, for the person who serves.
    """
    if tokens is None:
        token = secrets.token_urlsafe(24)
        keeper = Doorkeeper({digest_of(token): None})
        tell(f"http://{_in_address(host)}:{port}/?token={token}")
    else:
        keeper = Doorkeeper(tokens_of(tokens))
        tell(f"http://{_in_address(host)}:{port}/?token=…")
    SalesServer(keeper, words, host=host, port=port).serve()


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
