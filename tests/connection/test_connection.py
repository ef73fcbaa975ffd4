"""Does a login get into Airflow whole, checked, and past everything that others read?"""

from __future__ import annotations

import io
import json
import sys
from urllib.parse import quote

import asyncssh
import pytest
import sqlalchemy
from airflow.models.connection import Connection
from airflow.models.log import Log

from event_delivery.connection.__main__ import main
from tests.sftp_logins import CHARACTERS, PASSWORD

KEY = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
HOST_KEY = "SHA256:" + "A" * 43


@pytest.fixture
def add(airflow_session, monkeypatch):
    """Run the command with a text on standard input; returns its exit status."""

    def add(text, *arguments, connection="sftp_acme"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        return main(["add", connection, *arguments])

    return add


@pytest.fixture
def stored(airflow_session):
    """Return a stored Connection, or None."""

    def stored(connection_id="sftp_acme"):
        airflow_session.rollback()
        return airflow_session.scalar(sqlalchemy.select(Connection).where(Connection.conn_id == connection_id))

    return stored


def sftp_url(password=PASSWORD, rest="@sftp.example.com:2222/in/box"):
    return f"sftp://acme:{quote(password, safe='')}{rest}"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_url_is_stored_as_airflow_stores_it(add, stored, end):
    """The same Connection as of `airflow connections add --conn-uri`, every character of the password kept."""
    url = sftp_url(PASSWORD + CHARACTERS)
    assert add(url + end) == 0
    expected = Connection(conn_id="sftp_acme", uri=url)
    assert stored().get_uri() == expected.get_uri()
    assert stored().password == PASSWORD + CHARACTERS
    assert stored().is_encrypted


def test_json_is_stored_with_a_key(add, stored):
    """As Airflow writes Connections in JSON, so that keys need no encoding."""
    fields = {"conn_type": "sftp", "host": "h", "login": "acme", "extra": {"private_key": KEY}}
    assert add(json.dumps(fields)) == 0
    assert stored().extra_dejson == {"private_key": KEY}
    assert stored().is_extra_encrypted


def test_a_key_is_taken_from_its_file(add, stored, tmp_path, capsys):
    """A URL without a password, and the key beside it; a file that is not there is named."""
    (tmp_path / "key").write_text(KEY)
    assert add("sftp://acme@h/", "--private-key", str(tmp_path / "none")) == 1
    assert f"{tmp_path}/none cannot be read: No such file" in capsys.readouterr().err
    assert add("sftp://acme@h/", "--private-key", str(tmp_path / "key")) == 0
    assert stored().extra_dejson == {"private_key": KEY}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing was given"),
        ("hunter2", "is neither"),
        ("sftp://acme:hunter2#x@h/", "no user|cannot be read|host"),
        ("sftp://acme:hun/ter2@h:22/", "cannot be read|no user|host"),
        ('{"conn_type": "sftp", "hunter2": 1}', "cannot be read"),
        ('{"conn_type": "sftp", "host": "h", "login": "a", "extra": "{hunter2"}', "cannot be read"),
        ("sftp://acme@h/", "neither a password nor a private_key"),
        ("postgresql://acme:hunter2@h/db", "wanted sftp or ssh"),
        ("sftp://acme:hunter2@h/?key_file=x", "'key_file', which is not allowed"),
        ("sftp://acme:hunter2@h/../etc", "without '..'"),
        ("sftp://acme:hunter2@-oProxyCommand=x/", "is no host name"),
        ("sftp://acme:x@h/?private_key=hunter2", "cannot be read"),
        ("SFTP://acme:hun@ter2@h/", "character 16: in the password, found '@', wanted %40"),
        ("sftp://acme:hun%E4ter2@h/", "character 16: in the password, found the code of a byte that is no UTF-8"),
        ("sftp://acme:hunter2@h/in#2", "in the path, found '#'"),
    ],
)
def test_what_no_upload_could_use_is_refused(add, stored, capsys, text, said):
    """The check of an upload, before anything is stored; what was given is never repeated."""
    assert add(text) == 1
    told = capsys.readouterr().err
    assert any(words in told for words in said.split("|")), told
    assert "hunter2" not in told
    assert "ter2" not in told
    assert stored() is None


def test_a_connection_that_is_there_is_replaced_only_on_purpose(add, stored, capsys):
    """A new password keeps the confirmed host key; another server's does not."""
    add(sftp_url(rest=f"@h/?host_key={quote(HOST_KEY, safe='')}"))
    assert add(sftp_url("new password", "@h/")) == 1
    assert "is there already; to put this one in its place: --replace" in capsys.readouterr().err
    assert stored().password == PASSWORD
    assert add(sftp_url("new password", "@h/"), "--replace") == 0
    assert (stored().password, stored().extra_dejson) == ("new password", {"host_key": HOST_KEY})
    assert add(sftp_url("new password", "@other/"), "--replace") == 0
    assert (stored().host, stored().extra_dejson) == ("other", {})


def test_a_connection_from_elsewhere_is_not_shadowed(add, stored, monkeypatch, capsys):
    """Airflow would never read what is stored here."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_url())
    assert add(sftp_url()) == 1
    assert "comes from a secrets backend or the environment" in capsys.readouterr().err
    assert stored() is None


def test_the_audit_log_names_who_and_which_and_no_secret(add, airflow_session):
    """Neither the URL nor the extra stands in it."""
    add(json.dumps({"conn_type": "sftp", "host": "h", "login": "a", "password": "hunter2", "extra": {}}))
    [row] = airflow_session.scalars(sqlalchemy.select(Log))
    assert (row.event, json.loads(row.extra)) == (
        "add_connection",
        {"connection_id": "sftp_acme", "replaced": False},
    )
    assert row.owner


def test_nothing_that_is_printed_holds_the_secret(add, capsys):
    """The answer says type and host."""
    add(sftp_url("hunter2-and-more"))
    told = capsys.readouterr()
    assert told.out == "Added sftp_acme: sftp on sftp.example.com.\n"
    assert "hunter2" not in told.err


def test_the_databases_are_added_in_the_same_way(add, stored, capsys):
    """With a URL of PostgreSQL, and no other."""
    assert add("sftp://me:hunter2@h/", connection="events_db") == 1
    assert "wanted a database's URL" in capsys.readouterr().err
    assert add("postgresql://me:hunter2@h:5432/db", connection="events_db") == 0
    assert stored("events_db").conn_type == "postgres"
