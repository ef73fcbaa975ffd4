"""The ledger is restored to an older state, and knows nothing of files that the client has."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from event_delivery.completeness.__main__ import main
from event_delivery.completeness.look_back import look_back
from event_delivery.delivery import ROBOT, SEND_AGAIN, Delivery, supplement_of
from event_delivery.destinations import Destination
from event_delivery.errors import RefusedError, RetryableError
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.comparisons import ComparisonRecord
from event_delivery.ledger.records import DeliveryRecord
from event_delivery.staging import find_kept
from event_delivery.upload import UnconfirmedError
from local_servers.sftp_server import SftpServer
from local_servers.sftp_users import SftpUser
from tests.completeness.deliveries import received
from tests.completeness.ledger_backup import age_kept, back_up, restore
from tests.faults.behaviour import Behaviour
from tests.faults.server import FaultyServer
from tests.sample_events import COMPANY, DAY, insert_event, noon
from tests.sftp_logins import PASSWORD, confirmed_uri

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)


def found(destination: Destination) -> ComparisonRecord:
    """Return what the ledger says of the day's comparison."""
    with open_ledger_reading() as ledger:
        (record,) = ledger.read_comparisons([destination.id], NOW - timedelta(days=9), NOW)
    return record


def changed(delivery: Delivery, **fields: Any) -> Delivery:
    """Return the delivery by an edited YAML."""
    return replace(delivery, destination=delivery.destination.model_copy(update=fields))


def recorded(delivery: Delivery) -> DeliveryRecord | None:
    """Return what the ledger says of a delivery."""
    start, end = delivery.interval
    with open_ledger_reading() as ledger:
        return ledger.find_delivery(
            delivery.destination.id, delivery.event, delivery.kind, start, start + timedelta(seconds=1), end
        )


def cut_off(events_db: Any, delivery: Delivery, deliver: Any) -> None:
    """Make an attempt whose task is killed before it connects."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_SFTP_ACME", "sftp://acme:x@127.0.0.1:1/")
        with pytest.raises(RetryableError):
            deliver(delivery)
    events_db.execute(
        "update event_delivery.delivery_attempt set ended_at = null, error = null, permanent = null "
        "where id = (select max(id) from event_delivery.delivery_attempt)"
    )
    events_db.execute("update event_delivery.delivery_record set state = 'uploading' where state = 'failed'")


def files_of(server: Any) -> dict[str, int]:
    """Return when each of the client's files was written last."""
    return {path.name: path.stat().st_mtime_ns for path in server.user_folder("acme").iterdir()}


@pytest.fixture
def backed_up(events_db, delivery, deliver) -> None:
    """A ledger that knows of the day before alone."""
    day = delivery.destination.day(DAY - timedelta(days=1))
    deliver(replace(delivery, interval_start=day.start, interval_end=day.end))
    back_up(events_db)
    insert_event(events_db, noon(DAY))


@pytest.mark.usefixtures("backed_up")
@pytest.mark.parametrize("edit", [{}, {"transfer_id": 77}, {"format": "csv"}])
def test_a_forgotten_night_is_adopted_where_it_is_seen(events_db, sftp_server, delivery, deliver, edit):
    """Nothing is sent again, whatever came late or was edited since; the ledger says when the client got it."""
    deliver(delivery)
    (kept,), before = find_kept(delivery), files_of(sftp_server)
    restore(events_db)
    insert_event(events_db, noon(DAY, 1))
    deliver(changed(delivery, **edit))
    assert files_of(sftp_server) == before
    record = recorded(delivery)
    assert (record.state, record.file_name, record.rows) == ("delivered", kept.file_name, 1)
    assert (record.sha256, record.delivered_at) == (kept.manifest.sha256, kept.delivered_at)
    assert find_kept(delivery) == [kept]


@pytest.mark.usefixtures("backed_up")
def test_an_adopted_night_gets_supplements_although_an_attempt_was_cut_off(
    events_db, staging_area, delivery, deliver
):
    """The attempt that adopted it came after; one that is cut off later may have sent something all the same."""
    deliver(delivery)
    age_kept(staging_area)
    restore(events_db)
    cut_off(events_db, delivery, deliver)
    deliver(delivery, retrying=True, try_number=2)
    insert_event(events_db, noon(DAY, 1))
    deliver(supplement_of(delivery, 1))
    cut_off(events_db, delivery, deliver)
    with pytest.raises(RefusedError, match="is delivered again, and that is not over"):
        deliver(supplement_of(delivery, 2))


