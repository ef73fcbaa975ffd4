"""Does a client's URL become a proven destination, step by step, with no secret told and nothing left behind?"""

from __future__ import annotations

import io
import shutil
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import quote

import asyncssh
import pytest
from airflow.models.connection import Connection

from event_delivery.destinations import Destination, load_destination
from event_delivery.onboard.__main__ import main
from tests.onboard.clients_server import SECRET, files_of, key_of, url_of
from tests.sample_events import COMPANY
from tests.servers.openssh import OWN_USER


@pytest.fixture
def board(airflow_session, destinations, monkeypatch, capsys):
    """Run the command with a URL on standard input; returns its exit status and all that it printed."""

    def board(url, *options, destination="acme"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(url))
        asked = ["--client", "Acme University", "--company-id", str(COMPANY), "--no-test-file"]
        status = main([destination, *asked, *options])
        told = capsys.readouterr()
        return status, told.out + told.err

    return board


def test_two_mistakes_two_corrections_and_a_proven_destination(board, stored, server, destinations):
    """As a person does it: each mistake is told with its cure, and the next call goes further, in seconds."""
    begun = time.monotonic()
    wrong = f"sftp://acme:{SECRET}@127.0.0.1:{server.port}/"
    status, told = board(wrong)
    assert status == 1
    assert "character 22: in the password, found '@', wanted %40" in told
    assert "Dear Acme University team" in told
    half = wrong.replace("p@ss", "p%40ss")
    status, told = board(half)
    assert (status, "found '/', wanted %2F" in told, "'@'" in told) == (1, True, False)
    status, told = board(url_of(server), "--host-key", key_of(server))
    assert status == 0, told
    assert told.count("✓") == 10
    assert "✗" not in told
    found = load_destination("acme", destinations)
    assert isinstance(found, Destination)
    assert (found.client, found.company_id) == ("Acme University", str(COMPANY))
    assert stored().password == SECRET
    assert stored().extra_dejson["host_key"].split() == server.host_key().split()[:2]
    assert files_of(server) == []
    assert time.monotonic() - begun < 60


def test_the_secret_is_printed_nowhere(board, server):
    """Neither of a wrong URL nor of a right one."""
    for url in (f"sftp://acme:{SECRET}@h/", url_of(server), url_of(server, "wrong" + SECRET)):
        _, told = board(url, "--accept-host-key")
        assert "hunter2" not in told
        assert "hunter2" not in quote(told)


def test_run_again_it_recognises_what_is_there(board, stored, server, destinations):
    """The same URL, or none at all, changes neither the Connection nor the YAML."""
    board(url_of(server), "--accept-host-key")
    before = ((destinations / "acme.yaml").read_bytes(), stored().get_uri())
    for url in (url_of(server), ""):
        status, told = board(url)
        assert status == 0, told
        assert told.count("is there already") == 2
    assert ((destinations / "acme.yaml").read_bytes(), stored().get_uri()) == before


def test_another_connection_or_file_is_never_overwritten(board, stored, server, destinations):
    """A person says so, or nothing happens."""
    board(url_of(server), "--accept-host-key")
    (destinations / "acme.yaml").write_text(f"client: Other\ncompany_id: {COMPANY}\n")
    status, told = board(url_of(server))
    assert (status, "says otherwise in: client" in told) == (1, True)
    (destinations / "acme.yaml").unlink()
    status, told = board(url_of(server, path="/other"))
    assert (status, "the folder does not exist" in told) == (1, True)
    (server.user_folder("acme") / "other").mkdir()
    status, told = board(url_of(server, path="/other"))
    assert (status, "To put this one in its place: --replace" in told) == (1, True)
    assert not (destinations / "acme.yaml").exists()
    status, told = board(url_of(server, path="/other"), "--replace")
    assert (status, stored().schema) == (0, "other")


