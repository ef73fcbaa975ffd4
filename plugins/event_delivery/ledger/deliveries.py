"""How is an attempt recorded, so that no kill leaves the ledger contradicting itself?

Each transition is one transaction: begin, step, delivered, failed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import read_statement
from event_delivery.delivery import SEND_AGAIN, Delivery
from event_delivery.errors import RetryableError
from event_delivery.ledger.attempts import Attempt, Before, Failure, LedgerError, RecordedFile, Sent

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

_SQL = Path(__file__).parent / "sql"


def lock_delivery(connection: Connection[Any], delivery: Delivery) -> None:
    """Hold a delivery until the connection closes, which also a killed process does.

    Raises:
        RetryableError: another run is delivering it now.
    """
    key = f"{delivery.destination.id}/{delivery.key}"
    row = _run(connection, "lock_delivery.sql", {"key": key}).fetchone()
    if not (row and row[0]):
        raise RetryableError(
            f"Another run is delivering {delivery.file_name} at this moment. This one tries again by itself."
        )


def begin_attempt(
    connection: Connection[Any],
    delivery: Delivery,
    file: RecordedFile,
    dag_id: str,
    run_id: str,
    retrying: bool,
    decision: str | None = None,
    try_number: int = 1,
    first_try: int = 1,
) -> Attempt:
    """Record that an attempt starts.

    `retrying`: the run has tried before since it was last cleared, from its `first_try` on. What it reached then
    counts only if the ledger knows of it: a clear delivers again, even where its first try never came this far.

    With the same bytes it carries on from the step that the attempt before it had reached if it is a retry, if the
    delivery is unconfirmed, or if it brings a person's decision: one that another run has heeded before is not
    heeded again. The same run, cleared later, delivers again. An unconfirmed delivery stays so, whatever happens
    to its attempts, until it is delivered or a person has it sent again.
    """
    values = {**_key(delivery), **asdict(file), "dag_id": dag_id, "run_id": run_id}
    values |= {"try_number": try_number, "first_try": first_try}
    values |= {"recipe": json.dumps(file.recipe), "profile": json.dumps(file.profile)}
    with connection.transaction():
        row = _run(connection, "read_delivery.sql", values).fetchone()
        before = Before(*row) if row else None
        unconfirmed = before is not None and before.state == "unconfirmed"
        sends_again = unconfirmed and decision == SEND_AGAIN
        decided_anew = decision is not None and before is not None and not before.tried_by_run
        retried = retrying and before is not None and before.tried_since_clear
        carries_on = not sends_again and (retried or unconfirmed or decided_anew)
        values |= {"sends_again": sends_again, "carries_on": carries_on}
        delivery_id, number = _one(connection, "begin_delivery.sql", values)
        values |= {"delivery_id": delivery_id, "attempt": number}
        (file_id,) = _one(connection, "begin_file.sql", values)
        (attempt_id,) = _one(connection, "open_attempt.sql", values)
    return Attempt(number, delivery_id, file_id, attempt_id, before, sends_again, carries_on)


def record_step(
    connection: Connection[Any], attempt: Attempt, step: str, remote_path: str, temporary_path: str
) -> None:
    """Record how far the attempt has come, so that the next one knows after a kill.

    Raises:
        LedgerError: another attempt has begun since: the lock was lost with its connection.
    """
    values = {"step": step, "remote_path": remote_path, "temporary_path": temporary_path}
    if not _run(connection, "record_step.sql", {**_ids(attempt), **values}).rowcount:
        raise LedgerError("another attempt has taken over this delivery")


def record_delivered(
    connection: Connection[Any], attempt: Attempt, remote_path: str, seconds: float, sent: Sent
) -> None:
    """Record success; `seconds` is how long the attempt took."""
    values = {**_ids(attempt), **asdict(sent), "remote_path": remote_path, "seconds": seconds}
    with connection.transaction():
        _run(connection, "set_delivery_delivered.sql", values)
        _run(connection, "set_file_delivered.sql", values)
        _run(connection, "end_attempt.sql", {**values, "error": None, "permanent": None})


def record_failed(connection: Connection[Any], attempt: Attempt, failure: Failure, sent: Sent) -> None:
    """Record an attempt that failed, or whose delivery nobody can confirm, and the reason."""
    values = {**_ids(attempt), **asdict(sent), "error": failure.reason, "permanent": failure.permanent}
    values["state"] = "unconfirmed" if failure.unconfirmed else "failed"
    with connection.transaction():
        _run(connection, "set_delivery_failed.sql", values)
        _run(connection, "set_file_failed.sql", values)
        _run(connection, "end_attempt.sql", values)


def is_settled(connection: Connection[Any], delivery: Delivery) -> bool:
    """Tell whether a delivery has come to its client, or may have: an attempt had begun to send it."""
    return bool(_one(connection, "is_settled.sql", _key(delivery))[0])


def _run(connection: Connection[Any], file: str, values: dict[str, Any]) -> Cursor[Any]:
    return connection.execute(read_statement(_SQL / file), values)


def _one(connection: Connection[Any], file: str, values: dict[str, Any]) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = _run(connection, file, values).fetchone()
    assert row is not None, file  # noqa: S101 - each of these statements returns one row
    return row


def _key(delivery: Delivery) -> dict[str, Any]:
    return {
        "destination": delivery.destination.id,
        "event": delivery.event,
        "interval_start": delivery.interval_start,
        "interval_end": delivery.interval_end,
        "kind": delivery.kind,
    }


def _ids(attempt: Attempt) -> dict[str, Any]:
    return {
        "delivery_id": attempt.delivery_id,
        "file_id": attempt.file_id,
        "attempt_id": attempt.attempt_id,
        "attempt": attempt.number,
    }