@pytest.mark.usefixtures("backed_up")
@pytest.mark.parametrize("robot", [False, True])
@pytest.mark.parametrize("decision", [ROBOT, SEND_AGAIN])
def test_a_forgotten_night_that_is_not_seen_waits_for_a_person(
    events_db, sftp_server, staging_area, delivery, deliver, robot, decision
):
    """A robot took it, or the client moved it: nothing is sent until somebody decides."""
    delivery = changed(delivery, robot=robot)
    deliver(delivery)
    age_kept(staging_area)
    (kept,) = find_kept(delivery)
    next(sftp_server.user_folder("acme").glob(f"*{kept.file_name[-12:]}")).unlink()
    before = files_of(sftp_server)
    restore(events_db)
    late = insert_event(events_db, noon(DAY, 1))
    for _ in range(2):
        with pytest.raises(UnconfirmedError, match="was the ledger restored to an older state"):
            deliver(delivery)
        assert files_of(sftp_server) == before
        assert recorded(delivery).state == "unconfirmed"
    deliver(delivery, decision=decision)
    record = recorded(delivery)
    if decision == ROBOT:
        assert files_of(sftp_server) == before
        assert (record.rows, record.delivered_at) == (1, kept.delivered_at)
    else:
        assert late in received(sftp_server)
        assert record.rows == 2
    assert record.state == "delivered"


def test_the_client_has_it_says_nothing_of_a_robot(
    server_of_robot, backed_up, events_db, staging_area, delivery, deliver
):
    """A person had moved the file: one that vanishes the night after is as doubtful as ever."""
    deliver(delivery)
    age_kept(staging_area)
    next(server_of_robot.folder.rglob(f"*{delivery.file_name[-12:]}")).unlink()
    restore(events_db)
    with pytest.raises(UnconfirmedError):
        deliver(delivery)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_SFTP_ACME", "sftp://acme:x@127.0.0.1:1/")
        with pytest.raises(RetryableError):
            deliver(delivery, decision=ROBOT)
    deliver(delivery, decision=ROBOT, retrying=True, try_number=2)
    assert recorded(delivery).state == "delivered"
    server_of_robot.behaviour = Behaviour(robot="[!.]*", robot_at=("rename",))
    with pytest.raises(UnconfirmedError):
        deliver(delivery, decision=ROBOT)  # that run, once it is cleared
    day = delivery.destination.day(DAY + timedelta(days=1))
    insert_event(events_db, noon(DAY + timedelta(days=1)))
    with pytest.raises(UnconfirmedError):
        deliver(replace(delivery, interval_start=day.start, interval_end=day.end))


@pytest.mark.usefixtures("backed_up")
def test_a_file_that_the_client_has_is_not_sent_over_what_lies_there(
    events_db, sftp_server, staging_area, delivery, deliver
):
    """The client has put something of its own under the name, and a person says that the client has the file."""
    deliver(delivery)
    age_kept(staging_area)
    restore(events_db)
    path = next(sftp_server.user_folder("acme").glob(f"*{delivery.file_name[-12:]}"))
    path.write_text("[]\n")
    with pytest.raises(UnconfirmedError):
        deliver(delivery)
    deliver(delivery, decision=ROBOT)
    assert path.read_text() == "[]\n"
    assert (recorded(delivery).state, recorded(delivery).rows) == ("delivered", 1)


@pytest.mark.usefixtures("backed_up")
def test_other_bytes_under_its_name_are_not_adopted(events_db, sftp_server, delivery, deliver):
    """A client's server changed the file, with as many bytes: a person decides."""
    deliver(delivery)
    restore(events_db)
    path = next(sftp_server.user_folder("acme").glob(f"*{delivery.file_name[-12:]}"))
    path.write_text(path.read_text().replace("New Student", "Old Student"))
    with pytest.raises(UnconfirmedError):
        deliver(delivery)
    assert "Old Student" in path.read_text()


@pytest.mark.usefixtures("backed_up")
def test_what_the_ledger_knows_is_delivered_again_when_asked(events_db, sftp_server, delivery, deliver):
    """A cleared run of a day that nobody forgot sends the day as it is now."""
    deliver(delivery)
    late = insert_event(events_db, noon(DAY, 1))
    deliver(delivery)
    assert late in received(sftp_server)
    assert recorded(delivery).attempts == 2


@pytest.fixture
def supplemented(events_db, delivery, deliver, staging_area) -> list[str]:
    """A night with two supplements, of all of which the ledger knows the night alone; returns the ids."""
    ids = [insert_event(events_db, noon(DAY))]
    deliver(delivery)
    back_up(events_db)
    for number in (1, 2):
        ids.append(insert_event(events_db, noon(DAY, number)))
        deliver(supplement_of(delivery, number))
    age_kept(staging_area)
    restore(events_db)
    return ids


