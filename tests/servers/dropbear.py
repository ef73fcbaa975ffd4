"""How does dropbear serve with OpenSSH's sftp-server behind it?"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.servers.account import find_account_lack, give_away, lend_account
from tests.servers.server import Kind, Server, find_program, learn_host_key, prepare_site

_SFTP_SERVER = Path("/usr/lib/sftp-server")  # the place that Debian's dropbear starts it from
_HOST_KEYS = ("ed25519", "ecdsa", "rsa")  # without all of them it dies of a client that asks for another


def start_dropbear(folder: Path) -> Server:
    """Start dropbear; a user of this run logs in with a password and may leave the folder."""
    site = prepare_site(folder)
    give_away(site.files)
    listen = ["-p", f"127.0.0.1:{site.port}", "-P", folder / "dropbear.pid"]
    for kind in _HOST_KEYS:
        subprocess.run(["dropbearkey", "-t", kind, "-f", folder / kind], check=True, capture_output=True)
        listen += ["-r", folder / kind]
    command = [str(find_program("dropbear")), "-F", "-E", *listen]
    server = site.run(lend_account(command, folder, site.files), site.describe_connection("~"))
    return learn_host_key(server)


def _find_lack() -> str:
    if not (find_program("dropbear") and find_program("dropbearkey") and _SFTP_SERVER.exists()):
        return "apt-get install dropbear-bin openssh-sftp-server"
    return find_account_lack()


DROPBEAR = Kind("dropbear with OpenSSH's sftp-server", _find_lack, start_dropbear)
