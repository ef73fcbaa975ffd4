"""What is a real SFTP server to the tests: what it needs, how it starts, where files arrive, how it ends?"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import asyncssh
import psutil

from local_servers.free_port import find_free_port
from tests.sftp_logins import PASSWORD

USER = "acme"
START_SECONDS = 15.0
STOP_SECONDS = 5.0


class MissingError(Exception):
    """This server cannot run on this machine; the message says what is needed."""


@dataclass(frozen=True)
class Server:
    """A running server: where files arrive on this disk, and how Airflow logs in."""

    folder: Path
    connection: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End the server and all that it started."""
        family = [*psutil.Process(self.process.pid).children(recursive=True), psutil.Process(self.process.pid)]
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()
        _, alive = psutil.wait_procs(family, STOP_SECONDS)
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(STOP_SECONDS)


@dataclass(frozen=True)
class Kind:
    """A server that the tests know: `find_lack` says what this machine lacks to run it, or nothing."""

    name: str
    find_lack: Callable[[], str]
    start: Callable[[Path], Server]
    takes_temporary_names: bool = True


@dataclass(frozen=True)
class Site:
    """What every server is started with: folders of its own, a free port, a host key."""

    folder: Path
    files: Path
    host_key: Path
    port: int
    private_host_key: str

    def describe_connection(
        self, path: Path | str = "", user: str = USER, key: str | None = None, password: str = PASSWORD
    ) -> str:
        """Return the Airflow Connection as JSON: with the private key, or else with the password."""
        fields = {"conn_type": "sftp", "host": "127.0.0.1", "port": self.port, "login": user}
        login = {"private_key": key} if key else {}
        secret = {} if key else {"password": password}
        extra = {"host_key": self.public_key, **login}
        return json.dumps(fields | secret | {"schema": str(path).lstrip("/"), "extra": extra})

    @property
    def public_key(self) -> str:
        """The server's host key, as a client's engineer confirmed it."""
        key = asyncssh.import_private_key(self.private_host_key)
        return " ".join(key.export_public_key().decode().split()[:2])

    def run(
        self, command: Sequence[str | Path], connection: str, environment: Mapping[str, str] | None = None
    ) -> Server:
        """Start a server's process and wait until it greets.

        Raises:
            RuntimeError: it ended, or does not greet in time; with the end of its log.
        """
        with (self.folder / "server.log").open("wb") as log:
            process = subprocess.Popen(
                [*_tie_to_tests(), *(os.fspath(part) for part in command)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        server = Server(self.files, connection, process)
        self._wait_for_greeting(server)
        return server

    def _wait_for_greeting(self, server: Server) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and server.process.poll() is None:
            if _greets(self.port):
                return
            time.sleep(0.05)
        if server.process.poll() is None:
            server.stop()
        end = (self.folder / "server.log").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{server.process.args!r} does not greet. Its log ends:\n{end}")


def prepare_site(folder: Path) -> Site:
    """Make the folders and the host key of a server."""
    files = folder / "files"
    files.mkdir(parents=True)
    host_key = folder / "host_key"
    private = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    host_key.write_text(private)
    host_key.chmod(0o600)
    return Site(folder, files, host_key, find_free_port(), private)


def learn_host_key(server: Server) -> Server:
    """Return a server that makes its own host key, with that key in its Connection."""
    fields = json.loads(server.connection)
    key = asyncio.run(asyncssh.get_server_host_key(fields["host"], fields["port"]))
    assert key, "no host key"
    fields["extra"]["host_key"] = " ".join(key.export_public_key().decode().split()[:2])
    return replace(server, connection=json.dumps(fields))


def find_program(name: str, *folders: str) -> str | None:
    """Return the path of a program that may lie outside an ordinary user's PATH."""
    places = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/sbin", "/usr/local/sbin", *folders]
    found = (Path(place) / name for place in places if place)
    return next((str(path) for path in found if os.access(path, os.X_OK) and path.is_file()), None)


def _tie_to_tests() -> list[str]:
    """Return what makes a server end when the tests are killed."""
    setpriv = find_program("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
            return probe.recv(4) == b"SSH-"
    except OSError:
        return False