def test_no_supplement_is_started_where_the_ledger_has_forgotten_one(supplemented, delivery, sftp_server, deliver):
    """It is reported, with what to do; each number, triggered in turn, sends nothing, and then all is known."""
    destination = changed(delivery, late_events="supplement").destination
    before = files_of(sftp_server)
    assert look_back(destination, NOW) == []
    handling = found(destination).handling
    assert "the ledger knows nothing of courseCompletion-supplement-1-" in handling
    assert handling.endswith("trigger supplement 1, which sends nothing by itself")
    with pytest.raises(RefusedError, match=r"supplement-1-.*restored to an older state\? Deliver that first"):
        deliver(supplement_of(delivery, 2))
    for number in (1, 2):
        deliver(supplement_of(delivery, number))
        assert recorded(supplement_of(delivery, number)).rows == 1
    assert files_of(sftp_server) == before
    assert look_back(destination, NOW + timedelta(hours=26)) == []
    assert not found(destination).differs
    assert received(sftp_server) == sorted(supplemented)


@pytest.mark.usefixtures("supplemented")
def test_a_forgotten_supplement_whose_events_are_gone_is_adopted_all_the_same(
    events_db, delivery, sftp_server, deliver
):
    """The source has lost what it brought: nothing is late, and still the client has it."""
    events_db.execute("""delete from events where "timestamp" > %s""", [noon(DAY)])
    before = files_of(sftp_server)
    deliver(supplement_of(delivery, 1))
    assert files_of(sftp_server) == before
    assert recorded(supplement_of(delivery, 1)).state == "delivered"


@pytest.mark.usefixtures("supplemented")
def test_a_number_before_a_forgotten_one_is_not_made(delivery, deliver, staging_area, sftp_server):
    """What supplement 1 held is not kept any more, and supplement 2, which came after it, holds late events."""
    for path in staging_area.rglob("supplement-1-*/*"):
        path.unlink()
    before = files_of(sftp_server)
    with pytest.raises(RefusedError, match=r"supplement-2-.*Deliver the whole day again"):
        deliver(supplement_of(delivery, 1))
    assert files_of(sftp_server) == before


@pytest.mark.usefixtures("supplemented")
def test_a_night_that_is_not_kept_is_not_sent_where_its_supplement_is(
    events_db, delivery, deliver, staging_area, sftp_server
):
    """It was delivered before, for it has a supplement: a person says whether the client may have it again."""
    events_db.execute("truncate event_delivery.delivery_record cascade")
    for path in staging_area.rglob("nightly-*/kept-*"):
        path.unlink()
    for path in sftp_server.user_folder("acme").iterdir():
        path.unlink()
    with pytest.raises(RefusedError, match=r"supplement-1-.*so its day was delivered before"):
        deliver(delivery)
    assert files_of(sftp_server) == {}
    deliver(delivery, decision=SEND_AGAIN)
    assert list(files_of(sftp_server)) == [delivery.file_name]
    assert recorded(delivery).rows == 3


@pytest.mark.parametrize("wish", ["supplement", "redeliver"])
def test_nothing_is_started_where_the_ledger_has_forgotten_a_redelivery(events_db, delivery, deliver, wish):
    """The client has the whole day as it was later: what the ledger says of it is no ground to send anything."""
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    back_up(events_db)
    insert_event(events_db, noon(DAY, 1))
    deliver(delivery)
    restore(events_db)
    destination = changed(delivery, late_events=wish).destination
    assert look_back(destination, NOW) == []
    assert "clear the run of that day, which sends the whole day again" in found(destination).handling
    with pytest.raises(RefusedError, match="Deliver that first"):
        deliver(supplement_of(delivery, 1))


@pytest.mark.parametrize("deleted", [False, True])
def test_a_supplement_that_came_again_is_not_made_anew_where_the_ledger_has_forgotten_that(
    events_db, sftp_server, staging_area, delivery, deliver, deleted
):
    """Nobody had it sent a third time, and what the source holds by now may be nothing at all."""
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    ids = [insert_event(events_db, noon(DAY, 1))]
    deliver(supplement_of(delivery, 1))
    back_up(events_db)
    ids.append(insert_event(events_db, noon(DAY, 2)))
    deliver(supplement_of(delivery, 1))
    age_kept(staging_area)
    restore(events_db)
    if deleted:
        events_db.execute("delete from events where id = any(%s)", [ids])
    before = files_of(sftp_server)
    with pytest.raises(
        RefusedError, match=r"supplement-1-.*Then clear the run of that day, which sends the whole day"
    ):
        deliver(supplement_of(delivery, 1))
    assert files_of(sftp_server) == before
    deliver(delivery)
    insert_event(events_db, noon(DAY, 3))
    deliver(supplement_of(delivery, 2))
    assert recorded(supplement_of(delivery, 2)).rows == 1


