"""How does the SSH of Erlang/OTP serve a folder, as it does inside telephone exchanges and message brokers?"""

from __future__ import annotations

from pathlib import Path

from tests.servers.server import USER, Kind, Server, find_program, prepare_site
from tests.sftp_logins import PASSWORD

_PROGRAM = Path(__file__).with_name("erlang_server.escript")
_SSH = Path("/usr/lib/erlang/lib")


def start_erlang(folder: Path) -> Server:
    """Start Erlang's SFTP daemon with one user who sees the folder as `/`."""
    site = prepare_site(folder)
    site.host_key.rename(folder / "ssh_host_ed25519_key")  # the name that it looks for
    command = [str(find_program("escript")), _PROGRAM, str(site.port), folder, site.files]
    login = {"SFTP_USER": USER, "SFTP_PASSWORD": PASSWORD, "HOME": str(folder)}
    return site.run(command, site.describe_connection(), login)


def _find_lack() -> str:
    found = find_program("escript") and any(_SSH.glob("ssh-*"))
    return "" if found else "apt-get install erlang-ssh"


ERLANG = Kind("Erlang/OTP ssh", _find_lack, start_erlang)
