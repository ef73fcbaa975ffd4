"""How does OpenSSH's own sshd serve the tests, as whoever runs them, with a key?"""

from __future__ import annotations

import getpass
import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import asyncssh

from demo.airflow_stack import find_free_port

SSHD = shutil.which("sshd") or next(iter(map(str, Path("/usr/sbin").glob("sshd"))), None)


class OpenSshServer:
    """A real sshd on a free port; logs in the user of the tests with a private key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "files"
        self.folder.mkdir(parents=True)
        self.port = find_free_port()
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._process = subprocess.Popen(
            [str(SSHD), "-D", "-e", "-f", str(self._write_configuration(folder))], stderr=subprocess.DEVNULL
        )
        self._wait()

    @property
    def connection(self) -> str:
        """The Airflow Connection, as JSON."""
        fields = {"conn_type": "sftp", "host": "127.0.0.1", "port": self.port, "login": getpass.getuser()}
        key = self._key.export_private_key().decode()
        return json.dumps(fields | {"schema": str(self.folder).lstrip("/"), "extra": {"private_key": key}})

    def stop(self) -> None:
        """End the server."""
        self._process.terminate()
        self._process.wait(10)

    def _write_configuration(self, folder: Path) -> Path:
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        host_key = folder / "host_key"
        host_key.write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key())
        host_key.chmod(0o600)
        (folder / "authorized_keys").write_bytes(self._key.export_public_key())
        configuration = folder / "sshd_config"
        configuration.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {host_key}\nPidFile none\nUsePAM no\n"
            f"StrictModes no\nAuthorizedKeysFile {folder}/authorized_keys\nPasswordAuthentication no\n"
            "PermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n"
        )
        return configuration

    def _wait(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError("sshd does not listen")
