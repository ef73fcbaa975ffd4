"""Does every real server get one whole file, once, whatever happens when it gets its name?"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import uuid
from collections.abc import Iterator
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from event_delivery.delivery import Delivery, nightly_delivery
from event_delivery.delivery import delivery_of_test_file as sample_delivery
from event_delivery.destinations.destination import Destination
from event_delivery.destinations.split import Split
from event_delivery.errors import RetryableError
from event_delivery.extract.events import extract_events
from event_delivery.extract.sample import stage_sample_event
from event_delivery.formats.delivery_file import format_staged_events
from event_delivery.staging import Manifest
from event_delivery.upload import UploadRun, deliver_file
from local_servers.postgres import create_database
from tests import PROJECT
from tests.faults.watcher import Watcher
from tests.ledger_contents import read_record
from tests.sample_events import COMPANY, DAY, insert_event
from tests.servers.catalogue import KINDS
from tests.servers.facts import probe_server
from tests.servers.matrix import FACTS, LACK, SERVER
from tests.servers.moment import lose_answer, once_named, take_into
from tests.servers.server import Kind, MissingError, Server
from tests.servers.table import ALL, read_rows, strip_versions

pytestmark = [pytest.mark.slow, pytest.mark.matrix(lambda running: running.name, lambda test: test)]

MANIFEST = ".manifest.json"
_days = map(
    DAY.__add__, map(timedelta, itertools.count())
)  # every test a day of its own: some servers remember names


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "running" in metafunc.fixturenames:
        every = metafunc.config.getoption("--all-servers")
        kinds = [kind for kind in KINDS if every or not kind.find_lack()]
        names = [kind.name for kind in kinds]
        metafunc.parametrize("running", kinds, ids=names, indirect=True, scope="module")


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def events_uri(running, postgres, tmp_path_factory) -> Iterator[str]:
    """A database of the days after the first contact: the server is `sftp_acme`, the test file has arrived."""
    _, server = running
    with pytest.MonkeyPatch.context() as environment:
        uri = create_database(postgres, f"events_{uuid.uuid4().hex[:10]}")
        environment.setenv("AIRFLOW_CONN_EVENTS_DB", uri)
        environment.setenv("EVENT_DELIVERY_STAGING", str(tmp_path_factory.mktemp("staging")))
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
        if isinstance(server, Server):
            environment.setenv("AIRFLOW_CONN_SFTP_ACME", server.connection)
            deliver_test_file(server)
        yield uri


@pytest.fixture
def events_db(events_uri) -> Iterator[psycopg.Connection]:
    with psycopg.connect(events_uri, autocommit=True) as connection:
        yield connection


@pytest.fixture
def server(request, running, events_uri, record_property, give_up) -> Iterator[Server]:
    """The server with an empty folder; what is found out about it goes into the table."""
    kind, server = running
    record_property(SERVER, kind.name)
    if promise := request.node.get_closest_marker("promise"):
        record_property("promise", promise.args[0])
    if isinstance(server, str):
        record_property(LACK, server)
        give_up(f"{kind.name} cannot run here: {server}")
    yield server
    empty(server.folder)


@pytest.fixture
def delivery(acme: Destination) -> Delivery:
    return nightly_delivery(acme, "courseCompletion", acme.day(next(_days)))


@pytest.fixture
def staged(events_db, staging_area, delivery: Delivery) -> Manifest:
    """A delivery file of three events, ready to be uploaded."""
    return stage(events_db, delivery, count=3)


def stage(events_db, delivery: Delivery, count: int = 1, **changes) -> Manifest:
    """Insert events of the delivery's day, and make the delivery file of all that it now has."""
    for minute in range(count):
        insert_event(events_db, delivery.interval_start + timedelta(minutes=minute), **changes)
    extract_events(delivery)
    return format_staged_events(delivery)


def deliver_test_file(server: Server) -> None:
    """Come on board as every client does; where names are restricted, this finds out which are allowed."""
    acme = Destination(id="acme", client="Acme University", company_id=COMPANY)
    delivery = sample_delivery(acme, acme.events[0], datetime.now(UTC))
    stage_sample_event(delivery)
    file = format_staged_events(delivery)
    deliver(delivery)
    assert files_in(server.folder) == {delivery.file_name: Path(file.path).read_bytes()}
    empty(server.folder)


def deliver(delivery: Delivery, retrying: bool = False) -> dict:
    log = logging.getLogger("task")
    return deliver_file(delivery, UploadRun("nightly_sftp_events__acme", "run", retrying), log)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def identity(path: Path) -> tuple[int, int]:
    return path.stat().st_ino, path.stat().st_mtime_ns


def state(delivery: Delivery) -> str:
    return read_record(delivery)["state"]


