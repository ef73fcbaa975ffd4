"""Is everybody told in time who is to be told, whoever else cannot be, and whenever the rules named them?"""

from __future__ import annotations

from event_delivery.incidents.alerts import alerts_file
from tests.incidents.conftest import ALERTS
from tests.incidents.test_watch import DISK, fail, write_all

BY_DAY = ALERTS.replace(
    "rules:\n  - send_to: [operators]",
    "timezone: UTC\nrules:\n  - {severity: error, send_to: [operators]}\n"
    '  - {severity: warning, hours: "20:00-21:00", send_to: [operators]}',
)


def test_what_gets_graver_does_not_wait_for_the_hours_of_what_it_was(watching, ledger, night):
    """A warning waits for the evening; when it becomes an error, the same people are told at once."""
    alerts_file().write_text(BY_DAY)
    watching.write(deliver_by="18:00")
    write_all(night)
    fail(ledger, night, DISK, 6, now=watching.now)
    assert watching.look() == []
    assert watching.subjects() == []
    for table, column in (("delivery_attempt", "started_at"), ("delivery_record", "failed_at")):
        of_night = "ended_at is null" if table == "delivery_attempt" else "state = 'failed'"
        earlier = f"set {column} = {column} - interval '4 hours'"
        ledger.execute(f"update event_delivery.{table} {earlier} where {of_night}")
    assert watching.look(minutes=10) == []
    assert watching.subjects() == ["[error] Destination acme: a delivery was given up"]


def test_what_began_before_the_rules_named_anybody_is_told_once_they_do(watching, ledger, night):
    """As after an upgrade, whose alerts.yaml names nobody."""
    alerts_file().write_text(ALERTS.replace("[operators]", "[]").replace("contact_sender: clients\n", ""))
    write_all(night)
    fail(ledger, night, DISK, 11, now=watching.now)
    assert watching.look() == []
    assert watching.subjects() == []
    alerts_file().write_text(ALERTS)
    for _ in range(3):
        assert watching.look(minutes=10) == []
    assert len(watching.subjects()) == 1


def test_one_address_that_bounces_keeps_nobody_else_from_being_told(watching, ledger, night, monkeypatch):
    """A client's contact that has left; the others' messages are sent in the same pass."""
    for name in ("acme", "birch", "cedar"):
        watching.write(name, contact=f"it@{name}.example")
        write_all(night, destination=name)
        fail(ledger, night, DISK, 11, now=watching.now, destination=name)
    watching.mail.bounces = {"it@acme.example"}
    told = watching.look()
    assert len(told) == 1
    for name in ("birch", "cedar"):
        assert len(watching.subjects(f"it@{name}.example")) == 1
    watching.mail.bounces = set()
    assert watching.look(minutes=10) == []
    assert len(watching.subjects("it@acme.example")) == 1


def test_a_sender_that_fails_everybody_is_left_alone_and_costs_no_tries(watching, ledger, night):
    """A mail server that is down for a day must not use up the tries of what it was never handed."""
    for number in range(6):
        watching.write(f"d{number}", contact=f"it@d{number}.example")
        write_all(night, destination=f"d{number}")
        fail(ledger, night, DISK, 11, now=watching.now, destination=f"d{number}")
    watching.mail.refuses = True
    assert watching.look() != []
    [(tried,)] = ledger.execute("select sum(tries) from event_delivery.incident_message").fetchall()
    assert tried == 3, "one to the operators, two to clients"
    watching.mail.refuses = False
    assert watching.look(minutes=10) == []
    assert {len(watching.subjects(f"it@d{number}.example")) for number in range(6)} == {1}
