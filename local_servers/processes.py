"""How is a server started, found again and stopped, also by another process than the one that started it?"""

import json
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from local_servers.process_identity import is_alive, kill_process, session_members

STOP_SECONDS = 15.0
_children: dict[int, subprocess.Popen[bytes]] = {}


class ServerError(RuntimeError):
    """A server did not start, or died; the message says which one and why."""


@dataclass(frozen=True)
class ServerProcess:
    """A server in a session of its own: everything that it starts can be found by that session."""

    name: str
    pid: int
    created: float
    log: Path

    def is_running(self) -> bool:
        """Tell whether the server itself lives (its children may outlive it)."""
        if child := _children.get(self.pid):
            child.poll()
        return is_alive(self.pid, self.created)

    def members(self) -> list[psutil.Process]:
        """List the living processes of the server's session, those of a dead server too."""
        return session_members(self.pid, self.created)


def start_process(
    name: str,
    command: Sequence[str | Path],
    folder: Path,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
) -> ServerProcess:
    """Start a server that outlives this process; its output goes to `<folder>/<name>.log`, the last to `.old`.

    Raises:
        ServerError: when the program cannot be started.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    if log.exists():
        log.replace(folder / f"{name}.log.old")
    with log.open("wb") as output:
        try:
            child = subprocess.Popen(
                [os.fspath(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                cwd="/",
                **_identity(user),
                umask=0o077,
                start_new_session=True,
            )
        except OSError as error:
            raise ServerError(f"{name} cannot be started: {error}") from error
    _children[child.pid] = child
    created = psutil.Process(child.pid).create_time()
    server = ServerProcess(name, child.pid, created, log)
    (folder / f"{name}.json").write_text(json.dumps({"pid": child.pid, "created": created}))
    return server


def find_process(folder: Path, name: str) -> ServerProcess | None:
    """Find the server that was last started under this name, alive or not."""
    try:
        record = json.loads((folder / f"{name}.json").read_text())
        return ServerProcess(name, record["pid"], record["created"], folder / f"{name}.log")
    except (OSError, ValueError, KeyError):
        return None


def stop_processes(
    servers: Iterable[ServerProcess], ask: signal.Signals = signal.SIGTERM, seconds: float = STOP_SECONDS
) -> None:
    """Ask servers to end, and kill after so many seconds whatever is left of their sessions."""
    servers = list(servers)
    for server in servers:
        if server.is_running():
            os.kill(server.pid, ask)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(server.is_running() for server in servers):
        time.sleep(0.1)
    for member in [member for server in servers for member in server.members()]:
        kill_process(member)


def last_lines(log: Path, count: int = 15) -> str:
    """Return the end of a log file, or a note that it is empty."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - 20_000))
            lines = stream.read().decode(errors="replace").splitlines()
    except OSError as error:
        return f"({error})"
    return "\n".join(lines[-count:]) or "(the log is empty)"


def death_notice(server: ServerProcess) -> ServerError:
    """Say which server died, with the last lines of its log."""
    return ServerError(f"{server.name} died. The end of {server.log}:\n{last_lines(server.log)}")


def _identity(user: str | None) -> dict[str, Any]:
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
