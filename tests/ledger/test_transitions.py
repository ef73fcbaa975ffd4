"""Does a process that is killed between any two statements leave delivery, file and attempt agreeing?"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from event_delivery.delivery import Delivery
from event_delivery.ledger import LedgerError, open_ledger
from event_delivery.ledger.attempts import Attempt, Failure, RecordedFile, Sent
from event_delivery.ledger.beginning import begin_attempt
from event_delivery.ledger.deliveries import record_delivered, record_failed, record_step

FILE = RecordedFile("acme.json", {"format": "json"}, 3, 30, "0" * 64, {"rows_by_hour": {}})
SENT = Sent(30, 0.5, False)
MOST_STATEMENTS = 12


class DyingConnection:
    """A connection whose process dies before its statement of a number is sent, or when it is answered."""

    def __init__(self, connection: psycopg.Connection[Any], last: int, after: bool) -> None:
        self._connection = connection
        self._left = last
        self._after = after

    def transaction(self) -> Any:
        return self._connection.transaction()

    def execute(self, *arguments: Any) -> Any:
        self._left -= 1
        if self._left < 0 and not self._after:
            os._exit(9)
        answer = self._connection.execute(*arguments)
        if self._left < 0:
            os._exit(9)
        return answer


def begin(connection: Any, delivery: Delivery) -> Attempt:
    return begin_attempt(connection, delivery, FILE, "dag", "run", True)


def deliver(connection: Any, attempt: Attempt) -> None:
    record_delivered(connection, attempt, "/in/acme.json", 1.5, SENT)


def fail(connection: Any, attempt: Attempt) -> None:
    record_failed(connection, attempt, Failure("the disk is full", False), SENT)


def step(connection: Any, attempt: Attempt) -> None:
    record_step(connection, attempt, "closing", "host:22", "/in/acme.json", "/in/.acme.json.1.part")


def die_in(act: Callable[[Any], object], statement: int, after: bool) -> bool:
    """Act in a process of its own that dies at a statement; tells whether it came to that."""
    process = os.fork()
    if not process:
        try:
            with open_ledger() as ledger:
                act(DyingConnection(ledger, statement, after))
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    assert status in (0, 9), "the transition failed by itself"
    return status == 9


def states(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    """Return each delivery's attempts, states of delivery and file, and how many attempts are open."""
    return connection.execute(
        """
        select recorded.attempts, recorded.state, file.state, file.step,
          (select max(attempt) from event_delivery.delivery_attempt where delivery_id = recorded.id) as newest,
          (select ended_at is null from event_delivery.delivery_attempt
           where delivery_id = recorded.id and attempt = recorded.attempts) as open
        from event_delivery.delivery_record as recorded
        left join event_delivery.delivery_file as file on file.delivery_id = recorded.id
        """
    ).fetchall()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_while_an_attempt_begins_leaves_all_or_nothing(events_db, delivery, after):
    """Record, file and attempt come into being together."""
    with open_ledger():
        pass
    died = 0
    for statement in range(MOST_STATEMENTS):
        if not die_in(lambda ledger: begin(ledger, delivery), statement, after):
            break
        died += 1
        assert states(events_db) == []
    assert died == 7
    assert states(events_db) == [(1, "uploading", "uploading", None, 1, True)]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "transition, statements, end",
    [(deliver, 3, ("delivered", "delivered", "delivered")), (fail, 3, ("failed", "failed", "closing"))],
)
def test_a_kill_while_an_attempt_ends_leaves_all_or_nothing(
    events_db, delivery, transition, statements, end, after
):
    """Either the attempt is open and nothing is decided, or all three say the same."""
    with open_ledger() as ledger:
        attempt = begin(ledger, delivery)
        step(ledger, attempt)
    died = 0
    for statement in range(MOST_STATEMENTS):
        if not die_in(lambda ledger: transition(ledger, attempt), statement, after):
            break
        died += 1
        assert states(events_db) == [(1, "uploading", "uploading", "closing", 1, True)]
    assert died == statements
    assert states(events_db) == [(1, *end, 1, False)]


def test_who_was_overtaken_records_no_step_and_decides_nothing(events_db, delivery):
    """Its lock was lost with its connection, another attempt has begun: its own end is all that it may record."""
    with open_ledger() as ledger:
        slow, quick = begin(ledger, delivery), begin(ledger, delivery)
        with pytest.raises(LedgerError, match="another attempt has taken over"):
            step(ledger, slow)
        deliver(ledger, quick)
        fail(ledger, slow)
    assert states(events_db) == [(2, "delivered", "delivered", "delivered", 2, False)]
    ended = events_db.execute("select attempt, error from event_delivery.attempt order by attempt").fetchall()
    assert ended == [(1, "the disk is full"), (2, None)]


def test_a_retry_with_other_bytes_forgets_the_step(events_db, delivery):
    """What lies on the server of the earlier attempt is not this file."""
    from dataclasses import replace

    with open_ledger() as ledger:
        step(ledger, begin(ledger, delivery))
        same = begin(ledger, delivery)
        begin_attempt(ledger, delivery, replace(FILE, sha256="1" * 64), "dag", "run", True)
    assert same.before is not None
    assert same.before.step == "closing"
    assert states(events_db) == [(3, "uploading", "uploading", None, 3, True)]


def test_an_attempt_tells_what_was_sent_and_how_fast(events_db, delivery):
    """The line's rate follows from it."""
    from event_delivery.ledger.servers import read_rates

    with open_ledger() as ledger:
        attempt = begin(ledger, delivery)
        record_delivered(ledger, attempt, "/in/acme.json", 4.0, Sent(4_000_000, 2.0, True))
        assert read_rates(ledger, "acme") == {True: 2_000_000.0}
