"""Handing mail over to a server, and telling what came of it."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from threading import Timer
from types import TracebackType
from typing import Final

from sfactl.core.outbox import Result
from sfactl.core.text import safe
from sfactl.errors import Unavailable
from sfactl.i18n import _
from sfactl.mail.server import Server

LONGEST_REASON: Final = 300
_BYE: Final = 421
"""The server ends the connection."""
_DOT: Final = re.compile(rb"^\.", re.MULTILINE)
_FAULTS: Final = (OSError, smtplib.SMTPException, UnicodeError)


@dataclass(frozen=True)
class Outcome:
    """What came of handing one mail over, in the server's words or the system's."""

    result: Result
    reason: str | None = None

    @property
    def is_servers(self) -> bool:
        """Whether the connection was at fault, and not the mail."""
        return self.result in (Result.LOST, Result.UNSURE)


class Post:
    """A connection to the server: made when it is needed, kept for the next mail, made anew when it was lost."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._client: smtplib.SMTP | None = None
        self.is_given = False
        "Whether the mail at hand went over, wholly or in part, so that the server may have it."

    def __enter__(self) -> "Post":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._client and kind is None:
            with suppress(*_FAULTS):
                self._client.quit()
        self.close()

    def open(self) -> None:
        """Connect, protect the way and sign in, if that is not done yet.

        Raises:
            Unavailable: one of it did not work; nothing but the greeting went over an unprotected way.
        """
        if self._client:
            return
        with self._bounded():
            try:
                self._connect()
            except smtplib.SMTPAuthenticationError as fault:
                raise self._unavailable(
                    _("it refuses the login of {user} ({code})").format(user=self.server.user, code=fault.smtp_code)
                ) from None
            except _FAULTS as fault:
                raise self._unavailable(_told(fault)) from None

    def close(self) -> None:
        """Let go of the connection, whatever state it is in."""
        client, self._client = self._client, None
        if client:
            client.close()

    def deliver(self, message: EmailMessage, to_address: str) -> Outcome:
        """Hand one mail over; when a connection that had been open for a while is lost before, once more on a new one.

        Raises:
            Unavailable: there is no connection to be had, and the server does not have the mail.
        """
        was_open, self.is_given = self._client is not None, False
        self.open()
        outcome = self._hand_over(message, to_address)
        if outcome.result is Result.LOST and was_open:
            self.open()
            outcome = self._hand_over(message, to_address)
        return outcome

    def _connect(self) -> None:
        server = self.server
        if server.protection == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                context=server.tls(), local_hostname=server.sender.domain, timeout=server.timeout_s
            )
        else:
            client = smtplib.SMTP(local_hostname=server.sender.domain, timeout=server.timeout_s)
        self._client = client
        try:
            client._host = server.host  # type: ignore[attr-defined] # the name that a certificate must bear
            code, reply = client.connect(server.host, server.port)
            if code != 220:  # the greeting
                raise smtplib.SMTPConnectError(code, reply)
            self._protect(client)
        except BaseException:
            self.close()
            raise

    def _protect(self, client: smtplib.SMTP) -> None:
        client.ehlo_or_helo_if_needed()
        if self.server.protection == "starttls":
            client.starttls(context=self.server.tls())
            client.ehlo()
        if self.server.user and self.server.password is not None:
            client.login(self.server.user, self.server.password)

    def _hand_over(self, message: EmailMessage, to_address: str) -> Outcome:
        client = self._client
        if client is None:
            raise self._unavailable(_("the connection is closed"))
        body = _DOT.sub(b"..", message.as_bytes())
        before: tuple[Callable[[], tuple[int, bytes]], ...] = (
            lambda: client.mail(self.server.sender.address),
            lambda: client.rcpt(to_address),
            lambda: client.docmd("DATA"),
        )
        with self._bounded():
            try:
                for stage in before:
                    code, reply = stage()
                    if not 200 <= code < 400:
                        return self._refused(code, reply)
                self.is_given = True
                client.send(body + b".\r\n")
                code, reply = client.getreply()
            except _FAULTS as fault:
                self.close()
                return Outcome(Result.UNSURE if self.is_given else Result.LOST, _told(fault))
        return Outcome(Result.SENT) if 200 <= code < 300 else self._refused(code, reply)

    def _refused(self, code: int, reply: bytes) -> Outcome:
        """What a refusal means; after a farewell, or an answer that is none, the connection is of no more use."""
        reason = safe(f"{code} {reply.decode('utf-8', 'replace')}", LONGEST_REASON)
        if code == _BYE or not 400 <= code < 600:
            self.close()
            if not self.is_given:
                return Outcome(Result.LOST, reason)
            return Outcome(Result.LATER if code == _BYE else Result.UNSURE, reason)
        if self._client:
            try:
                self._client.rset()
            except _FAULTS:
                self.close()
        return Outcome(Result.LATER if code < 500 else Result.FAILED, reason)

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """End the connection when all together takes too long, however busy the server looks."""
        timer = Timer(self.server.most_s, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        client = self._client
        if client and client.sock:
            with suppress(OSError):
                client.sock.shutdown(socket.SHUT_RDWR)

    def _unavailable(self, reason: str) -> Unavailable:
        return Unavailable(
            _("The mail server {server} cannot be had: {reason}.").format(server=self.server.name, reason=reason),
            _("What waits is sent another time; `sfactl doctor` looks at the server."),
        )


def _told(fault: Exception) -> str:
    """What went wrong, in a few words."""
    if isinstance(fault, smtplib.SMTPNotSupportedError):
        return _("it offers no TLS, or no way to sign in")
    if isinstance(fault, ssl.SSLCertVerificationError):
        return _("its certificate does not hold: {reason}").format(reason=fault.verify_message)
    if isinstance(fault, smtplib.SMTPResponseException):
        said = fault.smtp_error
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return safe(f"{fault.smtp_code} {text}", LONGEST_REASON)
    if isinstance(fault, TimeoutError):
        return _("it does not answer in time")
    if isinstance(fault, smtplib.SMTPServerDisconnected):
        return _("the connection was lost")
    reason = getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
    return safe(reason.rstrip("."), LONGEST_REASON)
