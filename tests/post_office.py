"""A mail server for tests: a real one on this machine, that fails as it is told."""

from __future__ import annotations

import asyncio
import email
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from sfactl.mail.addresses import Mailbox
from sfactl.mail.server import Server

STAGES = ("EHLO", "MAIL", "RCPT", "DATA", "BODY")
LOGIN, PASSWORD = "postbox", "hunter2-mail"


@dataclass
class PostOffice:
    """What it does at each stage, and what it took."""

    does: Callable[[str, str], str | None] = lambda _stage, _about: None
    """For a stage, and the recipient or what the client said: a reply of its own, `drop`, `hang`, or nothing."""
    taken: list[Message] = field(default_factory=list)
    "What it kept, in order, copies too."
    seen: list[str] = field(default_factory=list)
    "Stages, as they came."
    port: int = 0
    secret_seen: bool = False

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.taken]

    @property
    def recipients(self) -> list[str]:
        return [str(message["To"]) for message in self.taken]

    def server(self, **more: Any) -> Server:
        """As the sender is told of it."""
        said = {
            "host": "127.0.0.1", "port": self.port, "sender": Mailbox("sales@x.example", "Sales"), "protection": "none",
            "user": None, "password": None, "ca_file": None, "timeout_s": 5,
        }  # fmt: skip
        return Server(**{**said, **more})


class _Protocol(SMTP):
    office: PostOffice

    async def _stage(self, name: str, about: str, go_on: Callable[[], Any]) -> Any:
        self.office.seen.append(name)
        said = self.office.does(name, about)
        if said == "drop":
            self.transport.abort()
            return None
        if said == "hang":
            await asyncio.sleep(60)
        if said and said != "hang":
            await self.push(said)
            return None
        return await go_on()

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - the library's name
        await self._stage("EHLO", hostname, lambda: super(_Protocol, self).smtp_EHLO(hostname))

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        await self._stage("MAIL", str(arg), lambda: super(_Protocol, self).smtp_MAIL(arg))

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        await self._stage("RCPT", str(arg), lambda: super(_Protocol, self).smtp_RCPT(arg))

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        recipient = self.envelope.rcpt_tos[0] if self.envelope and self.envelope.rcpt_tos else ""
        await self._stage("DATA", recipient, lambda: super(_Protocol, self).smtp_DATA(arg))


@dataclass
class _Handler:
    office: PostOffice

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.office.seen.append("BODY")
        said = self.office.does("BODY", envelope.rcpt_tos[0])
        if said == "drop before":
            server.transport.abort()
            return "250 OK"
        if said and said[0] in "45":
            return said
        self.office.taken.append(email.message_from_bytes(bytes(envelope.content or b"")))
        if said == "drop":
            server.transport.abort()
        elif said == "hang":
            await asyncio.sleep(60)
        elif said:
            return said
        return "250 OK"


class _Controller(Controller):
    def __init__(self, office: PostOffice, *, is_tls: bool, port: int = 0, **options: Any) -> None:
        self.office, self.is_tls = office, is_tls
        super().__init__(_Handler(office), hostname="127.0.0.1", port=port, **options)

    def factory(self) -> SMTP:
        protocol = _Protocol(self.handler, **self.SMTP_kwargs)
        protocol.office = self.office
        return protocol

    def _trigger_server(self) -> None:
        """Connect once, to the port that was given and not to the one that was asked for."""
        assert self.server is not None
        self.office.port = self.server.sockets[0].getsockname()[1]
        with socket.create_connection(("127.0.0.1", self.office.port), 5):
            self._factory_invoked.wait(5)


@contextmanager
def opened(
    office: PostOffice | None = None,
    *,
    certificate: trustme.LeafCert | None = None,
    is_tls: bool = False,
    password: str | None = None,
    port: int = 0,
) -> Iterator[PostOffice]:
    """The server, in a thread of its own, until the end of the block.

    Args:
        certificate: what it shows, by STARTTLS or, with `is_tls`, from the beginning.
        password: what it asks for; everything else is refused.
        port: where it listens; anywhere when nothing is said.
    """
    office = office or PostOffice()
    options: dict[str, Any] = {}
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        certificate.configure_cert(context)
        options = {"ssl_context": context} if is_tls else {"tls_context": context}
    if password is not None:

        def check(_server: Any, _session: Any, _envelope: Any, _how: str, said: Any) -> AuthResult:
            office.secret_seen = True
            return AuthResult(success=said.password == password.encode(), handled=False)

        is_protected = certificate is not None and not is_tls
        options |= {"authenticator": check, "auth_required": is_protected, "auth_require_tls": is_protected}
    controller = _Controller(office, is_tls=is_tls, port=port, **options)
    controller.start()
    try:
        yield office
    finally:
        controller.stop(no_assert=True)
