"""Which servers does the demo consist of, and how do they know one another?"""

import os
import socket
import sys
import time
from pathlib import Path

from demo.logins import DESTINATIONS, LOGINS, keep_passwords, make_users
from local_servers.airflow_servers import is_api_server_running
from local_servers.airflow_settings import PROJECT
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.mail_server import connection_to
from local_servers.postgres import Postgres
from local_servers.processes import ServerError, death_notice, find_process, start_process, stop_processes
from local_servers.secret_files import write_secret
from local_servers.sftp_server import SftpServer, read_config, write_config

UI_PORT, SFTP_PORT, MAIL_PORT = 8080, 2222, 2525
SOURCE_ADDRESSES = "44.214.229.234, 44.215.13.175, 34.230.114.128, 54.243.7.71"


def start_sftp(folder: Path) -> SftpServer:
    """Start the clients' SFTP server unless it runs, on the port it had before if that is free."""
    config = folder / "config.json"
    server = find_process(folder, "sftp-server")
    if server and server.is_running() and config.exists():
        return read_config(config)
    if server:
        stop_processes([server])
    port = find_free_port(read_config(config).port if config.exists() else SFTP_PORT)
    sftp = SftpServer(folder, make_users(folder), port=port)
    write_config(config, sftp)
    for login in LOGINS:
        (sftp.user_folder(login.user) / login.folder).mkdir(parents=True, exist_ok=True)
    command: list[str | Path] = [sys.executable, "-m", "local_servers.sftp_server", "--config", config]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    server = start_process("sftp-server", command, folder, environment)
    while not _listens(port):
        if not server.is_running():
            raise death_notice(server)
        time.sleep(0.1)
    return sftp


def start_mail(folder: Path) -> int:
    """Start the mail server unless it runs; returns its port. Each mail becomes a file of the folder."""
    kept = folder / "port"
    server = find_process(folder, "mail-server")
    if server and server.is_running() and kept.exists():
        return int(kept.read_text())
    port = find_free_port(int(kept.read_text()) if kept.exists() else MAIL_PORT)
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_text(str(port))
    command: list[str | Path] = [sys.executable, "-m", "local_servers.mail_server", "--folder", folder, "--port"]
    start_process("mail-server", [*command, str(port)], folder, {**os.environ, "PYTHONPATH": str(PROJECT)})
    return port


def make_stack(folder: Path, postgres: Postgres, port: int, mail_port: int = MAIL_PORT) -> AirflowStack:
    """Describe the demo's Airflow."""
    extra = {
        "AIRFLOW_CONN_SMTP_DEFAULT": connection_to(mail_port),
        "EVENT_DELIVERY_ALERTS": str(PROJECT / "demo" / "alerts.yaml"),
        "EVENT_DELIVERY_WATCH_MINUTES": "1",
        "EVENT_DELIVERY_DESTINATIONS": str(DESTINATIONS),
        "EVENT_DELIVERY_EVENT_TYPES": str(PROJECT / "demo" / "include"),
        "EVENT_DELIVERY_INSTANCE": "demo",
        "EVENT_DELIVERY_SOURCE_ADDRESSES": SOURCE_ADDRESSES,
        "EVENT_DELIVERY_STAGING": str(folder / "staging"),
    }
    return AirflowStack(folder / "airflow", postgres.sqlalchemy_uri("airflow"), port, extra_env=extra)


def add_connections(stack: AirflowStack, events: str, sftp: SftpServer) -> None:
    """Store `events_db` and each `sftp_<destination>` as `airflow connections add` does, in one command."""
    passwords = keep_passwords(sftp.folder)
    uris = {
        f"sftp_{login.destination}": login.connection_uri(passwords[login.destination], sftp.port, sftp.host_key())
        for login in LOGINS
    }
    path = stack.folder / "connections.env"
    lines = [f"{name}={uri}" for name, uri in {"events_db": events, **uris}.items()]
    text = "\n".join(lines)
    if path.exists() and path.read_text() == text:
        return
    path.unlink(missing_ok=True)
    pending = path.with_suffix(".pending.env")
    write_secret(pending, text)
    stack.run_cli("connections", "import", str(pending), "--overwrite")
    pending.rename(path)


def choose_ui_port(folder: Path) -> int:
    """Return the wanted port, else the one that the Airflow of this folder had before, else a free one.

    Raises:
        ServerError: when EVENT_DELIVERY_DEMO_PORT names a port that is in use.
    """
    kept = folder / "port"
    before = int(kept.read_text()) if kept.exists() else UI_PORT
    wanted = os.environ.get("EVENT_DELIVERY_DEMO_PORT", "")
    if wanted and not wanted.isdecimal():
        raise ServerError(f"EVENT_DELIVERY_DEMO_PORT is {wanted!r}; wanted a port number such as {UI_PORT}")
    port = int(wanted or before)
    if not (port == before and is_api_server_running(folder)):
        port = find_free_port(port)
    if wanted and port != int(wanted):
        raise ServerError(f"Port {wanted} (EVENT_DELIVERY_DEMO_PORT) is in use on 127.0.0.1: name another one")
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_text(str(port))
    return port


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
