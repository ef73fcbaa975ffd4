"""How does Debian's pgbouncer start before a PostgreSQL, as root too?"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from local_servers.free_port import find_free_port
from local_servers.postgres import UNPRIVILEGED_USER, Postgres
from local_servers.processes import ServerError, death_notice, start_process, stop_processes

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
START_SECONDS = 30.0
_SETTINGS = """
[databases]
* = host={socket_folder} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {pool_mode}
default_pool_size = {connections}
max_client_conn = 500
"""


@dataclass(frozen=True)
class PgBouncer:
    """A running pooler, which lets everybody in as `postgres`."""

    port: int

    def uri(self, database: str) -> str:
        """Return the URI of a database behind it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{quote(database)}"


@contextlib.contextmanager
def running_pgbouncer(
    postgres: Postgres, pool_mode: str = "transaction", connections: int = 20
) -> Iterator[PgBouncer]:
    """Pool a server's sessions for the length of a `with` block, `connections` to each database at most.

    Raises:
        ServerError: pgbouncer is not installed, or does not answer within 30 s.
    """
    if PROGRAM is None:
        raise ServerError("pgbouncer is missing: apt-get install pgbouncer")
    user = UNPRIVILEGED_USER if os.geteuid() == 0 else None
    pooler = PgBouncer(find_free_port())
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        values = {"socket_folder": postgres.socket_folder, "port": pooler.port, "pool_mode": pool_mode}
        settings = folder / "pgbouncer.ini"
        settings.write_text(_SETTINGS.format(**values, connections=connections))
        server = start_process("pgbouncer", [PROGRAM, settings], folder, user=user)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _answers(pooler):
                if not server.is_running() or time.monotonic() > deadline:
                    raise death_notice(server)
                time.sleep(0.05)
            yield pooler
        finally:
            stop_processes([server])


def _answers(pooler: PgBouncer) -> bool:
    try:
        psycopg.connect(pooler.uri("postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
