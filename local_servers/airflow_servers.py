"""Which processes make an Airflow, and how are they started, found and stopped?"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from local_servers.processes import ServerProcess, find_process, start_process, stop_processes

SERVERS: dict[str, Sequence[str]] = {
    "api-server": ("api-server", "--host", "127.0.0.1", "--workers", "1", "--port"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
    "scheduler": ("scheduler", "--skip-serve-logs"),
}


def start_server(folder: Path, name: str, port: int, env: Mapping[str, str]) -> ServerProcess:
    """Start one server unless it lives, after killing what a dead one left behind."""
    server = find_process(folder / "servers", name)
    if server and server.is_running():
        return server
    if server:
        stop_processes([server])
    arguments = [*SERVERS[name], str(port)] if name == "api-server" else SERVERS[name]
    return start_process(name, [sys.executable, "-m", "airflow", *arguments], folder / "servers", env)


def find_servers(folder: Path) -> list[ServerProcess]:
    """List the servers of an Airflow folder that were ever started, alive or not."""
    return [server for name in SERVERS if (server := find_process(folder / "servers", name))]


def stop_airflow(folder: Path) -> None:
    """Stop the Airflow of a folder: running tasks get 15 s to end; orphans of dead servers are killed too."""
    servers = find_servers(folder)
    stop_processes([server for server in servers if server.name == "scheduler"])
    stop_processes([server for server in servers if server.name != "scheduler"], seconds=3)


def is_api_server_running(folder: Path) -> bool:
    """Tell whether the API server of the Airflow in a folder lives, and so holds its port."""
    server = find_process(folder / "servers", "api-server")
    return bool(server and server.is_running())
