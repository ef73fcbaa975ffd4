"""Does every history end with each event once in the client's files or reported, and reconciliation that is true?

`HISTORIES=300` runs so many of them; without it a few do.
"""

from __future__ import annotations

import itertools
import json
import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from event_delivery.completeness.reconciliation import Reconciled, open_reconciliation
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.comparisons import ComparisonRecord
from local_servers.free_port import find_free_port
from tests.completeness.client_history import DAYS, STEPS, ClientHistory, killed_before
from tests.completeness.deliveries import night

pytestmark = pytest.mark.slow

HISTORIES = int(os.environ.get("HISTORIES", "10"))
AWAY = ("SFTP_ACME", "EVENTS_DB", "LEDGER_DB")
LEFT_TO_A_PERSON = ("the whole day again would take", "no id is what it was")
KILLS = ("keep_delivered", "record_success")
_numbers = itertools.count(1)
_days = st.integers(0, len(DAYS) - 1)


class CompletenessHistories(RuleBasedStateMachine):
    """Late, deleted and moved events, nights, remedies, kills and outages, in any order."""

    services: tuple[Any, ...]

    @initialize(
        wish=st.sampled_from(["supplement", "supplement", "redeliver"]), format=st.sampled_from(["csv", "json"])
    )
    def begin(self, wish: str, format: str) -> None:
        self.history = ClientHistory(next(_numbers), *self.services, wish, format)
        for day in range(len(DAYS)):
            self.history.add_event(day)
        self.history.go_on(self.history.begin(DAYS[0]))

    @rule(days=st.lists(_days, min_size=1, max_size=3))
    def events_arrive(self, days: list[int]) -> None:
        for day in days:
            self.history.add_event(day)

    @rule(index=st.integers(0, 20))
    def an_event_is_deleted(self, index: int) -> None:
        self.history.delete_event(index)

    @rule(index=st.integers(0, 20), day=_days)
    def an_event_is_moved(self, index: int, day: int) -> None:
        self.history.move_event(index, day)

    @rule(index=st.integers(0, 20))
    def an_event_is_changed(self, index: int) -> None:
        self.history.change_event(index)

    @rule(day=_days, until=st.integers(1, len(STEPS)) | st.just(len(STEPS)))
    def a_night_is_delivered(self, day: int, until: int) -> None:
        self.history.go_on(self.history.begin(DAYS[day]), until)

    @rule(day=_days, number=st.integers(1, 2))
    def a_supplement_is_asked_for(self, day: int, number: int) -> None:
        self.history.go_on(self.history.begin(DAYS[day], number))

    @rule(until=st.integers(1, len(STEPS)) | st.just(len(STEPS)))
    def late_events_are_looked_for(self, until: int) -> None:
        self.history.bring(self.history.look_back(), until)

    @rule(day=_days, what=st.sampled_from(KILLS), late=st.booleans())
    def an_upload_is_killed(self, day: int, what: str, late: bool) -> None:
        remedies = self.history.look_back() if late else []
        with killed_before(what):
            self.history.bring(remedies)
            if not late:
                self.history.go_on(self.history.begin(DAYS[day]))

    @rule(day=_days, what=st.sampled_from(AWAY))
    def something_is_away(self, day: int, what: str) -> None:
        remedies = self.history.look_back()
        with self.history.away(what, find_free_port()):
            self.history.look_back()
            self.history.bring(remedies)
            self.history.go_on(self.history.begin(DAYS[day]))

    @precondition(lambda self: self.history.runs)
    @rule(index=st.integers(0, 5), until=st.integers(2, len(STEPS)))
    def a_run_goes_on(self, index: int, until: int) -> None:
        self.history.go_on(self.history.runs[index % len(self.history.runs)], until)

    @rule(format=st.sampled_from(["csv", "json"]))
    def the_format_is_edited(self, format: str) -> None:
        self.history.edited |= format != self.history.format
        self.history.format = format

    @rule()
    def the_ledger_is_backed_up(self) -> None:
        self.history.back_up()

    @precondition(lambda self: self.history.backed_up and not self.history.blind)
    @rule()
    def the_ledger_is_restored(self) -> None:
        self.history.restore()

    @precondition(lambda self: not self.history.restored)
    @rule(kept=st.booleans())
    def files_are_lost(self, kept: bool) -> None:
        self.history.lose(kept)

    @invariant()
    def nothing_is_twice(self) -> None:
        if hasattr(self, "history"):
            self.history.check_nothing_twice()

    def teardown(self) -> None:
        if hasattr(self, "history"):
            heal(self.history)
            check_end(self.history)


