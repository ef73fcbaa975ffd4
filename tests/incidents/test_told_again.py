"""Is nobody told that something is over that is not, nor kept from hearing of something new?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from event_delivery.incidents.history import open_incidents, recent_incidents
from tests.incidents.test_watch import AWAY, DISK, KEY, LOGIN, deliver, fail, local, write_all

CONTACT = "it@acme.example"


def kept():
    """Return kind, thing and days of the open incidents."""
    return [
        (told.incident.kind, told.incident.concerns, [day for hit in told.incident.hits for day in hit.days])
        for told in open_incidents()
    ]


@pytest.mark.parametrize("is_default", [False, True])
def test_a_typo_in_a_file_does_not_end_what_was_told_before(watching, ledger, night, is_default):
    """Neither operators nor the client hear that it is over, nor of the same night once more."""
    watching.write(contact=CONTACT)
    write_all(night)
    fail(ledger, night, DISK, 11, now=watching.now)
    watching.look()
    defaults = watching.folder / "_defaults.yaml"
    if is_default:
        defaults.write_text("format: xml")
    else:
        watching.write(contact=CONTACT, nonsense=1)
    watching.look(minutes=10)
    watching.look(minutes=10)
    defaults.unlink(missing_ok=True)
    watching.write(contact=CONTACT)
    watching.look(minutes=10)
    assert watching.subjects(CONTACT) == ["A file could not be delivered"]
    assert [subject for subject in watching.subjects() if "quarantined" not in subject] == [
        "[error] Destination acme: a delivery was given up"
    ]
    deliver(ledger)
    watching.look(minutes=10)
    assert len(watching.subjects(CONTACT)) == 2


def test_what_many_share_keeps_a_destination_whose_file_is_wrong_meanwhile(watching, ledger, night):
    """While the others are in trouble, and also when they are not any more."""
    away = "sftp.acme.example:22, connecting: Connection refused. Check host and port."
    for name in ("acme", "birch"):
        watching.write(name)
        night(local(1), destination=name)
        fail(ledger, night, away, 4, destination=name, now=watching.now)
    watching.look()
    watching.write("birch", nonsense=1)
    watching.look(minutes=10)
    deliver(ledger)
    watching.look(minutes=30)
    watching.write("birch")
    watching.look(minutes=30)
    server = [subject for subject in watching.subjects() if "cannot be reached" in subject]
    assert server == ["[error] Server sftp.acme.example:22 cannot be reached (2 destinations)"]
    deliver(ledger, "birch")
    watching.look(minutes=30)
    assert len([subject for subject in watching.subjects() if "cannot be reached" in subject]) == 2


@pytest.mark.parametrize("how", ["disabled", "removed"])
def test_the_client_of_a_destination_that_nobody_wants_any_more_is_not_told_that_all_is_well(
    watching, ledger, night, how
):
    """Nothing came; the incident is over without a word to it."""
    watching.write("birch")
    watching.write(contact=CONTACT)
    write_all(night)
    fail(ledger, night, DISK, 11, now=watching.now)
    watching.look()
    if how == "disabled":
        watching.write(contact=CONTACT, enabled=False)
    else:
        (watching.folder / "acme.yaml").unlink()
    assert watching.look(minutes=10) == []
    assert watching.subjects(CONTACT) == ["A file could not be delivered"]
    assert watching.subjects()[1:] == ["[over] Destination acme: a delivery was given up"]
    [closed] = recent_incidents(watching.now - timedelta(days=1))
    assert "failed" not in {message.state for message in closed.messages}


def test_a_day_that_lies_too_far_back_to_be_looked_at_is_not_told_as_delivered(watching, ledger, night):
    """To no client: nothing came."""
    watching.write(contact=CONTACT)
    write_all(night, 89)
    fail(ledger, night, DISK, 11, 90, now=watching.now)
    night(local())
    watching.look()
    assert watching.subjects(CONTACT) == ["A file could not be delivered"]
    night(local(-1))
    watching.look(hours=24)
    assert kept() == []
    assert watching.subjects(CONTACT) == ["A file could not be delivered"]


def fail_before_upload(ledger, night, now):
    """Have the latest night fail now, before any attempt to upload it."""
    night(local(), "failed", last_error="acme: the staged file is gone.")
    ledger.execute(
        "delete from event_delivery.delivery_attempt as made using event_delivery.delivery_record as recorded "
        "where made.delivery_id = recorded.id and recorded.state = 'failed'"
    )
    ledger.execute("update event_delivery.delivery_record set failed_at = %s where state = 'failed'", [now])


def test_a_night_whose_upload_has_not_begun_is_not_given_up_while_its_run_may_wait(watching, ledger, night):
    """For the source again, or a busy host; where its run is over, that is said at once."""
    watching.write(contact=CONTACT, deliver_by="23:00", wait_for_source="6h")
    write_all(night)
    fail_before_upload(ledger, night, watching.now)
    watching.look(minutes=11)
    watching.look(hours=8)
    assert watching.subjects(CONTACT) == []
    ledger.execute(
        "update event_delivery.delivery_record set last_error = %s where state = 'failed'",
        ["The run was ended before it was through: it took too long. Deliver the day again."],
    )
    watching.look(minutes=1)
    assert watching.subjects(CONTACT) == ["A file could not be delivered"]


def test_a_night_that_nothing_is_seen_of_any_more_is_given_up(watching, ledger, night):
    """Later than any run of it may wait."""
    watching.write(contact=CONTACT, deliver_by="23:00")
    write_all(night)
    fail_before_upload(ledger, night, watching.now)
    watching.look(hours=4, minutes=16)
    assert watching.subjects(CONTACT) == ["A file could not be delivered"]


def begin(ledger, night, now, destination="acme"):
    """Have the latest night be uploaded for the first time."""
    night(local(), "uploading", destination=destination)
    ledger.execute(
        "update event_delivery.delivery_attempt as made set started_at = %s "
        "from event_delivery.delivery_record as recorded "
        "where made.delivery_id = recorded.id and recorded.state = 'uploading'",
        [now],
    )


def break_off(ledger, reason, at, permanent=False, destination="acme"):
    """Have the night that is not delivered fail for a reason at an instant."""
    ledger.execute(
        "update event_delivery.delivery_record set state = 'failed', last_error = %s, failed_at = %s, "
        "permanent = %s where (destination, interval_start) = (%s, %s)",
        [reason, at, permanent, destination, local().start],
    )


@pytest.mark.parametrize("reason", [DISK, AWAY])
@pytest.mark.parametrize("old", ["given up", "missing"])
def test_an_old_night_that_was_left_keeps_nobody_from_hearing_of_tonight_s(watching, ledger, night, old, reason):
    """It is an incident of its own, told once; tonight's is told when it is in trouble."""
    for days in range(14, 0, -1):
        if days != 9:
            night(local(days))
    if old == "given up":
        fail(ledger, night, reason, 11, 9, minutes_ago=8 * 24 * 60, now=watching.now)
    begin(ledger, night, watching.now)
    watching.look()
    break_off(ledger, reason, watching.now)
    watching.look(minutes=10)
    watching.look(minutes=10)
    first, second = watching.subjects()
    assert first.startswith("[error] Destination acme, older days: ")
    assert second in (
        "[error] Destination acme: not delivered in time",
        "[error] Server sftp.acme.example:22 cannot be reached",
    )
    deliver(ledger)
    watching.look(minutes=20)
    assert watching.subjects()[2:] == [second.replace("[error]", "[over]")]


