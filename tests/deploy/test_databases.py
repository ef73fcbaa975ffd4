"""Does PostgreSQL's container make what Airflow and the ledger log in to?"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from local_servers.postgres import postgres_program, running_postgres
from tests.deploy.files import DEPLOY

PASSWORDS = {"airflow": 'it\'s \\ "quoted"', "ledger": "another"}


@pytest.fixture
def cluster():
    """A new PostgreSQL, as the container's is when the script runs."""
    with TemporaryDirectory(prefix="postgres-") as folder, running_postgres(Path(folder)) as postgres:
        yield postgres


def test_each_has_a_database_of_its_own(cluster, tmp_path):
    """The role owns it, has the secret's password, whatever is in it, and cannot enter the other one."""
    for name, password in PASSWORDS.items():
        (tmp_path / f"{name}_password").write_text(password)
    script = (DEPLOY / "make_databases.sh").read_text().replace("/run/secrets/", f"{tmp_path}/")
    where = {"POSTGRES_USER": "postgres", "PGHOST": str(cluster.socket_folder), "PGDATABASE": "postgres"}
    where["PATH"] = f"{postgres_program('psql').parent}:{os.environ['PATH']}"
    environment = {**os.environ, **where}
    done = subprocess.run(["bash"], input=script, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    uri = f"host={cluster.socket_folder} user=postgres dbname=postgres"
    with psycopg.connect(uri) as connection:
        owned = "select datname, datdba::regrole::text from pg_database where datname = any(%s)"
        owners = connection.execute(owned, [list(PASSWORDS)]).fetchall()
        allowed = "select has_database_privilege(%s, %s, 'connect')"
        assert dict(owners) == {name: name for name in PASSWORDS}
        assert connection.execute(allowed, ["ledger", "airflow"]).fetchone() == (False,)
        assert connection.execute(allowed, ["airflow", "ledger"]).fetchone() == (False,)
        assert connection.execute(allowed, ["airflow", "airflow"]).fetchone() == (True,)
