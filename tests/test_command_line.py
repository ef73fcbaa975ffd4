"""Does a command without Airflow's environment say so, in place of a page of Python that may hold a secret?"""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
import sqlalchemy
from cryptography.fernet import Fernet

from event_delivery.completeness.__main__ import main as completeness
from event_delivery.connection.__main__ import main
from event_delivery.page.__main__ import main as page
from event_delivery.preview.__main__ import main as preview
from tests import PROJECT

URL = "sftp://acme:hunter2-and-more@127.0.0.1:1/"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("connection", "add", "sftp_acme"), 1),
        (("onboard", "acme", "--client", "Acme", "--company-id", "4"), 1),
        (("preflight",), 2),
        (("security_check",), 2),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_without_airflow_s_environment_the_database_is_named(tmp_path, command, status):
    """Whoever forgot it meets a database of SQLite without a table: one sentence, and the settings to look at."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "EVENT_"))}
    environment |= {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__FERNET_KEY": Fernet.generate_key().decode(),
        "PYTHONPATH": str(PROJECT / "plugins"),
    }
    python = [sys.executable, "-m", f"event_delivery.{command[0]}", *command[1:]]
    done = subprocess.run(
        python, env=environment, input=URL, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == status
    told = done.stdout + done.stderr
    assert "Airflow's database cannot be asked (OperationalError): `airflow db check` says more." in told
    assert f"Here AIRFLOW_HOME is {tmp_path} and AIRFLOW__DATABASE__SQL_ALCHEMY_CONN is not set." in told
    assert "Traceback" not in told
    assert "hunter2" not in told


@pytest.mark.parametrize("text", ["31.01.2026", "2026-02-30", "9999-12-31", "0001-01-01", ""])
@pytest.mark.parametrize(
    "command",
    [
        (preview, "acme", "--day"),
        (completeness, "reconcile", "acme", "--from"),
        (completeness, "reconcile", "acme", "--to"),
        (page, "overview", "--from"),
    ],
    ids=lambda command: command[0].__module__,
)
def test_a_day_that_is_none_is_told_with_what_is_wanted(capsys, command, text):
    """As it was typed; beyond the calendar's ends no zone can be worked out."""
    run, *arguments = command
    with pytest.raises(SystemExit):
        run([*arguments, text])
    assert f"found {text!r}, wanted a day " in capsys.readouterr().err


@pytest.mark.parametrize(
    "python",
    [
        "-c 'from event_delivery.command_line import answer; exit(answer(lambda: 100_000 * \"a line\\n\"))'",
        "-m event_delivery.incidents preview",
    ],
    ids=["answer", "incidents"],
)
def test_a_reader_may_stop_reading(python):
    """As `head` does, and whoever leaves a pager: that is no failure to tell."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "plugins")}
    pipe = f"set -o pipefail; {sys.executable} {python} | head -n 1"
    done = subprocess.run(
        ["bash", "-c", pipe], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert (len(done.stdout.splitlines()), done.stderr, done.returncode) in [(1, "", 141), (1, "", 0)]


def test_what_could_not_be_written_is_not_told(airflow_session, monkeypatch, capsys):
    """PostgreSQL tells the failing row, and SQLAlchemy the values."""
    change = "alter table connection {} constraint full_disk"
    airflow_session.execute(sqlalchemy.text(f"{change.format('add')} check (conn_id <> 'sftp_acme')"))
    airflow_session.commit()
    monkeypatch.setattr(sys, "stdin", io.StringIO(URL))
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://airflow:hunter2@h/airflow")
    try:
        assert main(["add", "sftp_acme"]) == 1
    finally:
        airflow_session.rollback()
        airflow_session.execute(sqlalchemy.text(change.format("drop")))
        airflow_session.commit()
    told = capsys.readouterr().err
    assert "Airflow's database cannot be asked (IntegrityError)" in told
    assert "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN is set" in told
    for secret in ("hunter2", "acme:", "password", "gAAAA", "Failing row"):
        assert secret not in told
