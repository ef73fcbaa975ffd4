"""How does a PostgreSQL freeze, cut its clients off, or fail over, when a test says so?"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg
import pytest

from local_servers.postgres import Postgres, create_database, running_postgres, start_postgres, stop_postgres
from local_servers.processes import find_process

DATABASE = "ledger"


@pytest.fixture(scope="module")
def frail_postgres() -> Iterator[Postgres]:
    """A PostgreSQL of the module's own with a database for a ledger, which tests may treat badly."""
    with TemporaryDirectory(prefix="postgres-") as folder, running_postgres(Path(folder)) as postgres:
        create_database(postgres, DATABASE)
        yield postgres
        thaw(postgres)


def freeze(postgres: Postgres) -> None:
    """Stop every process of the server where it stands (SIGSTOP): it answers nothing, and refuses nobody."""
    _each(postgres, psutil.Process.suspend)


def thaw(postgres: Postgres) -> None:
    """Let it go on."""
    _each(postgres, psutil.Process.resume)


def cut_clients(postgres: Postgres) -> None:
    """End every client's connection, as an administrator or a proxy does."""
    statement = """
        select pg_terminate_backend(pid)
        from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()
    """
    with psycopg.connect(postgres.uri(DATABASE), autocommit=True) as connection:
        connection.execute(statement)


def fail_over(postgres: Postgres) -> None:
    """Let another server take over: sessions and their locks are gone, what was committed is there."""
    stop_postgres(postgres.folder)
    start_postgres(postgres.folder)


def _each(postgres: Postgres, act: Callable[[psutil.Process], None]) -> None:
    server = find_process(postgres.folder, "postgres")
    if not server or not server.is_running():
        return
    postmaster = psutil.Process(server.pid)
    for process in [postmaster, *postmaster.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            act(process)
