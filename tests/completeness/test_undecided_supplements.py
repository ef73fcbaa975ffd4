"""Nobody can tell whether a supplement arrived, and the source changes before a person decides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from event_delivery.completeness.look_back import look_back
from event_delivery.delivery import ROBOT, SEND_AGAIN, supplement_of
from event_delivery.upload import UnconfirmedError
from tests.completeness.test_restored_ledger import NOW, changed, found, recorded
from tests.faults.behaviour import Behaviour
from tests.faults.server import FaultyServer
from tests.sample_events import DAY, insert_event, noon
from tests.sftp_logins import PASSWORD, confirmed_uri


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    """A server from which a robot takes files at once, of which nobody has told us."""
    with FaultyServer(tmp_path / "robot") as server:
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(server, "acme", PASSWORD))
        yield server


def taken(server: FaultyServer) -> list[list[str]]:
    """Return the ids of each file that the robot took."""
    return [[event["id"] for event in json.loads(content)] for content in server.copies()]


@pytest.fixture
def undecided(events_db, delivery, deliver, server) -> list[str]:
    """A night and an unconfirmed supplement of it; another event came since; returns all ids."""
    ids = [insert_event(events_db, noon(DAY))]
    deliver(delivery)
    server.behaviour = Behaviour(robot="[!.]*", robot_at=("rename",))
    ids.append(insert_event(events_db, noon(DAY, 1)))
    with pytest.raises(UnconfirmedError):
        deliver(supplement_of(delivery, 1))
    ids.append(insert_event(events_db, noon(DAY, 2)))
    return ids


def test_the_robot_has_what_was_sent_then(undecided, delivery, deliver, server):
    """Nothing goes out, and what came since is the next supplement, not lost in the first."""
    deliver(supplement_of(delivery, 1), decision=ROBOT)
    assert recorded(supplement_of(delivery, 1)).rows == 1
    assert taken(server)[-1:] == [[undecided[1]]]
    destination = changed(delivery, late_events="supplement").destination
    (remedy,) = look_back(destination, NOW)
    assert remedy.supplement == 2


@pytest.mark.parametrize("deleted", [[], [1], [1, 2]])
def test_a_supplement_that_is_sent_again_holds_what_the_client_may_have(
    undecided, events_db, delivery, deliver, server, deleted
):
    """Also what the source has lost since, even if nothing is late now: under one name the client has one file."""
    for index in deleted:
        events_db.execute("delete from events where id = %s", [undecided[index]])
    again = supplement_of(changed(delivery, robot=True), 1)
    deliver(again, decision=SEND_AGAIN)
    assert taken(server) == [[undecided[1]]] * 2
    assert (recorded(again).state, recorded(again).rows) == ("delivered", 1)


def test_a_supplement_whose_day_came_again_is_sent_with_what_is_late_then(
    undecided, events_db, delivery, deliver, server
):
    """The day holds what the supplement held: sent again behind it, that would come twice."""
    server.behaviour = Behaviour()
    deliver(delivery)
    last = insert_event(events_db, noon(DAY, 3))
    deliver(supplement_of(delivery, 1), decision=SEND_AGAIN)
    (name,) = (name for name in server.files() if "supplement-1" in name)
    assert [event["id"] for event in json.loads(server.files()[name])] == [last]


def test_a_night_that_is_unconfirmed_is_decided_by_what_was_sent(events_db, delivery, deliver, server):
    """The robot took it, an event came late: it is no part of what the client has."""
    server.behaviour = Behaviour(robot="[!.]*", robot_at=("rename",))
    first = insert_event(events_db, noon(DAY))
    with pytest.raises(UnconfirmedError):
        deliver(delivery)
    insert_event(events_db, noon(DAY, 1))
    deliver(delivery, decision=ROBOT)
    assert taken(server) == [[first]]
    look_back(delivery.destination, NOW)
    assert found(delivery.destination).late == 1