@pytest.mark.parametrize("reason", [DISK, AWAY])
def test_a_night_that_becomes_old_while_its_incident_is_open_says_nothing_more(watching, ledger, night, reason):
    """And what fails after a night that was well is told anew, by its date."""
    write_all(night)
    fail(ledger, night, reason, 11, now=watching.now)
    watching.look()
    for days in (-1, -2, -3):
        night(local(days))
        watching.look(hours=24)
        watching.look(minutes=10)
    assert len(watching.subjects()) == 1
    fail(ledger, night, reason, 11, -4, now=watching.now + timedelta(hours=24))
    watching.look(hours=24)
    watching.look(minutes=10)
    _, second = watching.subjects()
    assert ", since 2026-03-14" in second
    deliver(ledger)
    watching.look(minutes=20)
    assert [subject.startswith("[over]") for subject in watching.subjects()] == [False, False, True]
    assert [days for _, _, days in kept()] == [["2026-03-14"]]


def test_an_outage_of_many_nights_stays_one_incident(watching, ledger, night):
    """However long it lasts, with the night that nobody has begun."""
    write_all(night)
    for days in range(0, -6, -1):
        fail(ledger, night, DISK, 11, days, now=watching.now)
        watching.look()
        watching.look(hours=24)
    assert watching.subjects() == ["[error] Destination acme: a delivery was given up"]
    assert [len(days) for _, _, days in kept()] == [7]


