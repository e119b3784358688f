"""Where replies come in: a file of mails (mbox), a folder of them (Maildir), or a mailbox on an IMAP server."""

import imaplib
import mailbox
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from sfactl.errors import Unavailable, UsageFault
from sfactl.i18n import _
from sfactl.mail.receiving import LARGEST_BYTES

PASSWORD_VARIABLE: Final = "SFACTL_IMAP_PASSWORD"  # noqa: S105 - a name, no password
TIMEOUT_S: Final = 30
_PORTS: Final = {"imap": 143, "imaps": 993}
_FAULTS: Final = (OSError, imaplib.IMAP4.error, ValueError)


@dataclass(frozen=True)
class Incoming:
    """A mail as it lies there."""

    raw: bytes
    done: Callable[[], None] = lambda: None
    "To be called once the mail needs no second look."


@contextmanager
def opened(where: str, environment: Mapping[str, str]) -> Iterator[Iterator[Incoming]]:
    """The mails of a mailbox, in its order; nothing is taken out of it.

    On an IMAP server those are that nobody has read; each counts as read once it is done with.

    Args:
        where: a path, or `imaps://USER@HOST/FOLDER`.

    Raises:
        UsageFault: it names no mailbox, or there is no password.
        Unavailable: the server is not to be had.
    """
    if urlsplit(where).scheme in _PORTS:
        with _on_server(where, environment) as mails:
            yield mails
        return
    yield _in_files(Path(where))


def _in_files(path: Path) -> Iterator[Incoming]:
    if (path / "cur").is_dir() and (path / "new").is_dir():
        return _read_all(path, mailbox.Maildir)
    if not path.is_file():
        raise UsageFault(
            _("{path} is no mailbox.").format(path=path),
            _("Name a file of mails (mbox), a Maildir, or imaps://USER@HOST/FOLDER."),
        )
    return _read_all(path, mailbox.mbox)


def _read_all(path: Path, kind: "type[mailbox.Maildir] | type[mailbox.mbox]") -> Iterator[Incoming]:
    try:
        box: mailbox.Mailbox[Any] = kind(path, create=False)
    except OSError as fault:
        raise Unavailable(_("{path} cannot be read: {reason}.").format(path=path, reason=fault.strerror)) from None
    with closing(box):
        for key in sorted(box.keys()):
            with suppress(KeyError, OSError), closing(box.get_file(key)) as file:  # somebody else took it away
                yield Incoming(file.read(LARGEST_BYTES + 1))


@contextmanager
def _on_server(where: str, environment: Mapping[str, str]) -> Iterator[Iterator[Incoming]]:
    parts = urlsplit(where)
    try:
        port = parts.port or _PORTS[parts.scheme]
    except ValueError:
        port = 0
    host, user, folder = parts.hostname or "", unquote(parts.username or ""), unquote(parts.path.strip("/")) or "INBOX"
    if not (host and user and port) or parts.password:
        raise UsageFault(
            _("{where} is no mailbox on a server.").format(where=f"{parts.scheme}://…"),
            _("Write it as {example}; the password comes from {variable}.").format(
                example="imaps://USER@HOST/INBOX", variable=PASSWORD_VARIABLE
            ),
        )
    if not environment.get(PASSWORD_VARIABLE):
        raise UsageFault(
            _("There is no password for {user} at the mail server.").format(user=user),
            _("Set {variable}.").format(variable=PASSWORD_VARIABLE),
        )
    try:
        client = _connected(parts.scheme, host, port)
        try:
            client.login(user, environment[PASSWORD_VARIABLE])
            _select(client, folder)
            yield _unread(client)
        finally:
            with suppress(*_FAULTS):
                client.logout()
            with suppress(*_FAULTS):
                client.shutdown()
    except _FAULTS as fault:
        reason = _words(fault) or type(fault).__name__
        raise Unavailable(
            _("The mail server {server} cannot be had: {reason}.").format(
                server=f"{host}:{port}", reason=reason[:200].rstrip(".")
            )
        ) from None


def _words(fault: Exception) -> str:
    """What a server said, which the library hands on as bytes."""
    said = fault.args[0] if fault.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(fault)


def _connected(scheme: str, host: str, port: int) -> imaplib.IMAP4:
    """A connection that nobody listens to: TLS, or to this very machine."""
    if scheme == "imaps":
        return imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT_S)
    client = imaplib.IMAP4(host, port, timeout=TIMEOUT_S)
    if host not in ("localhost", "127.0.0.1", "::1"):
        client.starttls(ssl.create_default_context())
    return client


def _select(client: imaplib.IMAP4, folder: str) -> None:
    quoted = '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    status, said = client.select(quoted)
    if status != "OK":
        raise UsageFault(
            _("There is no mailbox {folder} on the server.").format(folder=folder), str((said or [b""])[0])[:200]
        )


def _unread(client: imaplib.IMAP4) -> Iterator[Incoming]:
    _status, found = client.uid("SEARCH", "UNSEEN")
    for uid in (found[0] or b"").split() if found else ():
        key = uid.decode("ascii", "replace")
        _status, said = client.uid("FETCH", key, f"(BODY.PEEK[]<0.{LARGEST_BYTES}>)")
        raw = next((bytes(each[1]) for each in said or [] if isinstance(each, tuple) and len(each) > 1), None)
        if raw is not None:
            yield Incoming(raw, lambda key=key: _mark(client, key))  # type: ignore[misc]


def _mark(client: imaplib.IMAP4, key: str) -> None:
    client.uid("STORE", key, "+FLAGS", "(\\Seen)")
