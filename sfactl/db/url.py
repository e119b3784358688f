"""Database URLs, read without the library that uses them."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from sfactl.errors import UsageFault
from sfactl.i18n import _

EXAMPLES = "sqlite:///sales.db, postgresql+psycopg://db.example.com/sales"


@dataclass(frozen=True)
class DatabaseUrl:
    """Where the data are: a file of SQLite, or a database on a PostgreSQL server."""

    kind: str
    "`sqlite` or `postgresql`."
    path: Path | None = None
    conninfo: str = ""

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.kind == "sqlite"

    def for_login(self, login: str) -> "DatabaseUrl":
        """The same database under a person's own login; a file has none."""
        if self.is_sqlite:
            return self
        parts = urlsplit(self.conninfo)
        host = parts.netloc.rpartition("@")[2]
        return DatabaseUrl("postgresql", conninfo=urlunsplit(parts._replace(netloc=f"{quote(login, safe='')}@{host}")))

    def __str__(self) -> str:
        """The URL as it may be shown: never with a password."""
        if self.path is not None:
            return f"sqlite:///{self.path}"
        parts = urlsplit(self.conninfo)
        user, _at, host = parts.netloc.rpartition("@")
        name = user.partition(":")[0]
        return urlunsplit(parts._replace(scheme="postgresql+psycopg", netloc=f"{name}@{host}" if name else host))


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
        return DatabaseUrl("postgresql", conninfo=f"postgresql://{rest}")
    raise UsageFault(
        _("This is no database URL that sfactl knows: {url}.").format(url=_without_secret(text)),
        _("For example: {url}").format(url=EXAMPLES),
    )


def _without_secret(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    _user, at, host = rest.rpartition("@")
    return f"{scheme}{separator}…@{host}" if at else text
