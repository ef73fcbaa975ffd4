"""Do credentials arrive unchanged, and can a URL bring nothing else along?"""

from __future__ import annotations

import asyncio
import json
from urllib.parse import quote

import pytest
from airflow.models.connection import Connection as StoredConnection
from airflow.sdk import Connection

from event_delivery.destinations.destination import Destination
from event_delivery.errors import PermanentError
from event_delivery.sftp.server import describe_server
from event_delivery.sftp.session import KnownKeys, open_session
from local_servers.sftp_server import SftpServer, SftpUser
from tests.sample_events import COMPANY
from tests.sftp_logins import CHARACTERS, confirmed_uri


def words(characters: str) -> list[str]:
    """Each character first, last and in the middle, and all of them together."""
    return [f"{character}a{character}b{character}" for character in characters] + [characters, characters[::-1]]


def describe(monkeypatch, value: str, **fields):
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", value)
    destination = Destination(id="acme", client="Acme", company_id=COMPANY, **fields)
    return describe_server(Connection.get("sftp_acme"), destination)


@pytest.mark.parametrize("word", words(CHARACTERS))
@pytest.mark.parametrize("spelling", ["uri", "json"])
def test_every_character_survives_in_user_and_password(monkeypatch, word, spelling):
    """AIRFLOW_CONN_SFTP_ACME as URI and as JSON, outer spaces too."""
    value = {
        "uri": f"sftp://{quote(word, safe='')}:{quote(word, safe='')}@host:22/in",
        "json": json.dumps({"conn_type": "sftp", "login": word, "password": word, "host": "host", "schema": "in"}),
    }[spelling]
    server = describe(monkeypatch, value)
    assert (server.user, server.password, server.folder) == (word, word, "/in")


@pytest.mark.parametrize("word", words(CHARACTERS))
def test_every_character_survives_the_metadata_database_s_uri(word):
    """`airflow connections add --conn-uri` reads the URI with this model."""
    uri = f"sftp://{quote(word, safe='')}:{quote(word, safe='')}@host:22/in"
    stored = StoredConnection(conn_id="sftp_acme", uri=uri)
    assert (stored.login, stored.password) == (word, word)


def test_every_character_reaches_a_real_server(monkeypatch, tmp_path):
    """One login each, and the server sees user and password exactly as they are stored."""
    users = [SftpUser(word, word[::-1]) for word in words(CHARACTERS)]
    with SftpServer(tmp_path, users) as sftp:
        for user in users:
            server = describe(monkeypatch, confirmed_uri(sftp, user.name, user.password))
            assert asyncio.run(_working_folder(server)) == "/"
    assert [(login.user, login.password, login.accepted) for login in sftp.logins] == [
        (user.name, user.password, True) for user in users
    ]


async def _working_folder(server) -> str:
    async with open_session(server, KnownKeys(server.host_keys)) as session:
        return await session.sftp.realpath(".")


@pytest.mark.parametrize(
    "path, folder",
    [
        ("", ""),
        ("/", ""),
        ("/in/box", "/in/box"),
        ("/~/box", "box"),
        ("/~", ""),
        ("/my%20box", "/my box"),
    ],
)
def test_the_path_of_the_url_is_the_folder(monkeypatch, path, folder):
    """`/path` is absolute, `/~/path` relative to the login folder, none is the login folder."""
    assert describe(monkeypatch, f"sftp://u:p@host{path}").folder == folder


@pytest.mark.parametrize("path, folder", [("/out", "/out"), ("/~/out", "out"), ("out", "out"), ("~", "")])
def test_the_path_of_the_destination_wins(monkeypatch, path, folder):
    """A path in the YAML replaces the URL's."""
    assert describe(monkeypatch, "sftp://u:p@host/in", path=path).folder == folder


@pytest.mark.parametrize(
    "query", ["key_file=/etc/passwd", "no_host_key_check=true", "host_proxy_cmd=sh", "look_for_keys=true", "x=1"]
)
def test_a_url_smuggles_no_option_in(monkeypatch, query):
    """The query's options become extras in Airflow; none that matters is followed."""
    with pytest.raises(PermanentError, match=f"option '{query.split('=')[0]}', which is not allowed"):
        describe(monkeypatch, f"sftp://u:p@host/in?{query}")


@pytest.mark.parametrize("query", ["no_host_key_check=false", "key_file=", "compress=true"])
def test_what_the_ui_s_form_leaves_behind_is_harmless(monkeypatch, query):
    """Empty and false options, and mere tuning, stop nobody."""
    assert describe(monkeypatch, f"sftp://u:p@host/in?{query}").host == "host"


@pytest.mark.parametrize(
    "uri, message",
    [
        ("sftp://:p@host/", "names no user"),
        ("sftp://u:p@/in", "names no host"),
        ("sftp://u@host/", "neither a password nor a private_key"),
    ],
)
def test_an_incomplete_connection_is_named(monkeypatch, uri, message):
    """Nothing is guessed, least of all the user of the operating system."""
    with pytest.raises(PermanentError, match=message):
        describe(monkeypatch, uri)


def test_no_secret_shows_in_a_repr(monkeypatch):
    """A traceback may print it."""
    server = describe(monkeypatch, "sftp://u:hunter2@host/?private_key=hunter2&private_key_passphrase=hunter2")
    assert "hunter2" not in repr(server)


@pytest.mark.parametrize("host", ["ss@files.example", "-oProxyCommand=x", "files.example/x", "a b", ""])
def test_a_host_that_is_none_is_not_shown(host):
    """An unencoded `@` or `#` in the password makes a piece of it the host."""
    from airflow.sdk import Connection

    connection = Connection(conn_id="sftp_acme", conn_type="sftp", host=host, login="acme", password="x")
    with pytest.raises(PermanentError) as caught:
        describe_server(connection, Destination(id="acme", client="Acme", company_id=COMPANY))
    assert not host or host not in str(caught.value)
    assert "percent-encoded" in str(caught.value) or "names no host" in str(caught.value)
