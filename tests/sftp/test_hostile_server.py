"""What can a server do to us by its answers, or somebody between us and it?"""

from __future__ import annotations

import asyncio
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from asyncssh import compression

from event_delivery.errors import DeliveryError, PermanentError
from event_delivery.sftp.compression import LARGEST_PACKET, bound_inflation
from event_delivery.sftp.files import RemoteFiles
from event_delivery.sftp.known_keys import KnownKeys
from event_delivery.sftp.server import Server
from event_delivery.sftp.session import open_session
from event_delivery.sftp.sight import Content
from local_servers.free_port import find_free_port
from local_servers.sftp_server import SftpServer, SftpUser
from tests.sftp_logins import PASSWORD

ANY_KEY = KnownKeys(first_contact=True)


class Listening(asyncssh.SSHServer):
    """A server that takes every login, remembers what it was told, and asks as a test wants."""

    def __init__(self, told: list[str], prompts: list[tuple[str, bool]]) -> None:
        self.told, self.prompts = told, prompts

    def password_auth_supported(self) -> bool:
        return not self.prompts

    def validate_password(self, username: str, password: str) -> bool:
        self.told.append(password)
        return True

    def kbdint_auth_supported(self) -> bool:
        return bool(self.prompts)

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:
        return ("", "", "", self.prompts)

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        self.told += responses
        return True


class Hostile:
    """Such a server in a thread; `options` are AsyncSSH's."""

    def __init__(self, prompts: list[tuple[str, bool]] | None = None, **options: Any) -> None:
        self.told: list[str] = []
        self.connections: list[Any] = []
        self._prompts, self._options = prompts or [], options
        self.port = find_free_port()

    def __enter__(self) -> Hostile:
        ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._serve, args=[ready], daemon=True).start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _serve(self, ready: threading.Event) -> None:
        options = {"server_host_keys": [asyncssh.generate_private_key("ssh-ed25519")], "sftp_factory": True}
        listening = asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_factory=lambda: Listening(self.told, self._prompts),
            **(options | self._options),
        )
        self._loop.run_until_complete(listening)
        ready.set()
        self._loop.run_forever()


def connect(port: int, compress: bool = False, **fields: Any) -> str:
    """Log in and open SFTP; returns the compression of what the server sends."""
    server = Server(
        **({"host": "127.0.0.1", "port": port, "user": "acme", "folder": "", "password": PASSWORD} | fields)
    )

    async def enter() -> str:
        async with open_session(server, ANY_KEY, compress=lambda _: compress) as session:
            return session.connection.get_extra_info("recv_compression")

    return asyncio.run(enter())


@pytest.mark.parametrize(
    "prompts",
    [
        [("One-time code: ", True)],
        [("Password: ", True)],
        [("Verification code: ", False)],
        [("Enter PASSCODE: ", False)],
        [("Password: ", False), ("Token: ", False)],
    ],
    ids=str,
)
def test_a_question_for_something_else_is_not_answered_with_the_password(prompts):
    """A code, what would be shown while it is typed, and more than one thing: none of it is a password."""
    with Hostile(prompts) as server:
        with pytest.raises(
            PermanentError, match="more than a password, such as a one-time code. No password was sent"
        ):
            connect(server.port)
        assert server.told == []


@pytest.mark.parametrize("prompt", ["Password: ", "acme@sftp's password:", "Passwort: ", "Mot de passe : ", ""])
def test_a_hidden_question_for_the_password_is_answered(prompt):
    """In whatever language."""
    with Hostile([(prompt, False)]) as server:
        connect(server.port)
        assert server.told == [PASSWORD]


def test_compression_is_not_offered_where_nobody_asked_for_it():
    """A server that takes nothing else, against RFC 4253, gets no password either."""
    with Hostile(compression_algs=["zlib@openssh.com", "none"]) as server:
        assert connect(server.port) == "none"
        assert connect(server.port, compress=True) == "zlib@openssh.com"
    with Hostile(compression_algs=["zlib@openssh.com"]) as server:
        with pytest.raises(
            DeliveryError, match="no matching compression|Connection lost"
        ):  # the reason may be lost
            connect(server.port)
        assert server.told == []


def test_what_is_inflated_has_a_bound():
    """Zeros that would fill 250 MB are refused at the first packet; a packet of the usual size is not."""
    bound_inflation()
    bomb, usual = zlib.compress(bytes(250_000_000)), zlib.compress(b"x" * 32_768)
    tracemalloc.start()
    refusing = compression.get_decompressor(b"zlib@openssh.com")
    assert refusing.decompress(bomb[:35_000]) is None
    assert tracemalloc.get_traced_memory()[1] < 4 * LARGEST_PACKET
    tracemalloc.stop()
    assert compression.get_decompressor(b"zlib@openssh.com").decompress(usual) == b"x" * 32_768
    assert compression.get_decompressor(b"zlib@openssh.com").decompress(b"no such thing") is None


