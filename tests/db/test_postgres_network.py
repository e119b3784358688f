"""How a server is reached: encrypted and by its right name where that is asked for, and the password is nobody else's."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import psycopg
import pytest
import trustme

from sfactl.db.connect import system_connection
from sfactl.db.url import parse
from sfactl.errors import Unavailable
from tests.cli import Run

SECRET = "hunter2-unguessable"
ASKS_FOR_TLS, ASKS_FOR_GSS = 80877103, 80877104
TLS_SERVER = "SFACTL_TEST_POSTGRES_TLS"
"""Names the URL of a PostgreSQL that offers TLS, with `sslmode=verify-full`, as it can be reached from here."""
PEER_SERVER = "SFACTL_TEST_POSTGRES_PEER"
"""Names the URL of a PostgreSQL on this machine that knows this account by peer, and no other as it."""


@dataclass
class FakeServer:
    """Speaks PostgreSQL's first words, with TLS or without, and keeps what it was told."""

    tls: ssl.SSLContext | None = None
    answer: Callable[[socket.socket], None] = lambda client: None
    told: list[bytes] = field(default_factory=list)
    port: int = 0

    @contextmanager
    def listening(self) -> Iterator[FakeServer]:
        """Until the end of the block."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            threading.Thread(target=self._serve, args=(listener,), daemon=True).start()
            yield self

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:  # closed: the test is over
                return
            with ExitStack() as stack, suppress(OSError):
                client.settimeout(10)
                self._talk(stack.enter_context(client), stack)

    def _talk(self, client: socket.socket, stack: ExitStack) -> None:
        while message := _message(client):
            code = struct.unpack("!I", message[:4])[0]
            if code == ASKS_FOR_GSS or (code == ASKS_FOR_TLS and self.tls is None):
                client.sendall(b"N")
            elif code == ASKS_FOR_TLS and self.tls is not None:
                client.sendall(b"S")
                client = stack.enter_context(self.tls.wrap_socket(client, server_side=True))
            else:
                self.told.append(message)
                self.answer(client)
                return


def _message(client: socket.socket) -> bytes:
    head = client.recv(4)
    return client.recv(struct.unpack("!I", head)[0] - 4) if len(head) == 4 else b""


def place(server: FakeServer, host: str = "localhost", **options: object) -> str:
    """The URL of a server for sam."""
    return f"postgresql+psycopg://sam@{host}:{server.port}/sales?{urlencode({'connect_timeout': 5, **options})}"


def authority(folder: Path) -> tuple[trustme.CA, Path]:
    """Somebody who vouches for servers, and the file that says so."""
    ca = trustme.CA()
    path = folder / "root.pem"
    ca.cert_pem.write_to_path(path)
    return ca, path


def context_for(ca: trustme.CA, host: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(host).configure_cert(context)
    return context


# case 38
def test_a_server_without_encryption_is_refused(sfactl: Run, tmp_path: Path):
    _ca, root = authority(tmp_path)

    with FakeServer().listening() as server:
        result = sfactl("whoami", "--database", place(server, sslmode="verify-full", sslrootcert=root))

    assert result.code == 6
    assert len(result.err.splitlines()) == 2, result.err
    assert "does not support SSL" in result.err
    assert server.told == [], "not even the name is sent in clear"


# case 38
@pytest.mark.parametrize("issued_for, is_trusted, said", [
    ("db.example.com", True, "does not match host name"), ("localhost", False, "certificate verify failed"),
])  # fmt: skip
def test_a_server_that_is_not_who_it_says_is_refused(
    sfactl: Run, tmp_path: Path, issued_for: str, is_trusted: bool, said: str
):
    ca, root = authority(tmp_path)
    if not is_trusted:
        ca = trustme.CA()

    with FakeServer(context_for(ca, issued_for)).listening() as server:
        result = sfactl("whoami", "--database", place(server, sslmode="verify-full", sslrootcert=root))

    assert result.code == 6
    assert said in result.err
    assert "Traceback" not in result.err
    assert not [message for message in server.told if b"sam" in message]


# case 38
def test_a_server_that_is_who_it_says_is_spoken_to(sfactl: Run, tmp_path: Path):
    """So that the refusals above are worth something."""
    ca, root = authority(tmp_path)

    with FakeServer(context_for(ca, "localhost")).listening() as server:
        result = sfactl("whoami", "--database", place(server, sslmode="verify-full", sslrootcert=root))

    assert result.code == 6
    assert [message for message in server.told if b"sam" in message]


# case 38
@pytest.mark.skipif(TLS_SERVER not in os.environ, reason=f"needs a PostgreSQL with TLS: {TLS_SERVER} names its URL")
def test_a_real_server_is_reached_by_its_right_name_only():
    conninfo = os.environ[TLS_SERVER].replace("postgresql+psycopg://", "postgresql://")
    parts = urlsplit(conninfo)
    assert parse_qs(parts.query)["sslmode"] == ["verify-full"]

    with psycopg.connect(conninfo) as raw:
        assert raw.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone() == (True,)
    address = socket.gethostbyname(parts.hostname or "")
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        psycopg.connect(conninfo, host="wrong.example.com", hostaddr=address)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(conninfo, sslmode="disable")


# case 39
@pytest.mark.skipif(
    PEER_SERVER not in os.environ, reason=f"needs a PostgreSQL that knows accounts by peer: {PEER_SERVER} names its URL"
)
def test_an_account_of_this_machine_is_let_in_under_its_own_login_only():
    conninfo = os.environ[PEER_SERVER].replace("postgresql+psycopg://", "postgresql://")

    with psycopg.connect(conninfo) as raw:
        assert raw.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
        psycopg.connect(conninfo, user="sfactl_somebody_else")


def refuse(client: socket.socket) -> None:
    """Ask for the password in clear, as a careless server does, take it, and refuse."""
    client.sendall(b"R" + struct.pack("!II", 8, 3))
    client.recv(1000)
    fields = b'SFATAL\0C28P01\0Mpassword authentication failed for user "sam"\0\0'
    client.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)


@pytest.fixture
def password_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the password stands, for libpq."""
    path = tmp_path / "pgpass"
    path.write_text(f"*:*:*:*:{SECRET}\n", encoding="utf-8")
    path.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(path))
    return path


