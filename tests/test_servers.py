"""Does every real server get one whole file, once, whatever happens when it gets its name?"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import asyncssh
import psycopg
import pytest
from conftest import DAY, PROJECT, insert_event, noon
from servers.catalogue import KINDS
from servers.facts import probe_server
from servers.matrix import FACTS, LACK, SERVER
from servers.server import Kind, MissingError, Server
from servers.table import ALL, read_rows, strip_versions

from demo.postgres import create_database
from event_delivery.delivery import Delivery
from event_delivery.destination import Destination
from event_delivery.errors import RetryableError
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.ledger import open_ledger
from event_delivery.staging import Manifest
from event_delivery.upload import deliver_file

NAMING_CALLS = [
    (asyncssh.SFTPClient, "posix_rename"),
    (asyncssh.SFTPClient, "rename"),
    (asyncssh.SFTPClientFile, "close"),
]
_transfer_ids = itertools.count(
    1_000_000_001
)  # every test has a file name of its own: some servers remember names


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "running" in metafunc.fixturenames:
        every = metafunc.config.getoption("--all-servers")
        kinds = [kind for kind in KINDS if every or not kind.find_lack()]
        names = [kind.name for kind in kinds]
        metafunc.parametrize("running", kinds, ids=names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def running(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[tuple[Kind, Server | str]]:
    """A server that runs for all of its tests, or why it cannot."""
    kind: Kind = request.param
    if lack := kind.find_lack():
        yield kind, lack
        return
    try:
        server = kind.start(tmp_path_factory.mktemp("server") / "site")
    except MissingError as error:
        yield kind, str(error)
        return
    yield kind, server
    server.stop()


@pytest.fixture
def server(request, running, monkeypatch, record_property) -> Iterator[Server]:
    """The server, known to Airflow as `sftp_acme`, with an empty folder."""
    kind, server = running
    record_property(SERVER, kind.name)
    if promise := request.node.get_closest_marker("promise"):
        record_property("promise", promise.args[0])
    if isinstance(server, str):
        record_property(LACK, server)
        give_up = pytest.fail if request.config.getoption("--all-servers") else pytest.skip
        give_up(f"{kind.name} cannot run here: {server}")
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", server.connection)
    yield server
    for path in server.folder.iterdir():
        path.unlink()


@pytest.fixture(scope="module")
def database(postgres) -> str:
    return create_database(postgres, "events_for_servers")


@pytest.fixture
def events_db(database, monkeypatch) -> Iterator[psycopg.Connection]:
    """The source as conftest has it, faster: one database for all servers, emptied for every test."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
        yield connection
        connection.execute("drop table events; drop schema if exists event_delivery cascade")


@pytest.fixture
def acme(acme: Destination) -> Destination:
    return acme.model_copy(update={"transfer_id": next(_transfer_ids)})


@pytest.fixture
def staged(events_db, staging_area, delivery: Delivery) -> Manifest:
    """A delivery file of three events, ready to be uploaded."""
    for minute in range(3):
        insert_event(events_db, noon(DAY, minute))
    return stage(delivery)


@pytest.fixture
def once_named(server, delivery, monkeypatch) -> Iterator[Callable[[Callable[[Any], None]], None]]:
    """Let something happen when the file has got its name, by a rename or a CLOSE, before we hear of it."""
    path = server.folder / delivery.file_name

    def followed_by(happen, call):
        async def call_and_more(caller, *arguments):
            await call(caller, *arguments)
            if path.exists():
                happen(caller)

        return call_and_more

    with monkeypatch.context() as patched:

        def install(happen: Callable[[Any], None]) -> None:
            for owner, name in NAMING_CALLS:
                patched.setattr(owner, name, followed_by(happen, getattr(owner, name)))

        install.undo = patched.undo
        yield install


def lose_answer(caller: asyncssh.SFTPClient | asyncssh.SFTPClientFile) -> None:
    caller._handler._writer.channel.get_connection().abort()
    raise asyncssh.ConnectionLost("Connection lost")


def take_from(server: Server, taken: Path) -> Callable[[Any], None]:
    """Return a robot that empties the client's folder."""

    def take(_: Any) -> None:
        taken.mkdir()
        for path in server.folder.iterdir():
            path.rename(taken / path.name)

    return take


def stage(delivery: Delivery) -> Manifest:
    extract_events(delivery)
    return format_staged_events(delivery)


def deliver(delivery: Delivery, retrying: bool = False) -> dict:
    log = logging.getLogger("task")
    return deliver_file(delivery, "nightly_sftp_events__acme", "run", retrying, log)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def identity(path: Path) -> tuple[int, int]:
    return path.stat().st_ino, path.stat().st_mtime_ns


