"""The receiver's side: GnuPG, with a key ring of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple


class Opened(NamedTuple):
    """What GnuPG made of a message: its bytes, and what it says of it, a status a line."""

    data: bytes
    status: str


@dataclass(frozen=True)
class KeyRing:
    """A home folder of GnuPG."""

    home: Path
    program: str

    def run(
        self, *arguments: str, data: bytes = b"", passphrase: str = "", batch: bool = True
    ) -> subprocess.CompletedProcess[bytes]:
        """Run gpg without a question, or with `data` as the answers; raises CalledProcessError."""
        command = [
            self.program,
            *(["--batch", "--yes"] if batch else []),
            "--no-tty",
            "--pinentry-mode",
            "loopback",
        ]
        command += ["--passphrase", passphrase, "--trust-model", "always", *arguments]
        environment = os.environ | {"GNUPGHOME": str(self.home), "LC_ALL": "C"}
        return subprocess.run(command, input=data, capture_output=True, check=True, env=environment)

    def make_key(self, name: str, passphrase: str = "", uses: str = "ed25519", expires: str = "never") -> str:
        """Make a key that signs and decrypts, or what `uses` says (`ed25519 sign`); returns its fingerprint."""
        algorithm, _, usage = uses.partition(" ")
        created = self.run(
            "--status-fd", "1", "--quick-gen-key", f"{name} <{name}@example.com>", algorithm,
            usage or "sign,cert", expires, passphrase=passphrase,
        ).stdout.decode()  # fmt: skip
        fingerprint = created.split("KEY_CREATED")[1].split()[1]
        if not usage:
            encrypts = algorithm.replace("ed25519", "cv25519")
            self.run("--quick-add-key", fingerprint, encrypts, "encr", expires, passphrase=passphrase)
        return fingerprint

    def export(self, fingerprint: str, secret: bool = False, passphrase: str = "") -> str:
        """Return a key, armored."""
        what = "--export-secret-keys" if secret else "--export"
        return self.run("--armor", what, fingerprint, passphrase=passphrase).stdout.decode()

    def take(self, text: str) -> None:
        """Import a key."""
        self.run("--import", data=text.encode())

    def open(self, path: Path, passphrase: str = "") -> Opened:
        """Decrypt a file; the status says whose signature is good."""
        out = self.home / "opened"
        told = self.run("--status-fd", "1", "--output", str(out), "--decrypt", str(path), passphrase=passphrase)
        return Opened(out.read_bytes(), told.stdout.decode(errors="replace"))


@contextmanager
def open_key_ring(program: str) -> Iterator[KeyRing]:
    """Open an empty key ring of GnuPG; its agent, which starts by itself, is stopped at the end."""
    with TemporaryDirectory(prefix="gpg-") as folder:  # a socket's path may be 107 characters long
        ring = KeyRing(Path(folder), program)
        try:
            yield ring
        finally:
            subprocess.run(["gpgconf", "--homedir", folder, "--kill", "all"], check=False, capture_output=True)
