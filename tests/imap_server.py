"""A small IMAP server on this machine: one mailbox, as much of the protocol as a client needs that reads what is unread."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LOGIN, PASSWORD = "postbox", "hunter2-imap"


@dataclass
class Postbox:
    """Its mails, and which of them were read."""

    mails: list[bytes] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    folder: str = "INBOX"
    drops_at: str = ""
    "A command at which the connection is lost."
    port: int = 0


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.say("* OK ready")
        while line := self.rfile.readline():
            tag, _blank, rest = line.decode("ascii", "replace").rstrip("\r\n").partition(" ")
            if self.server.box.drops_at and self.server.box.drops_at in rest.upper():
                return
            if not self.answer(tag, rest):
                return

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def answer(self, tag: str, rest: str) -> bool:
        box, word = self.server.box, rest.upper()
        if word.startswith("CAPABILITY"):
            self.say("* CAPABILITY IMAP4REV1")
        elif word.startswith("LOGIN"):
            if rest.split()[1:] != [LOGIN, f'"{PASSWORD}"']:
                self.say(f"{tag} NO wrong login")
                return True
        elif word.startswith("SELECT"):
            if rest.split(" ", 1)[1].strip('"') != box.folder:
                self.say(f"{tag} NO no such mailbox")
                return True
            self.say(f"* {len(box.mails)} EXISTS")
        elif word.startswith("UID SEARCH UNSEEN"):
            self.say("* SEARCH " + " ".join(str(n) for n in range(1, len(box.mails) + 1) if n not in box.seen))
        elif found := re.match(r"UID FETCH (\d+) .*<0\.(\d+)>", word):
            number, most = int(found[1]), int(found[2])
            raw = box.mails[number - 1][:most]
            self.wfile.write(f"* {number} FETCH (UID {number} BODY[]<0> {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
        elif found := re.match(r"UID STORE (\d+) \+FLAGS \(\\SEEN\)", word):
            box.seen.add(int(found[1]))
        elif word.startswith("LOGOUT"):
            self.say("* BYE")
            self.say(f"{tag} OK bye")
            return False
        self.say(f"{tag} OK done")
        return True


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    box: Postbox


@contextmanager
def opened(box: Postbox) -> Iterator[Postbox]:
    """The server, until the end of the block."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.box, box.port = box, server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
