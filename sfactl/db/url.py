"""Database URLs, read without the library that uses them."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from sfactl.config.secrets import without_secret as without_secret
from sfactl.errors import UsageFault
from sfactl.i18n import _

EXAMPLES = "sqlite:///sales.db, postgresql+psycopg://db.example.com/sales"

_SECRETS = ("password", "sslpassword")


@dataclass(frozen=True)
class DatabaseUrl:
    """Where the data are: a file of SQLite, or a database on a PostgreSQL server."""

    kind: str
    "`sqlite` or `postgresql`."
    path: Path | None = None
    conninfo: str = field(default="", repr=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.kind == "sqlite"

    def for_login(self, login: str) -> "DatabaseUrl":
        """The same database under a person's own login; a file has none."""
        if self.is_sqlite:
            return self
        parts = urlsplit(self.without_password()[0])
        host = parts.netloc.rpartition("@")[2]
        return DatabaseUrl("postgresql", conninfo=_joined(f"{quote(login, safe='')}@{host}", parts.path, parts.query))

    def without_password(self) -> tuple[str, str | None]:
        """What to connect with as everybody may see it, and the password that stood in it."""
        parts = urlsplit(self.conninfo)
        who, _at, host = parts.netloc.rpartition("@")
        user, colon, password = who.partition(":")
        said = parse_qsl(parts.query, keep_blank_values=True)
        named = [value for name, value in said if name == "password"]
        query = urlencode([pair for pair in said if pair[0] not in _SECRETS], quote_via=quote, safe="/")
        plain = _joined(f"{user}@{host}" if user else host, parts.path, query)
        return plain, unquote(password) if colon else next(iter(named), None)

    def __str__(self) -> str:
        """The URL as it may be shown: never with a password."""
        if self.path is not None:
            return f"sqlite:///{self.path}"
        return self.without_password()[0].replace("postgresql:", "postgresql+psycopg:", 1)


def parse(text: str) -> DatabaseUrl:
    """The place that a URL names.

    Raises:
        UsageFault: another kind of database, or a file that has no name.
    """
    scheme, separator, rest = text.partition("://")
    if separator and scheme == "sqlite":
        if not rest.startswith("/") or len(rest) < 2:
            raise UsageFault(_("The database URL names no file."), _("For example: {url}").format(url=EXAMPLES))
        return DatabaseUrl("sqlite", path=Path(rest[1:]).absolute())
    if separator and scheme.partition("+")[0] in ("postgresql", "postgres"):
        return _server(f"postgresql://{rest}")
    raise UsageFault(
        _("This is no database URL that sfactl knows: {url}.").format(url=without_secret(text)),
        _("For example: {url}").format(url=EXAMPLES),
    )


def _joined(place: str, path: str, query: str) -> str:
    return f"postgresql://{place}{path}{'?' if query else ''}{query}"


def _server(conninfo: str) -> DatabaseUrl:
    """A server's URL; refused where a reader could take another part of it for the password than the server does."""
    try:
        parts = urlsplit(conninfo)
        is_plain = "@" not in parts.path and not parts.fragment and (parts.port is None or parts.port > 0)
    except ValueError:
        is_plain = False
    if not is_plain:
        raise UsageFault(
            _("The database URL cannot be read: {url}.").format(url=without_secret(conninfo)),
            _("In a name or password, / ? # @ and : are written %2F %3F %23 %40 and %3A."),
        )
    return DatabaseUrl("postgresql", conninfo=conninfo)
