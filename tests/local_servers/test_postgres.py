"""Does PostgreSQL start, survive a kill, and stop?"""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from local_servers.postgres import create_database, find_postgres, running_postgres, start_postgres
from local_servers.processes import find_process


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_postgres_recovers_from_a_kill_and_from_a_pid_file_of_another_process(tmp_path: Path) -> None:
    """A crash leaves a pid file whose number may belong to anybody by now."""
    with running_postgres(tmp_path / "pg") as postgres:
        uri = create_database(postgres, "events")
        server = find_process(tmp_path / "pg", "postgres")
        assert server
        os.kill(server.pid, signal.SIGKILL)
        pid_file = tmp_path / "pg" / "data" / "postmaster.pid"
        pid_file.write_text("\n".join([str(os.getpid()), *pid_file.read_text().splitlines()[1:]]))
        assert find_postgres(tmp_path / "pg") is None
        again = start_postgres(tmp_path / "pg")
        assert psycopg.connect(uri).execute("select 1").fetchone() == (1,)
        assert find_postgres(tmp_path / "pg") == again == postgres
    assert find_postgres(tmp_path / "pg") is None


def test_postgres_starts_in_a_folder_whose_path_is_too_long_for_a_socket() -> None:
    """A socket's path may have 107 bytes at most."""
    with TemporaryDirectory(prefix="postgres-") as place:  # not pytest's own: see the fixture `postgres`
        with running_postgres(Path(place) / ("long " * 30).strip()) as postgres:
            assert mode(postgres.socket_folder) == 0o700
            assert psycopg.connect(postgres.uri()).execute("select 1").fetchone() == (1,)
        assert not postgres.socket_folder.exists()