@pytest.mark.promise("both formats")
@pytest.mark.parametrize("file_format", ["csv", "json"])
def test_both_formats_arrive_byte_for_byte(server, delivery, events_db, staging_area, file_format):
    """One file of the contracted name, and nothing else, lies in the client's folder after a delivery."""
    delivery = replace(delivery, destination=delivery.destination.model_copy(update={"format": file_format}))
    file = stage(events_db, delivery, title='Zażółć, "gęślą"\njaźń')
    deliver(delivery)
    assert files_in(server.folder) == {delivery.file_name: Path(file.path).read_bytes()}
    assert state(delivery) == "delivered"


@pytest.mark.promise("whole at once")
def test_a_large_file_gets_its_name_when_it_is_whole(running, server, delivery, events_db, staging_area):
    """It takes more requests than the window holds; where temporary names are allowed, nobody sees half of it."""
    kind, _ = running
    file = stage(events_db, delivery, count=8, title="x" * 1_000_000)
    whole = Path(file.path).read_bytes()
    with Watcher(server.folder, delivery.file_name, whole) as watcher:
        deliver(delivery)
    assert files_in(server.folder) == {delivery.file_name: whole}
    assert not (watcher.wrong and kind.takes_temporary_names)


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
def test_a_lost_answer_makes_no_second_copy(server, delivery, staged):
    """The file got its name and we never heard of it: the retry adopts it."""
    with once_named(server.folder, lose_answer), pytest.raises(RetryableError):
        deliver(delivery)
    path = server.folder / delivery.file_name
    before = identity(path)
    deliver(delivery, retrying=True)
    assert identity(path) == before
    assert files_in(server.folder) == {delivery.file_name: Path(staged.path).read_bytes()}
    assert state(delivery) == "delivered"


@pytest.mark.promise("lost answer, file taken")
def test_a_file_taken_before_a_lost_answer_is_not_sent_again(server, delivery, staged, tmp_path):
    """The file got its name, a robot took it, and we never heard of either."""
    known = with_robot(delivery)
    robot = take_into(tmp_path / "taken", server.folder)
    with once_named(server.folder, robot, lose_answer), pytest.raises(RetryableError):
        deliver(known)
    deliver(known, retrying=True)
    assert files_in(server.folder) == {}
    assert files_in(tmp_path / "taken") == {delivery.file_name: Path(staged.path).read_bytes()}
    assert state(delivery) == "delivered"


def with_robot(delivery: Delivery) -> Delivery:
    """Return the delivery to a destination whose YAML says that a robot takes files."""
    return replace(delivery, destination=delivery.destination.model_copy(update={"robot": True}))


@pytest.mark.promise("changed redelivery")
def test_a_changed_redelivery_replaces_the_file(server, delivery, staged, events_db):
    """Other events of the day arrive under the same name, be they as many bytes, or a rename refuse."""
    deliver(delivery)
    events_db.execute("update events set title = upper(title)")
    changed = stage(events_db, delivery, count=0)
    assert changed.bytes == staged.bytes
    assert changed.sha256 != staged.sha256
    deliver(delivery)
    assert files_in(server.folder) == {delivery.file_name: Path(changed.path).read_bytes()}
    assert state(delivery) == "delivered"


@pytest.mark.promise("quick robot")
def test_a_robot_may_take_the_file_at_once(server, delivery, staged, tmp_path):
    """The file is gone before we can look at it: where a robot is known, that is a delivery, not a failure."""
    with once_named(server.folder, take_into(tmp_path / "taken", server.folder)):
        deliver(with_robot(delivery))
    assert files_in(server.folder) == {}
    assert files_in(tmp_path / "taken") == {delivery.file_name: Path(staged.path).read_bytes()}
    assert state(delivery) == "delivered"


def with_manifest(delivery: Delivery, **changes) -> Delivery:
    """Return the delivery to a destination whose files are followed by a manifest."""
    edited = delivery.destination.model_copy(update={"companion": "manifest", **changes})
    return replace(delivery, destination=edited)


def read_manifest_of(delivery: Delivery, folder: Path) -> dict:
    return json.loads((folder / f"{delivery.file_name}{MANIFEST}").read_text())


@pytest.mark.promise("companion")
def test_a_manifest_comes_behind_each_file_and_tells_of_that(server, delivery, staged, events_db):
    """One of the newer file takes the place of the older one's, also where nobody may overwrite."""
    followed = with_manifest(delivery)
    deliver(followed)
    assert read_manifest_of(delivery, server.folder)["sha256"] == staged.sha256
    events_db.execute("update events set title = upper(title)")
    changed = stage(events_db, delivery, count=0)
    deliver(followed)
    assert files_in(server.folder).keys() == {delivery.file_name, f"{delivery.file_name}{MANIFEST}"}
    assert read_manifest_of(delivery, server.folder)["sha256"] == changed.sha256
    assert (server.folder / delivery.file_name).read_bytes() == Path(changed.path).read_bytes()