def test_nothing_is_offered_to_a_key_that_nobody_confirmed(board, stored, server):
    """The client is asked for its fingerprint; another one than it named is refused."""
    status, told = board(url_of(server))
    assert (status, key_of(server) in told, stored()) == (1, True, None)
    status, told = board(url_of(server), "--host-key", "SHA256:" + "A" * 43)
    assert (status, "another host key" in told) == (1, True)
    assert f"The server shows the fingerprint {key_of(server)}, which is not the one" in told
    assert server.logins == []


def test_a_refused_login_is_the_clients_to_mend(board, stored, server):
    """The e-mail names user and server, and no password."""
    status, told = board(url_of(server, "wrong"), "--accept-host-key")
    email = told.split("next e-mail:")[1]
    assert (status, stored()) == (1, None)
    assert f"127.0.0.1:{server.port} answers, but does not let us log in as user acme" in email
    assert "Airflow" not in email


@pytest.mark.parametrize("options", [(), ("--path", "/none")])
def test_a_folder_that_is_not_there_is_asked_for_by_its_name(board, server, options):
    """That of the URL, or the destination's own, which is the one that was tried."""
    status, told = board(f"{url_of(server)}in/none", "--accept-host-key", *options)
    folder = "/none" if options else "/in/none"
    assert (status, f"but the folder {folder} is not there" in told) == (1, True), told


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("nowhere.invalid", "does not resolve on the internet"),
        ("127.0.0.1:1", "does not answer us"),
        ("[::1]:1", "server [::1]:1 does not"),
    ],
)
def test_a_server_that_is_not_there_is_named(board, stored, host, said):
    """Which of host name and port it is."""
    status, told = board(f"sftp://acme:x@{host}/")
    assert (status, said in told, stored()) == (1, True, None)


def test_a_port_that_speaks_no_ssh_is_told_from_a_refused_login(board):
    """Such as a web server's."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as web:
        Thread(target=web.serve_forever, daemon=True).start()
        status, told = board(f"sftp://acme:x@127.0.0.1:{web.server_port}/", "--accept-host-key")
        web.shutdown()
    assert (status, "no SFTP session comes about" in told) == (1, True)


def test_a_refused_rename_leaves_nothing_behind(board, stored, server):
    """What was written is removed over a new session, and the client is asked for the right."""

    def refuse(_user, operation, *_):
        if operation == "rename":
            raise PermissionError("no")

    server.interfere = refuse
    status, told = board(url_of(server), "--accept-host-key")
    assert (status, "cannot rename the file there" in told, stored()) == (1, True, None)
    assert files_of(server) == []
    assert "left in the folder" not in told


def test_what_cannot_be_removed_is_named(board, server, monkeypatch):
    """The file's name, for the client to remove."""

    async def refuse(*_):
        raise asyncssh.SFTPPermissionDenied("no")

    monkeypatch.setattr("local_servers.sftp_sessions.Files.remove", refuse)
    status, told = board(url_of(server), "--accept-host-key")
    [left] = files_of(server)
    assert status == 1
    assert f"left in the folder, since it could not be removed: {left.name}" in told
    assert told.split("next e-mail:")[1].count(left.name) == 1
    assert "cannot delete our own file" in told


def test_a_rename_that_copies_leaves_nothing_behind(board, server, monkeypatch):
    """As of a server before an object store: both names are there, and both are removed."""

    def copy(files, oldpath, newpath):
        shutil.copyfile(files.map_path(oldpath), files.map_path(newpath))

    for name in ("rename", "posix_rename"):
        monkeypatch.setattr(f"local_servers.sftp_sessions.Files.{name}", copy, raising=False)
    status, told = board(url_of(server), "--accept-host-key")
    assert (status, files_of(server)) == (0, []), told


