"""How does a server get a user of its own, with a password, without a change to this machine?"""

from __future__ import annotations

import functools
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import bcrypt

from tests.servers.server import USER
from tests.sftp_logins import PASSWORD

HOME = "/mnt"  # on every Linux, and of root alone up to the top, as sshd wants it of a chroot
_UID = 65534
_UNSHARE = ("unshare", "--mount", "--propagation", "private")
_ENTER = (
    'mount --bind "$1" /etc/passwd && mount --bind "$2" /etc/shadow && mount --bind "$3" /mnt '
    '&& shift 3 && exec "$@"'
)


@functools.cache
def find_account_lack() -> str:
    """Return what is missing to lend a server a user: root, and the right to mount."""
    if os.geteuid() != 0:
        return "root"
    tried = subprocess.run([*_UNSHARE, "true"], capture_output=True)
    return "" if tried.returncode == 0 else "root that may mount (docker run --privileged)"


def lend_account(command: Sequence[str | Path], folder: Path, home: Path) -> list[str | Path]:
    """Return the command that runs where the user exists and sees `home` as its home.

    The user database and /mnt are covered for this one process and its children.
    """
    passwd, shadow = folder / "passwd", folder / "shadow"
    passwd.write_text(Path("/etc/passwd").read_text() + f"{USER}:x:{_UID}:{_UID}::{HOME}:/bin/sh\n")
    shadow.write_text(Path("/etc/shadow").read_text() + f"{USER}:{hash_password()}:19000:0:99999:7:::\n")
    shadow.chmod(0o600)
    return [*_UNSHARE, "sh", "-c", _ENTER, "sh", passwd, shadow, home, *command]


def give_away(path: Path) -> Path:
    """Make the user of `lend_account` the owner of a folder."""
    os.chown(path, _UID, _UID)
    return path


def hash_password() -> str:
    """Return the password as /etc/shadow and ProFTPD keep it."""
    return bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(5, prefix=b"2b")).decode()
