"""How does OpenSSH's sshd serve: locked into a folder with a password or a key, or as whoever runs the tests?"""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import asyncssh

from tests.servers.account import HOME, find_account_lack, give_away, lend_account
from tests.servers.server import Kind, Server, Site, find_program, prepare_site

SSHD = find_program("sshd")
_INTERNAL = "internal-sftp"
_GREEN_END = "/usr/libexec/gesftpserver"


def start_for_own_user(folder: Path, subsystem: str = _INTERNAL) -> Server:
    """Start sshd as whoever runs the tests; that user logs in with a key."""
    site = prepare_site(folder)
    key, authorized_keys = _authorize_key(site.folder)
    options = [
        f"AuthorizedKeysFile {authorized_keys}",
        "StrictModes no",
        "PasswordAuthentication no",
        "PermitRootLogin prohibit-password",
    ]
    configuration = _write_configuration(site, subsystem, options)
    connection = site.describe_connection(site.files, getpass.getuser(), key)
    return site.run([str(SSHD), "-D", "-e", "-f", configuration], connection)


def start_with_green_end(folder: Path) -> Server:
    """Start sshd with the Green End server in place of its own."""
    return start_for_own_user(folder, _GREEN_END)


def start_chroot_with_password(folder: Path) -> Server:
    """Start sshd with a user locked into a folder, who logs in with a password."""
    site = prepare_site(folder)
    return _start_chroot(site, ["PasswordAuthentication yes"], None)


def start_chroot_with_key(folder: Path) -> Server:
    """Start sshd with a user locked into a folder, who logs in with a key."""
    site = prepare_site(folder)
    key, authorized_keys = _authorize_key(site.files)
    seen = f"{HOME}/{authorized_keys.name}"
    return _start_chroot(site, ["PasswordAuthentication no", f"AuthorizedKeysFile {seen}"], key)


def _start_chroot(site: Site, options: list[str], key: str | None) -> Server:
    inbox = site.files / "inbox"
    inbox.mkdir()
    give_away(inbox)
    options = [*options, f"ChrootDirectory {HOME}", f"ForceCommand {_INTERNAL}"]
    command = [str(SSHD), "-D", "-e", "-f", _write_configuration(site, _INTERNAL, options)]
    connection = site.describe_connection("inbox", key=key)
    server = site.run(lend_account(command, site.folder, site.files), connection)
    return Server(inbox, server.connection, server.process)


def _authorize_key(folder: Path) -> tuple[str, Path]:
    """Write a new key's public half into the folder; returns the private half and the file."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    path = folder / "authorized_keys"
    path.write_bytes(key.export_public_key())
    return key.export_private_key().decode(), path


def _write_configuration(site: Site, subsystem: str, options: list[str]) -> Path:
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    lines = [
        f"Port {site.port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {site.host_key}",
        "PidFile none",
        "UsePAM no",
        f"Subsystem sftp {subsystem}",
        *options,
    ]
    path = site.folder / "sshd_config"
    path.write_text("\n".join(lines) + "\n")
    return path


def _find_lack() -> str:
    return "" if SSHD else "apt-get install openssh-server"


def _find_chroot_lack() -> str:
    return _find_lack() or find_account_lack()


def _find_green_end_lack() -> str:
    return _find_lack() or ("" if Path(_GREEN_END).exists() else "apt-get install gesftpserver")


OWN_USER = Kind("OpenSSH", _find_lack, start_for_own_user)
CHROOT_WITH_PASSWORD = Kind("OpenSSH, chroot, password", _find_chroot_lack, start_chroot_with_password)
CHROOT_WITH_KEY = Kind("OpenSSH, chroot, key", _find_chroot_lack, start_chroot_with_key)
GREEN_END = Kind("Green End (gesftpserver) under OpenSSH", _find_green_end_lack, start_with_green_end)
