"""Does no client's file land in another's folder, whatever Connection leads there?"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from event_delivery.delivery import nightly_delivery
from event_delivery.destinations import Destination, load_destination
from event_delivery.errors import PermanentError, RefusedError
from event_delivery.extract.sample import stage_sample_event
from event_delivery.formats.delivery_file import format_events
from event_delivery.ledger import open_ledger
from event_delivery.ledger.recipients import Recipient, enter_folder
from event_delivery.ledger.servers import record_mode
from event_delivery.sftp.server import Server
from event_delivery.upload import UploadRun, deliver_file
from event_delivery.upload.collision import describe_recipient
from local_servers.sftp_server import SftpServer, SftpUser
from tests.ledger_contents import connect_ledger, read_record
from tests.sample_events import COMPANY, DAY
from tests.sftp_logins import PASSWORD, confirmed_uri


class Clients:
    """Destinations acme and birch, each with a Connection and a login of its own on one server."""

    def __init__(self, server: SftpServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server, self.folder, self.monkeypatch = server, folder, monkeypatch
        monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))

    def write(self, name: str, path: str = "", host: str = "127.0.0.1", login: str = "", **fields: object) -> None:
        uri = confirmed_uri(self.server, login or name, PASSWORD, path).replace("127.0.0.1", host)
        self.monkeypatch.setenv(f"AIRFLOW_CONN_SFTP_{name.upper()}", uri)
        lines = {"client": name, "company_id": COMPANY, "create_folder": "true"} | fields
        (self.folder / f"{name}.yaml").write_text("".join(f"{key}: {value}\n" for key, value in lines.items()))

    def deliver(self, name: str, day: date = DAY, allow_overlap: bool = False) -> None:
        destination = load_destination(name)
        assert isinstance(destination, Destination)
        delivery = nightly_delivery(destination, "courseCompletion", destination.day(day))
        format_events(delivery, stage_sample_event(delivery))
        self.last = delivery
        deliver_file(delivery, UploadRun("dag", "run", allow_overlap=allow_overlap), logging.getLogger("task"))


@pytest.fixture
def clients(events_db, staging_area, tmp_path, monkeypatch) -> Iterator[Clients]:
    """One server whose users all see one folder tree."""
    users = [SftpUser(name, PASSWORD, "everybody") for name in ("acme", "birch")]
    folder = tmp_path / "destinations"
    folder.mkdir()
    with SftpServer(tmp_path / "sftp", users) as server:
        yield Clients(server, folder, monkeypatch)


def test_the_same_folder_under_two_connections_is_refused(clients):
    """Both destinations, both Connections and the cure are named; the first one goes on."""
    clients.write("acme", "/in")
    clients.write("birch", "/in/", login="acme")
    clients.deliver("acme")
    logins = len(clients.server.logins)
    with pytest.raises(PermanentError, match="leads to the same folder") as told:
        clients.deliver("birch")
    for words in ("'acme'", "'birch'", "'sftp_acme'", "'sftp_birch'", "Correct the path"):
        assert words in str(told.value)
    assert len(clients.server.logins) == logins
    assert read_record(clients.last)["last_error"] == str(told.value)
    clients.deliver("acme")


def test_a_host_is_the_same_however_it_is_spelled(clients):
    """Capital letters say nothing."""
    clients.write("acme", "/in", host="localhost")
    clients.write("birch", "/in", host="LOCALHOST", login="acme")
    clients.deliver("acme")
    with pytest.raises(PermanentError, match="leads to the same folder"):
        clients.deliver("birch")


def test_a_host_that_changes_its_capitals_is_no_other_one():
    """What the ledger knows and what a file says now are spelled one way before they are compared."""
    small, large = (
        describe_recipient(Server(host, 22, "acme", "/in")) for host in ("files.example", "FILES.example")
    )
    assert small == large
    assert small.is_same(large)


@pytest.mark.parametrize("folder", ["/in", "in", "."])
def test_the_login_counts(folder):
    """A hosted server gives each client's login a root of its own: `/in` of one is not `/in` of the other."""
    acme, birch = (Recipient("host", 22, login, folder) for login in ("acme", "birch"))
    assert not acme.is_same(birch)
    assert acme.is_same(acme)


