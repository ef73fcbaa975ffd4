"""How do the servers that are Python packages start: AsyncSSH, Paramiko, Twisted Conch, copyparty?"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

from local_servers.free_port import find_free_port
from local_servers.sftp_server import SftpServer, SftpUser, write_config
from tests import PROJECT
from tests.servers.server import USER, Kind, Server, learn_host_key, prepare_site
from tests.sftp_logins import PASSWORD


def start_asyncssh(folder: Path) -> Server:
    """Start the demo's server, which is AsyncSSH's."""
    site = prepare_site(folder)
    server = SftpServer(folder, [SftpUser(USER, PASSWORD, USER)], port=site.port)
    write_config(folder / "config.json", server)
    command = [sys.executable, "-m", "local_servers.sftp_server", "--config", folder / "config.json"]
    started = site.run(command, site.describe_connection(), {"PYTHONPATH": str(PROJECT)})
    return Server(server.user_folder(USER), started.connection, started.process)


def start_paramiko(folder: Path) -> Server:
    """Start Paramiko's server over its example of a file system."""
    return _start_module(folder, "tests.servers.paramiko_server")


def start_conch(folder: Path) -> Server:
    """Start Twisted Conch with its own file server; paths begin at the root of this disk."""
    return _start_module(folder, "tests.servers.conch_server", with_path=True)


def start_copyparty(folder: Path) -> Server:
    """Start copyparty with one user who may read, write, move and delete."""
    site = prepare_site(folder)
    password = PASSWORD.strip()  # it strips what it is told to want, but not what it gets
    listen = ["-i", "127.0.0.1", "-p", str(find_free_port()), "--sftp-i", "127.0.0.1", "--sftp", str(site.port)]
    login = ["--sftp-pw", "--sftp-hostk", folder, "-a", f"{USER}:{password}", "-v", f"{site.files}::rwmd,{USER}"]
    home = {"XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
    command = [sys.executable, "-m", "copyparty", *listen, *login]
    return learn_host_key(site.run(command, site.describe_connection(password=password), home))


def _start_module(folder: Path, module: str, with_path: bool = False) -> Server:
    site = prepare_site(folder)
    command = [sys.executable, "-m", module, str(site.port), site.host_key, site.files]
    connection = site.describe_connection(site.files if with_path else "")
    return site.run(command, connection, {"PYTHONPATH": str(PROJECT)})


def _need(package: str) -> Callable[[], str]:
    return lambda: "" if importlib.util.find_spec(package) else "make install"


ASYNCSSH = Kind("AsyncSSH", _need("asyncssh"), start_asyncssh)
PARAMIKO = Kind("Paramiko", _need("paramiko"), start_paramiko)
CONCH = Kind("Twisted Conch", _need("twisted"), start_conch)
COPYPARTY = Kind("copyparty", _need("copyparty"), start_copyparty)