def state(delivery: Delivery) -> str:
    with open_ledger() as ledger:
        return ledger.read_delivery(delivery)["state"]


@pytest.mark.promise("both formats")
@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_both_formats_arrive_byte_for_byte(server, delivery, events_db, staging_area, file_format):
    """One file of the contracted name, and nothing else, lies in the client's folder after a delivery."""
    delivery = replace(delivery, destination=delivery.destination.model_copy(update={"format": file_format}))
    insert_event(events_db, noon(DAY), title='Zażółć, "gęślą"\njaźń')
    file = stage(delivery)
    deliver(delivery)
    assert files_in(server.folder) == {delivery.file_name: Path(file.path).read_bytes()}
    assert state(delivery) == "delivered"


@pytest.mark.promise("large file")
def test_a_file_of_many_writes_arrives_byte_for_byte(server, delivery, events_db, staging_area):
    """Far more requests than the window holds, and than any server keeps in its buffers."""
    for minute in range(8):
        insert_event(events_db, noon(DAY, minute), title=f"{minute}" * 1_000_000)
    file = stage(delivery)
    deliver(delivery)
    assert files_in(server.folder) == {delivery.file_name: Path(file.path).read_bytes()}


@pytest.mark.promise("not sent twice")
def test_a_delivery_made_twice_is_sent_once(server, delivery, staged):
    """A retry and a clear both find the file, and leave it alone."""
    deliver(delivery)
    path = server.folder / delivery.file_name
    before = identity(path)
    for retrying in (True, False):
        deliver(delivery, retrying)
        assert identity(path) == before
    assert files_in(server.folder) == {delivery.file_name: Path(staged.path).read_bytes()}
    assert state(delivery) == "delivered"


@pytest.mark.promise("lost answer")
def test_a_lost_answer_makes_no_second_copy(server, delivery, staged, once_named):
    """The file got its name and we never heard of it: the retry adopts it."""
    once_named(lose_answer)
    with pytest.raises(RetryableError):
        deliver(delivery)
    path = server.folder / delivery.file_name
    before = identity(path)
    once_named.undo()
    deliver(delivery, retrying=True)
    assert identity(path) == before
    assert files_in(server.folder) == {delivery.file_name: Path(staged.path).read_bytes()}
    assert state(delivery) == "delivered"


@pytest.mark.promise("lost answer, file taken")
def test_a_file_taken_before_a_lost_answer_is_not_sent_again(server, delivery, staged, once_named, tmp_path):
    """The file got its name, a robot took it, and we never heard of either."""
    take = take_from(server, tmp_path / "taken")

    def take_and_lose(caller: Any) -> None:
        take(caller)
        lose_answer(caller)

    once_named(take_and_lose)
    with pytest.raises(RetryableError):
        deliver(delivery)
    once_named.undo()
    deliver(delivery, retrying=True)
    assert files_in(server.folder) == {}
    assert files_in(tmp_path / "taken") == {delivery.file_name: Path(staged.path).read_bytes()}
    assert state(delivery) == "delivered"


@pytest.mark.promise("changed redelivery")
def test_a_changed_redelivery_replaces_the_file(server, delivery, staged, events_db):
    """Other events of the same day arrive under the same name, also where a rename refuses to replace."""
    deliver(delivery)
    insert_event(events_db, noon(DAY, 5))
    changed = stage(delivery)
    assert changed.sha256 != staged.sha256
    deliver(delivery)
    assert files_in(server.folder) == {delivery.file_name: Path(changed.path).read_bytes()}
    assert state(delivery) == "delivered"


@pytest.mark.promise("quick robot")
def test_a_robot_may_take_the_file_at_once(server, delivery, staged, once_named, tmp_path):
    """The file is gone before we can look at it: that is a delivery, not a failure."""
    once_named(take_from(server, tmp_path / "taken"))
    deliver(delivery)
    assert files_in(server.folder) == {}
    assert files_in(tmp_path / "taken") == {delivery.file_name: Path(staged.path).read_bytes()}
    assert state(delivery) == "delivered"


def test_the_page_says_what_was_seen(request, running, server, record_property):
    """The row of docs/servers.md is what this very server shows, versions aside."""
    kind, _ = running
    facts = asyncio.run(probe_server(server))
    record_property(FACTS, list(astuple(facts)))
    assert files_in(server.folder) == {}
    if request.config.getoption("--write-server-matrix"):
        return
    seen = (kind.name, *astuple(facts), ALL)
    told = read_rows().get(kind.name, ())
    assert strip_versions(told) == strip_versions(seen), "`make server-matrix` writes docs/servers.md anew"


def test_the_page_names_no_other_server():
    """What was measured of a server that the tests no longer start is not told."""
    assert list(read_rows()) == [kind.name for kind in KINDS]