@pytest.mark.promise("companion, lost answer")
def test_a_lost_answer_makes_no_second_companion(server, delivery, staged):
    """It got its name and we never heard of it: the retry adopts it, and sends its file no second time."""
    followed = with_manifest(delivery)
    with once_named(server.folder, lose_answer, pattern=f"*{MANIFEST}"), pytest.raises(RetryableError):
        deliver(followed)
    assert state(delivery) == "failed"
    before = {path.name: identity(path) for path in server.folder.iterdir()}
    deliver(followed, retrying=True)
    assert {path.name: identity(path) for path in server.folder.iterdir()} == before
    assert before.keys() == {delivery.file_name, f"{delivery.file_name}{MANIFEST}"}
    assert read_manifest_of(delivery, server.folder)["sha256"] == staged.sha256
    assert state(delivery) == "delivered"


@pytest.mark.promise("companion, quick robot")
def test_a_robot_may_take_file_and_companion_at_once(server, delivery, staged, tmp_path):
    """It gets the file first, and each of them once, also where the answer to the companion's name is lost."""
    followed, order = with_manifest(delivery, robot=True), []
    robot = take_into(tmp_path / "taken", server.folder)

    def take_in_order(caller) -> None:
        order.extend(path.name for path in server.folder.iterdir())
        robot(caller)
        if any(name.endswith(MANIFEST) for name in order):
            lose_answer(caller)

    with once_named(server.folder, take_in_order, pattern="courseCompletion-*"), pytest.raises(RetryableError):
        deliver(followed)
    deliver(followed, retrying=True)
    assert order == [delivery.file_name, f"{delivery.file_name}{MANIFEST}"]
    assert files_in(server.folder) == {}
    assert read_manifest_of(delivery, tmp_path / "taken")["sha256"] == staged.sha256
    assert state(delivery) == "delivered"


def split(delivery: Delivery, **changes) -> Delivery:
    return with_manifest(delivery, split=Split(rows=1), **changes)


def read_parts_of(delivery: Delivery, folder: Path) -> list[bytes]:
    """Return the parts that the manifest names; nothing else may lie there."""
    files = files_in(folder)
    told = json.loads(files.pop(f"{delivery.file_name}{MANIFEST}"))["parts"]
    assert files.keys() == {part["file"] for part in told}
    return [files[part["file"]] for part in told]


def test_a_split_day_comes_again_in_fewer_parts(server, delivery, events_db, staging_area):
    """Also where nobody may overwrite; the manifest names what lies there, and nothing else does."""
    parted = split(delivery)
    for count in (4, 0):
        file = stage(events_db, parted, count)
        deliver(parted)
        parts = read_parts_of(delivery, server.folder)
        assert b"".join(parts) == Path(file.path).read_bytes()
        assert len(parts) == (4 if count else 2)
        late = delivery.interval_start + timedelta(minutes=1)
        events_db.execute('delete from events where "timestamp" > %s', [late])
    assert state(delivery) == "delivered"


def test_a_lost_answer_sends_no_part_twice(server, delivery, events_db, staging_area):
    """A part got its name and we never heard of it: the retry goes on behind it."""
    parted = split(delivery)
    stage(events_db, parted, count=3)
    with once_named(server.folder, lose_answer, pattern="*-part0002.json"), pytest.raises(RetryableError):
        deliver(parted)
    before = {path.name: identity(path) for path in server.folder.iterdir()}
    deliver(parted, retrying=True)
    after = {path.name: identity(path) for path in server.folder.iterdir()}
    assert {name: after[name] for name in before} == before
    assert len(read_parts_of(delivery, server.folder)) == 3
    assert state(delivery) == "delivered"


def test_the_page_says_what_was_seen(request, running, server, record_property):
    """The row of docs/servers.md is what this very server shows, versions aside."""
    kind, _ = running
    facts = asyncio.run(probe_server(server))
    record_property(FACTS, list(astuple(facts)))
    assert files_in(server.folder) == {}
    if request.config.getoption("--write-servers"):
        return
    seen = (kind.name, *astuple(facts), ALL)
    told = read_rows().get(kind.name, ())
    assert strip_versions(told) == strip_versions(seen), "`make servers` writes docs/servers.md anew"


def test_the_page_names_these_servers_alone(request):
    """A server that the tests do not know is not called proven, and none is forgotten."""
    if request.config.getoption("--write-servers"):
        return
    assert list(read_rows()) == [kind.name for kind in KINDS]
