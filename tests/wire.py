"""A wire to a PostgreSQL server that can be cut at a commit."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress


class Wire:
    """Cut before a commit gets to the server, before its answer comes back, or while it is still on its way.

    With `silence` the commit does not get there, and the server is not told that nobody is there any more.
    """

    def __init__(self, sockets: str) -> None:
        self._server = sockets
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut: str | None = None
        "`request`, `answer`, `late` or `silence`: how the next commit is cut."
        self.passing = 0
        "How many commits pass before that."
        self._servers: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections, and end those that are there."""
        self._listener.close()
        for server in self._servers:
            server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{self._server}/.s.PGSQL.5432")
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()
            threading.Thread(target=self._back, args=(server, client), daemon=True).start()

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        self._servers.append(server)
        with closing(client):
            for data in _pieces(client):
                if b"COMMIT" in data and self._is_cut_now():
                    way, self.cut = self.cut, None
                    client.shutdown(socket.SHUT_RDWR if way == "late" else socket.SHUT_WR)
                    if way in ("answer", "late"):
                        time.sleep(0.3 if way == "late" else 0)
                        client.close()
                        server.sendall(data)
                        time.sleep(0.2)  # the server is done with it before the connection ends
                    if way != "silence":
                        _hang_up(server)
                    return
                server.sendall(data)
            _hang_up(server)

    def _is_cut_now(self) -> bool:
        self.passing -= 1
        return self.cut is not None and self.passing < 0

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        for data in _pieces(server):
            try:
                client.sendall(data)
            except OSError:
                return


def _hang_up(end: socket.socket) -> None:
    """End the connection; to close the socket is not enough while another thread reads from it."""
    with suppress(OSError):  # the other end was faster
        end.shutdown(socket.SHUT_RDWR)


def _pieces(source: socket.socket) -> Iterator[bytes]:
    while True:
        try:
            data = source.recv(65536)
        except OSError:
            return
        if not data:
            return
        yield data
