"""Nobody can tell whether a supplement arrived, and the source changes before a person decides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from event_delivery.completeness.look_back import look_back
from event_delivery.completeness.supplement import extract_supplement
from event_delivery.delivery import ROBOT, SEND_AGAIN, supplement_of
from event_delivery.errors import RefusedError, RetryableError
from event_delivery.formats import format_staged_events
from event_delivery.orchestration.exact_redelivery import delivery_as_kept, stage_exact
from event_delivery.orchestration.staging_again import ensure_staged
from event_delivery.upload import UnconfirmedError, UploadRun, deliver_file
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


@pytest.mark.parametrize("deleted", [[1], [1, 2]])
@pytest.mark.parametrize(
    "tried", ["Airflow's retry", "staged elsewhere", "triggered again", "triggered once more"]
)
def test_a_supplement_is_sent_again_as_it_was_by_whichever_try(
    undecided, events_db, staging_area, delivery, deliver, server, log, deleted, tried
):
    """The server was down at the first try: the state is failed, and what a person decided on is the same file."""
    for index in deleted:
        events_db.execute("delete from events where id = %s", [undecided[index]])
    again = supplement_of(changed(delivery, robot=True), 1)
    with pytest.MonkeyPatch.context() as down:
        down.setenv("AIRFLOW_CONN_SFTP_ACME", "sftp://acme:x@127.0.0.1:1/")
        with pytest.raises(RetryableError):
            deliver(again, decision=SEND_AGAIN)
    if tried == "staged elsewhere":
        staging_area.joinpath("acme", again.key, again.file_name).unlink()
    if tried.startswith("triggered"):
        deliver(again, decision=SEND_AGAIN if tried == "triggered again" else None)
    else:
        ensure_staged(again, run=None)
        run = UploadRun("dag", f"run of {again.kind}", decision=SEND_AGAIN, retrying=True, try_number=2)
        deliver_file(again, run, log)
    assert taken(server) == [[undecided[1]]] * 2
    assert (recorded(again).state, recorded(again).rows) == ("delivered", 1)


def test_a_try_after_it_was_sent_again_does_not_send_what_is_left(
    undecided, events_db, delivery, deliver, server, log
):
    """The task was killed behind its record: its next try finds all done, whatever is staged."""
    for index in (1, 2):
        events_db.execute("delete from events where id = %s", [undecided[index]])
    again = supplement_of(changed(delivery, robot=True), 1)
    deliver(again, decision=SEND_AGAIN)
    run = UploadRun("dag", f"run of {again.kind}", decision=SEND_AGAIN, retrying=True, try_number=2)
    deliver_file(again, run, log)
    assert taken(server) == [[undecided[1]]] * 2
    assert recorded(again).rows == 1


def test_no_empty_supplement_goes_out(undecided, events_db, staging_area, delivery, server, log):
    """What was decided on is not kept any more since it was staged, and what is staged holds nothing."""
    for index in (1, 2):
        events_db.execute("delete from events where id = %s", [undecided[index]])
    again = supplement_of(changed(delivery, robot=True), 1)
    extract_supplement(again)
    format_staged_events(again)
    for path in staging_area.rglob("supplement-1-*/kept-*"):
        path.unlink()
    with pytest.raises(RefusedError, match="holds no event"):
        deliver_file(again, UploadRun("dag", "another run", decision=SEND_AGAIN), log)
    assert taken(server) == [[undecided[1]]]


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


@pytest.mark.parametrize("decision", [None, ROBOT])
def test_an_exact_run_does_not_change_what_a_person_decides_of(
    events_db, delivery, deliver, server, log, decision
):
    """The robot has the redelivery: neither by itself nor with that said is the older version sent over it."""
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    server.behaviour = Behaviour(robot="[!.]*", robot_at=("rename",))
    insert_event(events_db, noon(DAY, 1))
    with pytest.raises(UnconfirmedError):
        deliver(delivery)
    before = taken(server)
    stage_exact(delivery)
    run = UploadRun("dag", "exact run", exact=True, decision=decision)
    with pytest.raises(UnconfirmedError) if decision is None else nullcontext():
        deliver_file(delivery_as_kept(delivery), run, log)
    if decision is None:
        deliver(delivery, decision=ROBOT)
    assert taken(server) == before
    assert (recorded(delivery).state, recorded(delivery).rows) == ("delivered", 2)


def test_an_exact_run_that_is_told_to_send_again_does(events_db, delivery, deliver, server, log):
    """Then the older version is what a person wants the client to have."""
    first = insert_event(events_db, noon(DAY))
    deliver(delivery)
    server.behaviour = Behaviour(robot="[!.]*", robot_at=("rename",))
    insert_event(events_db, noon(DAY, 1))
    with pytest.raises(UnconfirmedError):
        deliver(delivery)
    stage_exact(delivery)
    again = delivery_as_kept(changed(delivery, robot=True))
    deliver_file(again, UploadRun("dag", "exact run", exact=True, decision=SEND_AGAIN), log)
    assert taken(server)[-1] == [first]
    assert recorded(delivery).rows == 1
