"""What lies in a destination's older folder when it moves to another folder or server, and when it comes back?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path

import pytest

from event_delivery.delivery import Delivery
from event_delivery.destinations.split import Split
from event_delivery.errors import DeliveryError
from event_delivery.verification import verify_destination
from local_servers.sftp_server import SftpServer, SftpUser
from tests.faults.fault import Fault
from tests.faults.night import CONNECTION, connect
from tests.faults.server import FaultyServer
from tests.sample_events import DAY, insert_event, noon
from tests.sftp_logins import PASSWORD, confirmed_uri

PARTS = {"companion": "manifest", "split": Split(rows=1)}
Send = Callable[..., dict[str, bytes]]


def ask(delivery: Delivery, **fields: object) -> Delivery:
    edits = {"create_folder": True, "format": "ndjson", **fields}
    return replace(delivery, destination=delivery.destination.model_copy(update=edits))


def list_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(params=["folder", "server"])
def move(request, tmp_path, monkeypatch, sftp_server) -> Iterator[Callable[[int], tuple[str, Path]]]:
    """Return a function that moves to the first or the second place, and returns the path and its folder."""
    is_server = request.param == "server"
    with SftpServer(tmp_path / "second", [SftpUser("acme", PASSWORD, "acme")]) as other:

        def run(place: int) -> tuple[str, Path]:
            server = other if is_server and place else sftp_server
            monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(server, "acme", PASSWORD))
            name = "in" if is_server else f"in{place}"
            return f"/{name}", server.user_folder("acme") / name

        yield run


@pytest.fixture
def send(move, deliver, delivery) -> Send:
    """Return a function that delivers to a place, and returns what lies there then."""

    def run(place: int, **fields: object) -> dict[str, bytes]:
        path, folder = move(place)
        deliver(ask(delivery, path=path, **fields))
        return list_files(folder)

    return run


@pytest.fixture
def three(events_db) -> list[str]:
    """Three events of the day."""
    return [insert_event(events_db, noon(DAY, number)) for number in range(3)]


@pytest.mark.parametrize("before", [PARTS, {"companion": "checksum"}], ids=["parts", "checksum"])
def test_what_was_sent_stays_as_it_was_where_the_day_is_sent_elsewhere(events_db, send, move, three, before):
    """No part, and nothing that says that a file is whole, is taken away from where no other file comes."""
    first = send(0, **before)
    events_db.execute("delete from events where id <> %s", [three[0]])
    send(1, **before)
    assert list_files(move(0)[1]) == first


def test_parts_take_the_place_of_the_whole_file_that_lay_there_before(send, three):
    """Also when the day was sent in parts elsewhere meanwhile."""
    [whole] = send(0, companion="none")
    send(1, **PARTS)
    there = send(0, **PARTS)
    assert whole not in there
    assert len(there) == len(three) + 1


def test_the_whole_file_of_two_places_makes_room_for_parts_at_both(send, three):
    """It was sent whole here, whole there, and in parts here, then in parts there."""
    [whole] = send(0, companion="none")
    send(1, companion="none")
    for place in (0, 1):
        assert whole not in send(place, **PARTS)


def test_a_whole_file_takes_the_place_of_the_parts_that_lay_there_before(send, three):
    """Also when the day was sent whole elsewhere meanwhile."""
    send(0, **PARTS)
    send(1, companion="none")
    assert len(send(0, companion="none")) == 1


def test_parts_that_are_no_longer_leave_where_the_day_comes_back_to(events_db, send, three):
    """Also when as few parts were sent elsewhere meanwhile."""
    send(0, **PARTS)
    events_db.execute("delete from events where id = %s", [three[2]])
    send(1, **PARTS)
    there = send(0, **PARTS)
    [manifest] = [content for name, content in there.items() if name.endswith(".manifest.json")]
    assert len(there) == len(json.loads(manifest)["parts"]) + 1 == len(three)


def test_parts_are_looked_at_where_they_were_sent_last(send, move, three, delivery, log):
    """Those of the place before count for nothing, although they have the same names and bytes."""
    for place in (0, 1, 0):
        send(place, **PARTS)
        asked = ask(delivery, path=move(place)[0], verify_after="1h", **PARTS).destination
        assert verify_destination(asked, datetime.now(UTC) + timedelta(hours=2), log) == []


@pytest.fixture
def failing(tmp_path, monkeypatch):
    """A server that fails as a test asks."""
    with FaultyServer(tmp_path / "failing") as server:
        connect(monkeypatch, server)
        yield server


CSV, WHOLE = {"format": "csv", "companion": "none"}, {"companion": "none", "split": None}


@pytest.mark.parametrize(
    "before, now, name",
    [
        (WHOLE, CSV, "*.json*"),
        (WHOLE | {"upload_mode": "direct"}, CSV | {"upload_mode": "rename"}, "*.json"),
        (WHOLE, PARTS, "*.json*"),
        (PARTS, WHOLE, "*part0002*"),
        (PARTS, PARTS | {"compression": "gzip"}, "*part0002*"),
        (PARTS, PARTS | {"compression": "gzip"}, "*manifest*"),
    ],
)
def test_what_a_try_left_of_another_file_leaves_behind_the_one_that_came(
    events_db, deliver, delivery, failing, three, before, now, name
):
    """Under its temporary name, or half under a final one: a retry of the edited destination has no such file."""
    base = {"format": "json", "connection": CONNECTION, "path": None}
    failing.script.set(Fault("write", "reset", after=True, path=name))
    with pytest.raises(DeliveryError):
        deliver(ask(delivery, **(base | before)))
    failing.script.set()
    left = [each for each in failing.files() if fnmatch(each, f"*{name}")]
    assert len(left) == 1
    deliver(ask(delivery, **(base | now)), retrying=True)
    assert left[0] not in failing.files()
