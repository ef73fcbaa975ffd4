"""Is one night told once, whatever it is called meanwhile, and does an old one that waits hide no later one?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.incidents.test_told_again import CONTACT, begin, break_off, kept
from tests.incidents.test_watch import AWAY, DISK, deliver, fail, local, write_all

WAITING = {
    "unconfirmed": "[error] Destination acme: nobody can tell whether a file arrived",
    "held": "[warning] Destination acme: the number of events is out of line",
}


def let_wait(night, ledger, state, days_before=0):
    """Have a night, which nothing is known of or which was delivered, wait for a person."""
    known = "select from event_delivery.delivery_record where interval_start = %s"
    if ledger.execute(known, [local(days_before).start]).fetchone() is None:
        night(local(days_before))
    ledger.execute(
        "update event_delivery.delivery_record set state = %s, delivered_at = null, last_error = 'Who?' "
        "where interval_start = %s",
        [state, local(days_before).start],
    )


@pytest.mark.parametrize("name", ["acme", "birch"])
def test_a_night_that_began_late_and_then_fails_is_told_once_at_each_end(watching, ledger, night, name):
    """To operators and to the client, whether the night is one destination's or many others lack it, too."""
    for each in {"acme", name}:
        watching.write(each, contact=CONTACT, deliver_by="11:00")
        write_all(night, destination=each)
    watching.look()
    begin(ledger, night, watching.now)
    watching.look(minutes=10)
    break_off(ledger, DISK, watching.now, permanent=True)
    watching.look(minutes=10)
    told = watching.subjects()
    assert [subject.startswith("[error] Night of 2026-03-10: nothing has begun") for subject in told] == [True]
    assert set(watching.subjects(CONTACT)) == {"A file is missing"}
    for each in {"acme", name}:
        if each != "acme":
            begin(ledger, night, watching.now, each)
        deliver(ledger, each)
    watching.look(minutes=10)
    watching.look(minutes=10)
    assert [subject[:6] for subject in watching.subjects()] == ["[error", "[over]"]
    assert kept() == []


def test_the_next_night_that_fails_after_one_that_began_late_is_told(watching, ledger, night):
    """Nobody has heard of that."""
    watching.write(deliver_by="11:00")
    write_all(night)
    watching.look()
    begin(ledger, night, watching.now)
    break_off(ledger, DISK, watching.now, permanent=True)
    watching.look(minutes=10)
    assert len(watching.subjects()) == 1
    fail(ledger, night, DISK, 2, -1, permanent=True, now=watching.now + timedelta(hours=24))
    watching.look(hours=24)
    watching.look(minutes=10)
    assert watching.subjects()[1:] == ["[error] Destination acme: a delivery was given up"]


def test_whoever_did_not_hear_that_a_night_has_not_begun_hears_that_it_failed(watching, ledger, night, tmp_path):
    """A rule may name the one kind and not the other."""
    rules = "  - {send_to: [clients], kinds: [late, given_up]}\n  - {send_to: [operators], kinds: [not_begun]}\n"
    text = (tmp_path / "alerts.yaml").read_text().replace("  - send_to: [operators]\n", rules)
    text = text.replace("contact_sender: clients", "").replace('"{{ alert.to }}"', "second@example.org")
    (tmp_path / "alerts.yaml").write_text(text)
    watching.write(deliver_by="11:00")
    write_all(night)
    watching.look()
    begin(ledger, night, watching.now)
    break_off(ledger, DISK, watching.now)
    watching.look(minutes=10)
    watching.look(minutes=10)
    assert len(watching.subjects()) == 1
    assert watching.subjects("second@example.org") == ["[error] Destination acme: not delivered in time"]


@pytest.mark.parametrize("state", WAITING)
def test_an_old_night_that_waits_for_a_person_hides_no_later_one(watching, ledger, night, state):
    """Each is told once; the later one's is over when it is decided, while the old one goes on waiting."""
    write_all(night)
    night(local())
    let_wait(night, ledger, state, 0)
    watching.look()
    for days in (-1, -2, -3):
        night(local(days))
        watching.look(hours=24)
    assert watching.subjects() == [WAITING[state]]
    let_wait(night, ledger, state, -4)
    watching.look(hours=24)
    watching.look(minutes=10)
    assert watching.subjects()[1:] == [WAITING[state].replace("acme", "acme, since 2026-03-14")]
    deliver(ledger, days_before=-4)
    watching.look(minutes=10)
    assert len(watching.subjects()) == 3
    assert [days for _, _, days in kept()] == [["2026-03-10"]]


@pytest.mark.parametrize("state", WAITING)
def test_nights_that_wait_one_after_another_are_one_incident(watching, ledger, night, state):
    """Two mails a day would only say the same."""
    write_all(night)
    for days in (0, -1, -2):
        let_wait(night, ledger, state, days)
        watching.look(hours=24 if days else 0)
    assert watching.subjects() == [WAITING[state]]
    assert [len(days) for _, _, days in kept()] == [3]


@pytest.mark.parametrize("state", WAITING)
def test_what_is_old_when_it_is_first_seen_is_told_and_keeps_its_name(watching, ledger, night, state):
    """As after an upgrade; the latest night's is another incident."""
    write_all(night)
    for days in (9, 7, 0):
        let_wait(night, ledger, state, days)
    watching.look()
    watching.look(minutes=10)
    older = WAITING[state].replace("acme", "acme, older days")
    assert sorted(watching.subjects()) == sorted([WAITING[state], older])


@pytest.mark.parametrize("reason", ["away", "unconfirmed"])
def test_a_test_file_that_is_left_in_trouble_is_told_once(watching, ledger, night, reason):
    """However many days it lies there: it has no night."""
    write_all(night)
    night(local())
    if reason == "away":
        fail(ledger, night, AWAY, 11, 1, kind="test", now=watching.now)
    else:
        night(local(1), "failed", kind="test", last_error="A person decides.")
        ledger.execute(
            "update event_delivery.delivery_record set state = 'unconfirmed', delivered_at = null "
            "where kind = 'test'"
        )
    for days in range(-1, -9, -1):
        watching.look()
        night(local(days))
        watching.look(hours=24)
    assert len(watching.subjects()) == 1