def test_a_removal_that_does_nothing_is_told(board, server, monkeypatch):
    """Nobody is told that nothing is left there."""

    async def claim(*_):
        return None

    monkeypatch.setattr("local_servers.sftp_sessions.Files.remove", claim)
    status, told = board(url_of(server), "--accept-host-key")
    [left] = files_of(server)
    assert (status, "nothing is left there" in told) == (1, False)
    assert told.split("next e-mail:")[1].count(left.name) == 1


def test_the_commands_are_printed_without_the_secret(board, stored, server, destinations):
    """For a secrets backend: nothing is stored here, and the key is pinned in the YAML."""
    status, told = board(url_of(server), "--accept-host-key", "--print")
    assert (status, stored(), list(destinations.iterdir())) == (0, None, [])
    assert "python -m event_delivery.connection add sftp_acme" in told
    assert f"host_key: {' '.join(server.host_key().split()[:2])}" in told
    assert "hunter2" not in told


def test_a_wrong_field_is_told_before_the_server_is_asked(board, server, destinations):
    """As every parse would quarantine it."""
    status, told = board(url_of(server), "--timezone", "Mars")
    assert (status, "field 'timezone': found 'Mars'" in told) == (1, True)
    assert list(destinations.iterdir()) == []
    status, told = board(url_of(server), "--host-key", "md5:hunter")
    assert (status, "--host-key: wanted SHA256:" in told) == (1, True)
    status, told = board(url_of(server), destination="../acme")
    assert (status, "destination id" in told) == (1, True)
    assert server.logins == []


def test_a_folder_that_another_connection_leads_to_is_refused_before_the_server_is_asked(
    board, stored, server, destinations
):
    """The nights of both would be refused; only a folder of its own, or no other destination there, will do."""
    assert board(url_of(server), "--host-key", key_of(server))[0] == 0
    logins = len(server.logins)
    status, told = board(url_of(server), "--host-key", key_of(server), destination="birch")
    assert (status, "leads to the same folder as 'acme' (Connection 'sftp_acme')" in told) == (1, True), told
    assert (len(server.logins), (destinations / "birch.yaml").exists()) == (logins, False)
    (server.user_folder("acme") / "birch").mkdir()
    assert board(url_of(server, path="/birch"), "--host-key", key_of(server), destination="birch")[0] == 0
    (destinations / "acme.yaml").write_text((destinations / "acme.yaml").read_text() + "enabled: false\n")
    assert board(url_of(server), "--host-key", key_of(server), destination="cedar")[0] == 0


def test_a_client_that_was_taken_off_is_not_waited_for(board, server, destinations):
    """Its file says that it has no DAGs: a person decides that first."""
    (destinations / "acme.yaml").write_text(f"client: Acme University\ncompany_id: {COMPANY}\nenabled: false\n")
    status, told = board(url_of(server), "--accept-host-key")
    assert (status, "say enabled: false" in told, server.logins) == (1, True, [])


def test_a_rehearsing_instance_logs_in_at_no_client(board, server, monkeypatch):
    """It sends nothing to clients."""
    monkeypatch.setenv("EVENT_DELIVERY_REHEARSAL", "our_sftp")
    status, told = board(url_of(server), "--accept-host-key")
    assert (status, "This instance rehearses" in told) == (1, True)
    assert server.logins == []


def test_a_folder_of_openssh_is_proven(airflow_session, destinations, tmp_path, monkeypatch, capsys):
    """With a key in JSON's place, stored before: an empty standard input takes it."""
    server = OWN_USER.start(tmp_path / "openssh")
    try:
        airflow_session.add(Connection.from_json(server.connection, conn_id="sftp_acme"))
        airflow_session.commit()
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        asked = ["--client", "Acme", "--company-id", str(COMPANY), "--no-test-file", "--accept-host-key"]
        assert main(["acme", *asked]) == 0, capsys.readouterr()
        assert "Renamed it" in capsys.readouterr().out
        assert [path for path in server.folder.iterdir() if "trial" in path.name] == []
    finally:
        server.stop()