def test_a_server_that_inflates_is_cut_off():
    """Over a real connection: the bomb ends it."""

    class Bomb(compression.Compressor):
        def __init__(self) -> None:
            self._deflate = zlib.compressobj()
            self._sent = 0

        def compress(self, data: bytes) -> bytes:
            self._sent += 1
            more = bytes(20_000_000) if self._sent > 3 else b""
            return self._deflate.compress(data + more) + self._deflate.flush(zlib.Z_SYNC_FLUSH)

    bound_inflation()
    usual = type(compression.get_compressor(b"zlib@openssh.com"))
    bounded = type(compression.get_decompressor(b"zlib@openssh.com"))

    def deflate() -> Any:
        ours = threading.current_thread() is threading.main_thread()
        return usual() if ours else Bomb()

    def register(compressor: Any) -> None:
        compression.register_compression_alg(b"zlib@openssh.com", compressor, bounded, True, False)

    register(deflate)
    try:
        with Hostile(compression_algs=["zlib@openssh.com"]) as server, pytest.raises(DeliveryError) as caught:
            connect(server.port, compress=True)
    finally:
        register(usual)
    assert "Decompression failed" in str(caught.value)


class Between:
    """Somebody on the line, who changes what the server sends before the keys are agreed."""

    def __init__(self, target: int, change: Callable[[bytes], bytes]) -> None:
        self._target, self._change = target, change
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            ours, _ = self._listener.accept()
            theirs = socket.create_connection(("127.0.0.1", self._target))
            threading.Thread(target=self._copy, args=[ours, theirs, lambda data: data], daemon=True).start()
            threading.Thread(target=self._copy, args=[theirs, ours, self._change], daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket, change: Callable[[bytes], bytes]) -> None:
        try:
            while data := source.recv(65_536):
                sink.sendall(change(data))
        except OSError:
            pass
        finally:
            for end in (source, sink):
                end.close()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[SftpServer]:
    """A client's real server."""
    with SftpServer(tmp_path / "client", [SftpUser("acme", PASSWORD, "acme")]) as server:
        yield server


def test_a_packet_that_was_slipped_in_ends_the_key_exchange(client):
    """Terrapin (CVE-2023-48795): an IGNORE before the keys are agreed would shift the count of packets."""
    ignore = bytes.fromhex("0000000c06020000000000000000000000"[:32])

    def slip_in(data: bytes) -> bytes:
        greeting, end, rest = data.partition(b"\r\n")
        return greeting + end + ignore + rest if greeting.startswith(b"SSH-2.0") else data

    with pytest.raises(DeliveryError) as caught:
        connect(Between(client.port, slip_in).port)
    assert "exchanging keys" in str(caught.value)
    assert client.logins == []


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (b"kex-strict-s-v00@openssh.com", b"kex-strict-s-v00@openssh.cox"),
        (b"aes128-gcm@openssh.com", b"aes128-gcm@openssh.cox"),
        (b"curve25519-sha256", b"curve25519-sha25x"),
    ],
)
def test_offers_that_were_changed_on_their_way_end_the_key_exchange(client, better, worse):
    """A downgrade is noticed: both sides sign what they were offered."""
    with pytest.raises(DeliveryError) as caught:
        connect(Between(client.port, lambda data: data.replace(better, worse)).port)
    assert "exchanging keys" in str(caught.value)
    assert client.logins == []


@pytest.mark.parametrize(
    "options",
    [
        {"kex_algs": ["diffie-hellman-group14-sha1"]},
        {"encryption_algs": ["3des-cbc"]},
        {"encryption_algs": ["aes128-cbc"]},
        {"mac_algs": ["hmac-md5"], "encryption_algs": ["aes128-ctr"]},
    ],
    ids=str,
)
def test_a_server_with_nothing_but_weak_algorithms_gets_no_password(options):
    """It is refused before anything is offered, and the message names the way out."""
    with Hostile(**options) as server:
        with pytest.raises(DeliveryError, match="no matching|legacy_algorithms"):  # the reason may be lost
            connect(server.port)
        assert server.told == []


def test_a_file_that_never_ends_is_not_read_to_its_end():
    """What is read back is what was sent, and one byte more."""
    read = []

    class Endless(asyncssh.SFTPServer):
        def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
            return object()

        def read(self, file_obj: Any, offset: int, size: int) -> bytes:
            read.append(size)
            return bytes(size)

        def close(self, file_obj: Any) -> None:
            pass

        def stat(self, path: bytes) -> Any:
            return asyncssh.SFTPAttrs(size=1 << 60)

    async def compare(port: int) -> Content:
        fields = {"host": "127.0.0.1", "port": port, "user": "acme", "folder": "", "password": PASSWORD}
        async with open_session(Server(**fields), ANY_KEY) as session:
            return await RemoteFiles(session).compare("file", "0" * 64, size=100_000)

    with Hostile(sftp_factory=Endless) as server:
        assert asyncio.run(compare(server.port)) is Content.OTHER
    assert sum(read) <= 300_000
