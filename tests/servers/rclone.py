"""How does `rclone serve sftp` serve a folder?"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.servers.server import USER, Kind, Server, find_program, prepare_site
from tests.sftp_logins import PASSWORD

_LOCKED = Path(sys.executable).parent / "rclone"
_RCLONE = str(_LOCKED) if _LOCKED.exists() else find_program("rclone")


def start_rclone(folder: Path) -> Server:
    """Start rclone with one user who sees the folder as `/`."""
    site = prepare_site(folder)
    listen = ["--addr", f"127.0.0.1:{site.port}", "--key", site.host_key]
    own = ["--config", folder / "rclone.conf", "--cache-dir", folder / "cache"]
    login = {"RCLONE_USER": USER, "RCLONE_PASS": PASSWORD}
    return site.run([str(_RCLONE), "serve", "sftp", site.files, *listen, *own], site.describe_connection(), login)


def _find_lack() -> str:
    return "" if _RCLONE else "make install"


RCLONE = Kind("rclone serve sftp", _find_lack, start_rclone)
