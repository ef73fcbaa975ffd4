"""Who may log in to an SFTP server, into which folder, and by which key is the server known?"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from local_servers.secret_files import write_secret


@dataclass(frozen=True)
class SftpUser:
    """A login; the name may hold any character, the folder is derived from it unless given."""

    name: str
    password: str
    folder: str = ""

    def folder_name(self) -> str:
        """Return a name that is safe in every file system, readable where it can be."""
        safe = re.sub(r"[^a-z0-9]+", "_", self.name.lower()).strip("_")
        digest = hashlib.sha256(self.name.encode()).hexdigest()[:6]
        return self.folder or (safe if safe == self.name else f"{safe}-{digest}")


@dataclass(frozen=True)
class LoginAttempt:
    """What a client sent to log in: ASCII exactly as sent, other text normalised by SSH (SASLprep)."""

    user: str
    password: str
    accepted: bool


def load_host_key(folder: Path) -> asyncssh.SSHKey:
    """Load the host key of a folder, made on first use and readable by its owner alone."""
    path = folder / "host_key"
    if not path.exists():
        write_secret(path, asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode())
    return asyncssh.read_private_key(path)