@pytest.mark.parametrize("with_tonight", [False, True])
def test_a_backfill_in_vain_is_the_same_dead_server_s_incident(watching, ledger, night, with_tonight):
    """One mail at each end, whichever dates are tried, of however many destinations."""
    for name in ("acme", "birch"):
        watching.write(name)
        for days in range(14, -1, -1):
            if days not in (0, 5, 6):
                night(local(days), destination=name)
        begin(ledger, night, watching.now, name)
        for days in (6, 5):
            fail(ledger, night, AWAY, 4, days, now=watching.now, destination=name)
    watching.look()
    for name in ("acme", "birch") if with_tonight else ():
        break_off(ledger, AWAY, watching.now + timedelta(minutes=9), destination=name)
    watching.look(minutes=10)
    server = "Server sftp.acme.example:22 cannot be reached (2 destinations)"
    assert watching.subjects() == [f"[error] {server}"]
    for name in ("acme", "birch"):
        for days in (6, 5, 0):
            deliver(ledger, name, days)
    watching.look(minutes=20)
    assert watching.subjects()[1:] == [f"[over] {server}"]


def test_a_backfill_that_fails_by_itself_does_not_hide_tonight_s_failure(watching, ledger, night):
    """The disk is full for both, and two days are told: who backfills need not look at tonight."""
    for days in range(14, 0, -1):
        if days != 6:
            night(local(days))
    fail(ledger, night, DISK, 6, 6, now=watching.now)
    begin(ledger, night, watching.now)
    watching.look()
    break_off(ledger, DISK, watching.now)
    watching.look(minutes=10)
    assert len(watching.subjects()) == 2


def test_one_statement_that_fails_is_not_the_source_s_outage(watching, ledger, night):
    """A real one is told."""
    write_all(night)
    fail(ledger, night, 'events_db: column "x" does not exist', 1, now=watching.now, permanent=True)
    watching.look()
    assert watching.subjects() == ["[error] Destination acme: not delivered in time"]
    watching.source = "events_db: connection refused"
    watching.look(minutes=10)
    assert watching.subjects()[1:] == ["[error] The source gives no answer, or refuses"]


def test_a_night_that_begins_late_is_not_over_before_it_is_delivered(watching, ledger, night):
    """The client has no file yet."""
    watching.write(contact=CONTACT, deliver_by="11:00")
    write_all(night)
    watching.look()
    begin(ledger, night, watching.now)
    watching.look(minutes=10)
    assert watching.subjects(CONTACT) == ["A file is missing"]
    deliver(ledger)
    watching.look(minutes=10)
    assert watching.subjects(CONTACT) == ["A file is missing", "Over: A file is missing"]


@pytest.mark.parametrize("reason", [LOGIN, KEY])
def test_what_a_server_refused_is_not_over_as_another_reason_follows(watching, ledger, night, reason):
    """It is when the file is there."""
    watching.write(contact=CONTACT, deliver_by="23:00")
    write_all(night)
    fail(ledger, night, reason, 1, permanent=True, now=watching.now)
    watching.look()
    break_off(ledger, DISK, watching.now + timedelta(minutes=9))
    watching.look(minutes=10)
    assert len(watching.subjects(CONTACT)) == 1
    deliver(ledger)
    watching.look(minutes=10)
    assert [subject[:5] for subject in watching.subjects(CONTACT)][1:] == ["Over:"]


def test_missing_days_of_a_paused_destination_are_not_over(watching, night):
    """Nothing came; what it lacks from then on is not told."""
    watching.write(contact=CONTACT)
    for days in range(14, -1, -1):
        if days != 8:
            night(local(days))
    watching.look()
    watching.paused = {"acme"}
    watching.look(minutes=10)
    watching.look(hours=24)
    assert watching.subjects(CONTACT) == ["A file is missing"]
    night(local(8))
    watching.look(minutes=10)
    assert watching.subjects(CONTACT)[1:] == ["Over: A file is missing"]
