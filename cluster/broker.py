"""How is Redis started, through which Celery hands out tasks?"""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_servers.free_port import find_free_port
from local_servers.processes import ServerError, death_notice, start_process, stop_processes

_START_SECONDS = 60.0


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """Start Redis without persistence, and stop it at the end; yields its URL.

    Raises:
        ServerError: it is not installed, or does not start.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise ServerError("redis-server is not installed. On Debian or Ubuntu: apt-get install redis-server")
    port = find_free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = start_process("redis", [*command, "--dir", str(folder)], folder)
    deadline = time.monotonic() + _START_SECONDS
    try:
        while not _answers(port):
            if not process.is_running() or time.monotonic() > deadline:
                raise death_notice(process)
            time.sleep(0.1)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        stop_processes([process])


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False
