"""The mail server that the settings name, with the password from where secrets may stand."""

import ssl
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sfactl.config.settings import MailServer
from sfactl.errors import UsageFault
from sfactl.i18n import _
from sfactl.mail.addresses import Mailbox, one_mailbox

PASSWORD_VARIABLE: Final = "SFACTL_MAIL_PASSWORD"  # noqa: S105 - a name, no password
STAGES: Final = 12
"""Answers that are waited for, from the connection to the last one, at most."""


@dataclass(frozen=True)
class Server:
    """Where mail is handed over, and from whom it comes."""

    host: str
    port: int
    sender: Mailbox
    protection: str
    "`starttls`, `tls` or `none`."
    user: str | None
    password: str | None = field(repr=False)
    ca_file: str | None
    timeout_s: int

    @property
    def most_s(self) -> int:
        """How many seconds one mail may take, with a new connection."""
        return self.timeout_s * STAGES

    @property
    def name(self) -> str:
        """As a person knows it."""
        return f"{self.host}:{self.port}"

    def tls(self) -> ssl.SSLContext:
        """What the server must prove.

        Raises:
            UsageFault: the file of authorities cannot be read.
        """
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError:
            raise UsageFault(
                _("{path} holds no certificates.").format(path=self.ca_file), _("Check `ca_file` in [mail].")
            ) from None


def named(settings: MailServer, environment: Mapping[str, str]) -> Server:
    """The server that the settings name.

    Raises:
        UsageFault: none is named, the sender is not one address, or the password cannot be read or is open to others.
    """
    if not settings.host or not settings.sender:
        raise UsageFault(
            _("The settings say no `{key}` under [mail].").format(key="sender" if settings.host else "host"),
            _("`host` is the mail server, `sender` from whom mail comes; `sfactl config path` names the file."),
        )
    return Server(
        settings.host, settings.port, one_mailbox(settings.sender), settings.protection, settings.user,
        _password(settings, environment) if settings.user else None, settings.ca_file, settings.timeout,
    )  # fmt: skip


def _password(settings: MailServer, environment: Mapping[str, str]) -> str:
    said = environment.get(PASSWORD_VARIABLE)
    if said:
        return said
    if not settings.password_file:
        raise UsageFault(
            _("There is no password for {user} at the mail server.").format(user=settings.user),
            _("Name a file of mode 0600 as `password_file` in [mail], or set {variable}.").format(
                variable=PASSWORD_VARIABLE
            ),
        )
    path = Path(settings.password_file).expanduser()
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise UsageFault(
                _("{path} can be read by others.").format(path=path), _("chmod 600 {path}").format(path=path)
            )
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UsageFault(_("The password in {path} cannot be read.").format(path=path)) from None
    if not lines or not lines[0]:
        raise UsageFault(_("{path} is empty.").format(path=path), _("Its first line is the password."))
    return lines[0]
