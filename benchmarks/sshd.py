"""How does OpenSSH's own sshd take files, as whoever runs the benchmarks, with a key?"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from benchmarks.runs import BenchError
from local_servers.free_port import find_free_port

_PATHS = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
SSHD = shutil.which("sshd", path=_PATHS)
_START_SECONDS = 10


@dataclass(frozen=True)
class Sshd:
    """A running server, the folder where files arrive, and the keys of both sides as files and as text."""

    port: int
    user: str
    files: Path
    private_key: Path
    host_key: str


@contextmanager
def running_sshd(folder: Path) -> Iterator[Sshd]:
    """Start a server of its own on a free port, for the length of a `with` block.

    Raises:
        BenchError: it does not listen.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "files").mkdir(parents=True)
    host_key, user_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    for name, key in (("host_key", host_key), ("user_key", user_key)):
        (folder / name).touch(0o600)
        key.write_private_key(folder / name)
    user_key.write_public_key(folder / "authorized_keys")
    public_key = " ".join(host_key.export_public_key().decode().split()[:2])
    server = Sshd(find_free_port(), getpass.getuser(), folder / "files", folder / "user_key", public_key)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([str(SSHD), "-D", "-e", "-f", _configure(server, folder)], stderr=log)
    try:
        _wait_until_it_listens(server.port, folder / "log")
        yield server
    finally:
        process.terminate()
        process.wait(_START_SECONDS)


def sshd_version() -> str:
    """Return the name and version that it shows."""
    shown = subprocess.run([str(SSHD), "-V"], capture_output=True, text=True)
    return (shown.stderr or shown.stdout).split(",")[0].strip()


def _configure(server: Sshd, folder: Path) -> Path:
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    path = folder / "sshd_config"
    path.write_text(
        f"Port {server.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nPidFile none\nUsePAM no\n"
        f"StrictModes no\nAuthorizedKeysFile {folder}/authorized_keys\nPasswordAuthentication no\n"
        "PermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n"
    )
    return path


def _wait_until_it_listens(port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise BenchError(f"sshd does not listen: {log.read_text()}")
