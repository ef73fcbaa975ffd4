"""Is each incident told once at each end, whatever holds, dies, restarts or cannot be sent?"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from event_delivery.incidents.alerts import Alerts, Rule, Sender
from event_delivery.incidents.findings import Finding, Look
from event_delivery.incidents.kinds import KINDS
from event_delivery.incidents.recording import Watched, record_pass
from event_delivery.incidents.telling import send_messages
from event_delivery.ledger.incidents import Hit, IncidentRecord
from tests.incidents.conftest import DirectLedger

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
SETTLE = timedelta(minutes=15)
RECIPIENTS = ("mail", "pager")
SENDER = Sender(notifier="a.b")
ALERTS = Alerts(
    senders=dict.fromkeys(RECIPIENTS, SENDER), rules=(Rule(send_to=("mail",)), Rule(send_to=("pager", "mail")))
)
KEYS = (
    ("given_up", "destination acme"),
    ("late", "destination acme"),  # the same incident by another name
    ("server_unreachable", "server sftp.acme.example:22"),
    ("source_unreachable", "the source"),
    ("quarantined", "destination birch"),
)
TOPICS = sorted({KINDS[kind].topic for kind, _ in KEYS})


class KilledError(BaseException):
    """The process is gone."""


class Outbox:
    """Stands for a mail server that fails, or whose client dies, when the test says so."""

    def __init__(self):
        self.sent = []
        self.fault = None

    def write(self, incident: IncidentRecord, recipient: str, ending: str):
        return incident.concerns, KINDS[incident.kind].topic, incident.opened_at, ending

    def send(self, recipient, message):
        if self.fault == "dies before":
            raise KilledError
        if self.fault == "refuses":
            raise OSError
        self.sent.append((recipient, *message))
        if self.fault == "dies after":
            raise KilledError


def finding(kind: str, concerns: str) -> Finding:
    return Finding(kind, concerns, "a cause", (Hit("acme", days=("2026-03-01",)),))


def run_pass(ledger: DirectLedger, outbox: Outbox, look: Look, is_recorded: bool = True) -> None:
    watched = Watched(look, ALERTS, {}, settle=SETTLE)
    try:
        with ledger.connection.transaction() as transaction:
            ledger.ask(record_pass, watched)
            if not is_recorded:
                raise psycopg.Rollback(transaction)
        send_messages(ledger, outbox, lambda: look.at)
    except KilledError:
        pass


class Model:
    """What should be told, by a reading of the rules of its own."""

    def __init__(self):
        self.open = {}
        self.begun = []
        self.over = []

    def look(self, at, kinds, blind):
        held = {(KINDS[kind].topic, concerns): kind for kind, concerns in kinds if KINDS[kind].topic not in blind}
        for key, kind in held.items():
            opened, _, _ = self.open.get(key, (at, None, None))
            if key not in self.open:
                self.begun.append((key, at))
            self.open[key] = (opened, at, kind)
        for key, (opened, seen, kind) in list(self.open.items()):
            waits = SETTLE if KINDS[kind].flaps else timedelta(0)
            if key not in held and key[0] not in blind and at - seen >= waits:
                self.over.append((key, opened))
                del self.open[key]


STEP = st.tuples(
    st.sets(st.sampled_from(KEYS)),
    st.sets(st.sampled_from(TOPICS), max_size=2),
    st.sampled_from([None, None, None, "refuses", "dies before", "dies after"]),
    st.booleans() | st.just(True),
    st.integers(min_value=1, max_value=40),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=12))
def test_each_end_of_each_incident_is_told_once_and_never_lost(ledger_connection, steps):
    """Whatever holds, cannot be looked at, is killed or refused; only a death right after sending doubles one."""
    ledger_connection.execute("truncate event_delivery.incident cascade")
    ledger, outbox, model, now = DirectLedger(ledger_connection), Outbox(), Model(), NOW
    deaths = 0
    for kinds, blind, fault, is_recorded, minutes in steps:
        now += timedelta(minutes=minutes)
        outbox.fault, before = fault, len(outbox.sent)
        worst = {KINDS[kind].topic + concerns: (kind, concerns) for kind, concerns in sorted(kinds)}
        kinds = set(worst.values())
        look = Look(now, tuple(finding(*key) for key in kinds), frozenset(blind))
        run_pass(ledger, outbox, look, is_recorded)
        if is_recorded:
            model.look(now, kinds, blind)
        deaths += fault == "dies after" and len(outbox.sent) > before
    outbox.fault = None
    for _ in range(4):  # a death holds a message back for twice a task's limit
        now += timedelta(minutes=11)
        send_messages(ledger, outbox, lambda at=now: at)
    check(model, outbox, deaths)


def check(model: Model, outbox: Outbox, deaths: int) -> None:
    wanted = {
        (recipient, concerns, topic, opened, ending)
        for ending, told in (("opened", model.begun), ("closed", model.over))
        for (topic, concerns), opened in told
        for recipient in RECIPIENTS
    }
    assert set(outbox.sent) == wanted
    doubled = {message: count for message, count in Counter(outbox.sent).items() if count > 1}
    assert sum(doubled.values()) - len(doubled) <= deaths
    for recipient, concerns, topic, opened, ending in wanted:
        if ending == "closed":
            begun = outbox.sent.index((recipient, concerns, topic, opened, "opened"))
            assert begun < outbox.sent.index((recipient, concerns, topic, opened, ending))


def test_what_flaps_is_told_once(ledger_connection):
    """A server that comes and goes every ten minutes is one incident, until it was there for a while."""
    ledger, outbox = DirectLedger(ledger_connection), Outbox()
    down, up = (finding("server_unreachable", "server x:22"),), ()
    for number in range(10):
        run_pass(ledger, outbox, Look(NOW + number * timedelta(minutes=10), down if number % 2 == 0 else up))
    assert [message[-1] for message in outbox.sent if message[0] == "mail"] == ["opened"]
    run_pass(ledger, outbox, Look(NOW + timedelta(minutes=100), up))
    assert [message[-1] for message in outbox.sent if message[0] == "mail"] == ["opened", "closed"]


def test_what_could_not_be_looked_at_neither_begins_nor_ends(ledger_connection):
    """An answer that did not come says nothing."""
    ledger, outbox = DirectLedger(ledger_connection), Outbox()
    run_pass(ledger, outbox, Look(NOW, (finding("quarantined", "destination birch"),)))
    later = NOW + timedelta(hours=1)
    run_pass(
        ledger, outbox, Look(later, (finding("late", "destination a"),), frozenset({"quarantined", "undelivered"}))
    )
    assert [message[1:] for message in outbox.sent if message[0] == "mail"] == [
        ("destination birch", "quarantined", NOW, "opened")
    ]


def test_a_look_that_another_was_quicker_than_changes_nothing(ledger_connection):
    """Two watches at once: the one that looked first and records last neither reopens nor closes."""
    ledger, outbox = DirectLedger(ledger_connection), Outbox()
    run_pass(ledger, outbox, Look(NOW, (finding("quarantined", "destination birch"),)))
    run_pass(ledger, outbox, Look(NOW + timedelta(minutes=1)))
    run_pass(ledger, outbox, Look(NOW + timedelta(seconds=30), (finding("quarantined", "destination birch"),)))
    assert [message[-1] for message in outbox.sent if message[0] == "mail"] == ["opened", "closed"]


def test_two_watches_at_once_tell_each_message_once(ledger_connection, events_db):
    """A message that one has claimed, the other leaves alone."""
    ledger, others = DirectLedger(ledger_connection), Outbox()
    ledger.ask(record_pass, Watched(Look(NOW, (finding("late", "destination a"),)), ALERTS, {}))

    class Meanwhile(Outbox):
        def send(self, recipient, message):
            send_messages(DirectLedger(events_db), others, lambda: NOW)
            super().send(recipient, message)

    own = Meanwhile()
    send_messages(ledger, own, lambda: NOW)
    assert sorted(message[0] for message in [*own.sent, *others.sent]) == sorted(RECIPIENTS)


def test_a_message_that_nobody_takes_is_given_up_after_a_day_and_its_end_with_it(ledger_connection):
    """It is tried at every pass until then, and whoever never heard of it is not told that it is over."""
    ledger, outbox = DirectLedger(ledger_connection), Outbox()
    outbox.fault = "refuses"
    look = Look(NOW, (finding("quarantined", "destination birch"),))
    for number in range(150):
        run_pass(ledger, outbox, Look(NOW + number * timedelta(minutes=10), look.findings))
    outbox.fault = None
    for hours in (28, 29):
        run_pass(ledger, outbox, Look(NOW + timedelta(hours=hours)))
    assert outbox.sent == []
    states = ledger_connection.execute(
        "select distinct state, tries from event_delivery.incident_message"
    ).fetchall()
    assert states == [("failed", 144)]


def test_a_message_whose_sender_hangs_holds_up_no_other(ledger_connection):
    """A notifier without a limit of time is killed with its pass, each time; others' messages come first then."""
    ledger, outbox = DirectLedger(ledger_connection), Outbox()

    class Hanging(Outbox):
        def send(self, recipient, message):
            if recipient == "mail":
                raise KilledError
            super().send(recipient, message)

    outbox = Hanging()
    for number in range(3):
        found = tuple(finding("late", f"destination {name}") for name in range(number + 1))
        run_pass(ledger, outbox, Look(NOW + number * timedelta(minutes=20), found))
    assert {message[1] for message in outbox.sent} >= {"destination 0"}
    assert {message[0] for message in outbox.sent} == {"pager"}


def test_a_look_by_a_clock_that_is_an_hour_ahead_stops_no_other(ledger_connection):
    """Two machines' clocks differ: what the slower one finds is told all the same."""
    ledger, outbox = DirectLedger(ledger_connection), Outbox()
    ahead = NOW + timedelta(hours=1)
    run_pass(ledger, outbox, Look(ahead, (finding("quarantined", "destination birch"),)))
    both = (finding("quarantined", "destination birch"), finding("late", "destination acme"))
    run_pass(ledger, outbox, Look(NOW + timedelta(minutes=10), both))
    assert [message[1] for message in outbox.sent if message[0] == "mail"] == [
        "destination birch",
        "destination acme",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_topic_and_words(kind):
    """An operator can be told of each."""
    from event_delivery.incidents.words import OPERATOR

    assert KINDS[kind].topic in {each.topic for each in KINDS.values()}
    assert OPERATOR[kind].advice