def test_a_path_in_the_yaml_that_equals_the_one_of_the_url_is_found(clients):
    """Here both share one Connection."""
    clients.write("acme", "/in")
    clients.write("birch", connection="sftp_acme", path="/in")
    clients.deliver("acme")
    with pytest.raises(PermanentError, match="leads to the same folder"):
        clients.deliver("birch")


@pytest.mark.parametrize("path", ["", "/~/in", "/in"])
def test_a_folder_is_another_one_for_each_login(clients, path):
    """Two users of one provider deliver side by side; one user under two Connections does not."""
    clients.write("acme", path)
    clients.write("birch", path)
    clients.deliver("acme")
    clients.deliver("birch")
    clients.write("birch", path, login="acme")
    with pytest.raises(PermanentError, match="leads to the same folder"):
        clients.deliver("birch")


def test_two_destinations_that_swap_their_paths_are_not_refused(clients):
    """What counts is where the other one's file says that it delivers now."""
    clients.write("acme", path="/a")
    clients.write("birch", path="/b")
    clients.deliver("acme")
    clients.deliver("birch")
    clients.write("acme", path="/b")
    clients.write("birch", path="/a")
    for _ in range(2):
        clients.deliver("acme")
        clients.deliver("birch")


@pytest.mark.parametrize("how", ["removed", "disabled", "quarantined", "without a Connection"])
def test_a_destination_that_delivers_nowhere_is_in_nobody_s_way(clients, how):
    """Its folder is free for another."""
    clients.write("acme", "/in")
    clients.deliver("acme")
    if how == "removed":
        (clients.folder / "acme.yaml").unlink()
    elif how == "without a Connection":
        clients.monkeypatch.delenv("AIRFLOW_CONN_SFTP_ACME")
    else:
        clients.write("acme", "/in", **({"enabled": "false"} if how == "disabled" else {"format": "xml"}))
    clients.write("birch", "/in")
    clients.deliver("birch")


def test_a_folder_that_an_older_release_delivered_to_is_known_too(clients):
    """By what its test file found out about the server."""
    with open_ledger() as ledger:
        record_mode(ledger, "acme", f"127.0.0.1:{clients.server.port}//in", "rename")
    clients.write("acme", "/in")
    clients.write("birch", "/in", login="acme")
    with pytest.raises(PermanentError, match="leads to the same folder"):
        clients.deliver("birch")


def test_a_renamed_destination_sends_nothing_a_second_time(clients):
    """The folder has the day's events under the old name; the next day goes out under the new one."""
    clients.write("acme", "/in")
    clients.deliver("acme")
    (clients.folder / "acme.yaml").unlink()
    clients.write("birch", "/in", login="acme")
    with pytest.raises(RefusedError, match="under another destination's name: .* by 'acme'"):
        clients.deliver("birch")
    assert read_record(clients.last)["state"] == "failed"
    clients.deliver("birch", DAY + timedelta(1))
    clients.deliver("birch", allow_overlap=True)


def test_two_companies_that_use_a_folder_one_after_the_other_are_no_twins(clients):
    """What counts is whose events they are."""
    clients.write("acme", "/in")
    clients.deliver("acme")
    (clients.folder / "acme.yaml").unlink()
    clients.write("birch", "/in", login="acme", company_id="4aabdfb8-3891-5011-ad35-8e2351c5fdaf")
    clients.deliver("birch")


def test_two_that_come_at_once_do_not_both_pass(clients):
    """Who asks second waits for the first one's answer, and sees it."""
    place = Recipient("host", 22, "acme", "/in")
    with open_ledger() as first, connect_ledger() as second:
        second.execute("set lock_timeout = '100ms'")
        with first.transaction():
            assert enter_folder(first, "acme", place, "host:22//in") == []
            with pytest.raises(Exception, match="lock timeout"):
                enter_folder(second, "birch", place, "host:22//in")
        assert enter_folder(second, "birch", place, "host:22//in") == ["acme"]


@pytest.mark.parametrize(
    "spelled, folder",
    [("/in", "/in"), ("//in/", "/in"), ("/a/../in", "/in"), ("in/", "in"), ("./in", "in"), ("", "."), ("/", "/")],
)
def test_a_folder_has_one_spelling(spelled, folder):
    """As a server would take it."""
    assert describe_recipient(Server("Host", 22, "acme", spelled)).folder == folder