# case 39
@pytest.mark.parametrize(
    "words", [("whoami",), ("doctor",), ("config", "show", "--origin"), ("access", "sync", "--check")]
)
def test_a_password_of_the_password_file_is_shown_nowhere(sfactl: Run, password_file: Path, words: tuple[str, ...]):
    taken: list[bytes] = []

    def answer(client: socket.socket) -> None:
        client.sendall(b"R" + struct.pack("!II", 8, 3))
        taken.append(client.recv(1000))

    with FakeServer(answer=answer).listening() as server:
        result = sfactl(*words, "--database", place(server, sslmode="disable"))

    assert SECRET not in result.out + result.err
    assert "Traceback" not in result.err
    assert words[0] == "config" or any(SECRET.encode() in message for message in taken), "it was asked for and used"


# case 39
def test_a_password_stands_in_no_traceback(password_file: Path):
    with FakeServer(answer=refuse).listening() as server:
        for where in (
            place(server, sslmode="disable"),
            place(server, sslmode="disable").replace("sam@", f"sam:{SECRET}@"),
        ):
            with pytest.raises(Unavailable) as refusal:
                system_connection(parse(where), "a test signs in")
            said = "".join(traceback.format_exception(refusal.value)) + repr(refusal.value)
            assert "password authentication failed" in said
            assert SECRET not in said


# case 39
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="this system shows no processes under /proc")
def test_a_password_stands_in_no_list_of_processes(password_file: Path, tmp_path: Path):
    arrived, over = threading.Event(), threading.Event()

    def hang(client: socket.socket) -> None:
        arrived.set()
        over.wait(20)

    with FakeServer(answer=hang).listening() as server:
        running = subprocess.Popen(
            [sys.executable, "-c", "from sfactl.cli import main; main()", "whoami", "--database", place(server, sslmode="disable")],
            env={"PGPASSFILE": str(password_file), "HOME": str(tmp_path)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert arrived.wait(20)
        shown = [Path(f"/proc/{running.pid}/{name}").read_bytes() for name in ("cmdline", "environ")]
        over.set()
        said, _none = running.communicate(timeout=20)

    assert b"whoami" in shown[0]
    assert [SECRET.encode() in text for text in (*shown, said)] == [False, False, False]