def test_an_older_supplement_is_not_sent_again(events_db, sftp_server, delivery, deliver):
    """After a later one, or after the whole day, it would bring events twice or take some back."""
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    for number in (1, 2):
        insert_event(events_db, noon(DAY, number))
        deliver(supplement_of(delivery, number))
    insert_event(events_db, noon(DAY, 3))
    before = files_of(sftp_server)
    with pytest.raises(RefusedError, match=r"later ones came.*Trigger supplement 3 instead"):
        deliver(supplement_of(delivery, 1))
    assert files_of(sftp_server) == before
    deliver(delivery)
    insert_event(events_db, noon(DAY, 4))
    with pytest.raises(RefusedError, match=r"the whole day came again after it.*Trigger supplement 3 instead"):
        deliver(supplement_of(delivery, 2))
    deliver(supplement_of(delivery, 3))
    assert recorded(supplement_of(delivery, 3)).rows == 1


@pytest.fixture
def server_of_robot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    """A server that can behave as one where a robot takes files."""
    with FaultyServer(tmp_path / "robot") as server:
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(server, "acme", PASSWORD))
        yield server


def command(capsys, *options: str) -> tuple[int, str]:
    """Run `python -m event_delivery.completeness restored`; returns exit status and output."""
    capsys.readouterr()
    status = main(["restored", *options])
    shown = capsys.readouterr()
    return status, (shown.out + shown.err)


def test_one_command_lists_what_the_ledger_has_forgotten(
    supplemented, events_db, delivery, deliver, staging_area, capsys
):
    """Of every destination and day, with what a person does; nothing once all is known."""
    status, text = command(capsys)
    assert status == 1
    first, second = (line for line in text.splitlines() if line.startswith("acme, courseCompletion, 2026-03-09: "))
    assert first.endswith("trigger supplement 1, which sends nothing by itself")
    assert "supplement-2-" in second
    listed = json.loads(command(capsys, "--json")[1])
    assert [(each["supplement"], each["rows"], each["state"]) for each in listed] == [(1, 1, None), (2, 1, None)]
    for number in (1, 2):
        deliver(supplement_of(delivery, number))
    assert command(capsys, "--json") == (0, "[]\n")
    events_db.execute("truncate event_delivery.delivery_record cascade")
    listed = json.loads(command(capsys, "--json")[1])
    assert [each["supplement"] for each in listed] == [0, 1, 2]
    assert listed[0]["do"] == "trigger or clear a run of that day, which sends nothing by itself"


def test_what_was_delivered_and_never_forgotten_is_not_listed(
    events_db, delivery, deliver, server_of_robot, capsys
):
    """Redelivered days, supplements that the day has replaced, an unconfirmed delivery that waits for a person."""
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    insert_event(events_db, noon(DAY, 1))
    deliver(supplement_of(delivery, 1))
    insert_event(events_db, noon(DAY, 2))
    deliver(delivery)
    insert_event(events_db, noon(DAY, 3))
    server_of_robot.behaviour = Behaviour(robot="[!.]*", robot_at=("rename",))
    with pytest.raises(UnconfirmedError):
        deliver(supplement_of(delivery, 2))
    assert command(capsys)[0] == 0


def test_what_cannot_be_read_is_not_called_known(monkeypatch, capsys):
    """Without the ledger nobody can tell: exit status 2, and a sentence."""
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", "postgresql://a:b@127.0.0.1:1/c")
    status, text = command(capsys)
    assert status == 2
    assert "127.0.0.1" in text


@pytest.mark.usefixtures("backed_up")
def test_a_night_of_another_time_zone_is_adopted_by_its_own_run_alone(
    events_db, sftp_server, delivery, deliver, capsys, tmp_path, monkeypatch
):
    """A run of that day would carry another interval now, and send it: the command does not name that as safe."""
    deliver(delivery)
    before = files_of(sftp_server)
    restore(events_db)
    (tmp_path / "zones").mkdir()
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path / "zones"))
    for zone, said in (
        ("Europe/Berlin", "trigger none"),
        (str(delivery.destination.timezone), "trigger or clear"),
    ):
        (tmp_path / "zones/acme.yaml").write_text(f"client: a\ncompany_id: {COMPANY}\ntimezone: {zone}\n")
        assert said in command(capsys)[1]
    deliver(changed(delivery, timezone="Europe/Berlin"))
    assert files_of(sftp_server) == before
    assert command(capsys)[0] == 0


