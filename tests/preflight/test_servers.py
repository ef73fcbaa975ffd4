"""Is a server that would refuse tonight's file, or that we would refuse, told of by day, and nobody logs in?"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from event_delivery.sftp.host_key import fingerprint
from local_servers.free_port import find_free_port
from tests.ledger_contents import connect_ledger
from tests.preflight.conftest import write_destination
from tests.sftp_logins import PASSWORD, confirmed_uri, sftp_uri


@contextmanager
def silent_server() -> Iterator[int]:
    """A server that takes connections and never says a word; returns its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


class Watching(asyncssh.SSHServer):
    """A server that counts connections, and notes whoever begins to log in."""

    def __init__(self, seen: list[str]) -> None:
        self.seen = seen

    def connection_made(self, connection: asyncssh.SSHServerConnection) -> None:
        self.seen.append("connection")

    def begin_auth(self, username: str) -> bool:
        self.seen.append(f"login of {username}")
        return True


@contextmanager
def watching_server(*kinds: str) -> Iterator[tuple[int, list[str], list[str]]]:
    """Such a server with a key of each kind, on a thread; returns port, what it saw, and its public keys."""
    keys, seen, loop = (
        [asyncssh.generate_private_key(kind) for kind in kinds],
        list[str](),
        asyncio.new_event_loop(),
    )
    ready, port = threading.Event(), find_free_port()

    def serve() -> None:
        listening = asyncssh.listen(
            "127.0.0.1", port, server_factory=lambda: Watching(seen), server_host_keys=keys
        )
        loop.run_until_complete(listening)
        ready.set()
        loop.run_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    ready.wait()
    yield port, seen, [key.export_public_key().decode().strip() for key in keys]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def kinds(findings: Any) -> list[tuple[str | None, str]]:
    return [(each.destination, each.kind) for each in findings]


def test_a_known_key_is_fine(look, server, monkeypatch):
    """Nothing is found, and nobody has logged in."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(server, "acme", PASSWORD))
    assert look() == []
    assert server.logins == []


def test_a_real_server_of_each_make_is_looked_at_and_left(look, folder: Path):
    """AsyncSSH's, and OpenSSH's where it is installed: nothing is found, nothing lies there."""
    assert look() == []
    assert list(folder.iterdir()) == []


def test_a_key_that_nobody_knows_is_told_and_can_be_confirmed(look, server):
    """The night would not be sent there; the key stands in the ledger as one that was shown."""
    [finding] = look()
    assert (finding.destination, finding.kind) == ("acme", "host_key")
    assert "nobody has confirmed the server's host key" in finding.told
    assert f"confirm sftp_acme {fingerprint(server.host_key())}" in finding.told
    assert "airflow dags trigger sftp_test_file__acme" in finding.told
    with connect_ledger() as ledger:
        states = ledger.execute("select state from event_delivery.host_key").fetchall()
    assert states == [("shown only",)]
    assert server.logins == []


def test_a_key_that_has_changed_is_told(look, server, monkeypatch):
    """Both fingerprints are named, so that the client can say which one is right."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(server, "acme", PASSWORD))
    known = fingerprint(server.host_key())
    server.stop()
    (server.folder / "host_key").unlink()
    server.start()
    [finding] = look()
    assert (finding.destination, finding.kind) == ("acme", "host_key")
    assert known in finding.told
    assert fingerprint(server.host_key()) in finding.told
    assert server.logins == []


@pytest.mark.parametrize("place", [0, 1, 2])
def test_whichever_kind_of_key_is_known_is_asked_for(look, monkeypatch, place):
    """A server with keys of three kinds shows each of them to whoever asks for it."""
    with watching_server("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa") as (port, seen, keys):
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, port, host_key=keys[place]))
        assert look() == []
        assert seen == ["connection"]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_fingerprint_is_found_among_the_keys(look, monkeypatch, place):
    """A fingerprint does not tell its kind: each is asked for, one connection after another."""
    with watching_server("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa") as (port, seen, keys):
        pinned = fingerprint(keys[place])
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, port, host_key=pinned))
        assert look() == []
        assert seen == ["connection"] * (place + 1)


def test_a_server_of_many_is_asked_once(look, destinations, monkeypatch):
    """Fifty destinations share it: each has its verdict, by one connection, and nobody logs in."""
    with watching_server("ssh-ed25519") as (port, seen, keys):
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, port, host_key=keys[0]))
        for number in range(49):
            write_destination(destinations, f"client{number}", path=f"/{number}")
            key = "" if number == 7 else keys[0]
            uri = sftp_uri(f"user{number}", PASSWORD, port, host_key=key)
            monkeypatch.setenv(f"AIRFLOW_CONN_SFTP_CLIENT{number}", uri)
        assert kinds(look()) == [("client7", "host_key")]
        assert seen == ["connection"]


def test_what_does_not_answer_is_told_and_hides_nothing(look, destinations, server, monkeypatch):
    """A dead port, a server that says nothing and a name that does not resolve; the one that is fine is fine."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(server, "acme", PASSWORD))
    for name in ("dead", "silent", "nameless"):
        write_destination(destinations, name)
    with silent_server() as silent:
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_DEAD", sftp_uri("u", PASSWORD, find_free_port()))
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_SILENT", sftp_uri("u", PASSWORD, silent))
        nameless = sftp_uri("u", PASSWORD, 22).replace("127.0.0.1", "no-such-host.invalid")
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_NAMELESS", nameless)
        findings = look()
    assert kinds(findings) == [("dead", "server"), ("nameless", "server"), ("silent", "server")]
    said = {each.destination: each.told for each in findings}
    assert "refused" in said["dead"].lower()
    assert "the host name cannot be resolved" in said["nameless"]
    assert "no connection within 2 s" in said["silent"]
    assert not any(PASSWORD in each.told for each in findings)


def test_a_server_that_is_none_is_told(look, monkeypatch):
    """What speaks another protocol is told of as such; the look goes on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=lambda: listening.accept()[0].sendall(b"220 ftp\r\n" * 2000), daemon=True).start()
        port = listening.getsockname()[1]
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, port))
        assert kinds(look()) == [("acme", "server")]


def test_behind_a_jump_host_only_that_is_looked_at(look, server, destinations, monkeypatch):
    """A look further would need a login there: none is made, and the client's server is never reached."""
    with watching_server("ssh-ed25519") as (port, seen, keys):
        monkeypatch.setenv("EVENT_DELIVERY_JUMP_CONNECTION", "jump")
        monkeypatch.setenv("AIRFLOW_CONN_JUMP", sftp_uri("us", PASSWORD, port, host_key=keys[0]))
        assert look() == []
        assert seen == ["connection"]
        monkeypatch.setenv("AIRFLOW_CONN_JUMP", sftp_uri("us", PASSWORD, find_free_port()))
        assert kinds(look()) == [(None, "server")]


def test_a_proxy_command_is_used(look, server, monkeypatch, tmp_path: Path):
    """Where uploads go out by a proxy, a look does."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(server, "acme", PASSWORD))
    monkeypatch.setenv("EVENT_DELIVERY_PROXY_COMMAND", "false %h %p")
    assert kinds(look()) == [("acme", "server")]