def heal(history: ClientHistory) -> None:
    """Let every run come to its end, then look back twice: what is late is brought, and then known."""
    for run in list(history.runs):
        history.go_on(run)
    assert not history.runs
    for _ in range(3 if history.restored else 0):
        history.adopt()
    for _ in range(2):
        history.bring(history.look_back())
        assert not history.runs
    history.look_back()
    history.check_nothing_twice()


def check_end(history: ClientHistory) -> None:
    """Every event of a delivered day is in one file that counts, or reported; reconciliation says what is true."""
    destination = history.destination
    with open_ledger_reading() as ledger:
        records = ledger.read_comparisons([history.name], destination.day(DAYS[0]).start, history.now)
    compared = {record.interval: record for record in records}
    with open_reconciliation(destination, DAYS[0], DAYS[-1], history.now) as reconciliation:
        days = {each.day: each for each in reconciliation.intervals}
    files = history.read_files()
    for day in DAYS:
        source = set(history.list_events(day))
        client = Counter(each for file in files.get(day, []) for each in file)
        record = compared.get(night(destination, day).interval)
        truth = (len(source - client.keys()), len(client.keys() - source))
        check_reconciled(days[day], truth, history.blind)
        check_changed(days[day], history.count_changed(day), history)
        if day in files:
            check_record(record, truth, history.blind)


def check_reconciled(found: Reconciled, truth: tuple[int, int], blind: bool) -> None:
    """What is missing and unexpected is counted, or nobody can tell, which needs lost files and a difference."""
    if found.missing is None:
        assert blind, found
        assert truth != (0, 0), found
    else:
        assert (found.missing, found.unexpected, found.duplicated) == (*truth, 0), (found, truth)
    assert found.is_clean == (truth == (0, 0)), (found, truth)


def check_changed(found: Reconciled, truth: int, history: ClientHistory) -> None:
    """What was changed since is counted, or nobody can tell: files were lost, or have another format by now."""
    if found.changed is None:
        assert history.blind or history.edited, found
    else:
        assert found.changed == truth, (found, truth)


def check_record(record: ComparisonRecord | None, truth: tuple[int, int], blind: bool) -> None:
    """What is late was brought; else it is reported: files were lost, or bringing it would do harm."""
    assert record
    assert record.differs == (truth != (0, 0)), (record, truth)
    if record.late is not None:
        assert (record.late, record.deleted) == truth, (record, truth)
        is_left = any(reason in (record.handling or "") for reason in LEFT_TO_A_PERSON)
        assert truth[0] == 0 or is_left, (record, truth)
    else:
        assert blind


def test_every_history_ends_complete_or_reported(events_db, sftp_server, staging_area):
    """A state machine over nights, late events and what brings them, with every kill and outage between."""
    CompletenessHistories.services = (events_db, sftp_server, staging_area)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        CompletenessHistories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=12,
            phases=[Phase.generate],
            deadline=None,
            suppress_health_check=checks,
            database=None,
            print_blob=False,
        ),
    )
    query = "select kind, count(*) from event_delivery.delivery where state = 'delivered' group by 1"
    delivered = dict(events_db.execute(query).fetchall())
    print(json.dumps({"histories": HISTORIES, "delivered": delivered}))  # noqa: T201 - the soak's result