@pytest.mark.usefixtures("backed_up")
def test_an_undecided_night_stays_listed_until_somebody_decides(
    events_db, sftp_server, staging_area, delivery, deliver, capsys
):
    """It is unconfirmed now, and the page asks."""
    deliver(delivery)
    age_kept(staging_area)
    for path in sftp_server.user_folder("acme").iterdir():
        path.unlink()
    restore(events_db)
    with pytest.raises(UnconfirmedError):
        deliver(delivery)
    status, text = command(capsys)
    assert status == 1
    assert text.strip().endswith("decide on the Deliveries page")
    deliver(delivery, decision=ROBOT)
    assert command(capsys)[0] == 0


def test_a_rehearsed_file_is_no_client_s(events_db, sftp_server, delivery, deliver, tmp_path, capsys):
    """Rehearsed with a ledger of its own, then delivered really, with a new one, from the same staging area."""
    insert_event(events_db, noon(DAY))
    with (
        SftpServer(tmp_path / "rehearsal", [SftpUser("us", PASSWORD, "us")]) as ours,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("AIRFLOW_CONN_REHEARSAL_SERVER", confirmed_uri(ours, "us", PASSWORD, "/tried"))
        patch.setenv("EVENT_DELIVERY_REHEARSAL", "rehearsal_server")
        deliver(delivery)
    events_db.execute("drop schema event_delivery cascade")
    assert command(capsys)[0] == 0
    deliver(delivery)
    assert [path.name for path in sftp_server.user_folder("acme").iterdir()] == [delivery.file_name]


@pytest.fixture
def rehearsed(delivery, deliver, tmp_path) -> Callable[..., None]:
    """Deliver as an instance that rehearses does, to our own server, from the staging area of the real one."""

    def run(to: Delivery = delivery, **asked: Any) -> None:
        with (
            SftpServer(tmp_path / "rehearsal", [SftpUser("us", PASSWORD, "us")]) as ours,
            pytest.MonkeyPatch.context() as patch,
        ):
            patch.setenv("AIRFLOW_CONN_REHEARSAL_SERVER", confirmed_uri(ours, "us", PASSWORD, "/tried"))
            patch.setenv("EVENT_DELIVERY_REHEARSAL", "rehearsal_server")
            deliver(to, **asked)

    return run


def test_a_rehearsal_is_not_asked_of_what_clients_have(events_db, sftp_server, delivery, deliver, rehearsed):
    """It has a ledger of its own, no older state of the real one: night and supplement go to our server."""
    insert_event(events_db, noon(DAY))
    deliver(delivery)
    insert_event(events_db, noon(DAY, 1))
    deliver(supplement_of(delivery, 1))
    before = files_of(sftp_server)
    events_db.execute("drop schema event_delivery cascade")
    rehearsed()
    insert_event(events_db, noon(DAY, 2))
    rehearsed(supplement_of(delivery, 1))
    assert files_of(sftp_server) == before
    assert recorded(supplement_of(delivery, 1)).state == "delivered"


@pytest.mark.usefixtures("backed_up")
def test_a_rehearsal_does_not_hide_what_a_client_has(events_db, sftp_server, delivery, deliver, rehearsed):
    """The same bytes went to our server since, and the real ledger is restored: the client's file is adopted."""
    deliver(delivery)
    (kept,), before = find_kept(delivery), files_of(sftp_server)
    events_db.execute("drop schema if exists aside cascade")
    events_db.execute("alter schema event_delivery rename to aside")
    rehearsed()
    assert find_kept(delivery) == [kept]
    events_db.execute("drop schema event_delivery cascade")
    events_db.execute("alter schema aside rename to event_delivery")
    restore(events_db)
    deliver(delivery)
    assert files_of(sftp_server) == before
    assert recorded(delivery).delivered_at == kept.delivered_at


def test_a_real_delivery_takes_a_rehearsed_file_over(events_db, delivery, deliver, rehearsed):
    """The same bytes: the client has them now."""
    insert_event(events_db, noon(DAY))
    rehearsed()
    assert [kept.rehearsal for kept in find_kept(delivery)] == [True]
    events_db.execute("drop schema event_delivery cascade")
    deliver(delivery)
    assert [kept.rehearsal for kept in find_kept(delivery)] == [False]
