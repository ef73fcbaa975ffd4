"""How is what becomes of an attempt recorded, so that no kill leaves the ledger contradicting itself?

Each transition is one transaction: step, delivered, failed; `beginning` is the first.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import Delivery
from event_delivery.errors import RetryableError
from event_delivery.ledger.attempts import Attempt, Failure, LedgerError, Sent
from event_delivery.ledger.holders import describe_client, describe_holder
from event_delivery.ledger.statements import key_of, read_one, run_statement

if TYPE_CHECKING:
    from psycopg import Connection


def lock_delivery(connection: Connection[Any], delivery: Delivery) -> None:
    """Hold a delivery until the session of this connection ends, which also a killed process does.

    Behind a pooler, until the connection is closed, or an attempt's time is over.

    Not by an advisory lock, which any role that may connect can take (and see): by a row that names the session.

    Raises:
        RetryableError: another run is delivering it now.
    """
    values = {"key": f"{delivery.destination.id}/{delivery.key}", **describe_client(connection)}
    with connection.transaction():  # in turn: who waits within the statement would miss a session that began since
        run_statement(connection, "lock_destination.sql", key_of(delivery))
        if run_statement(connection, "lock_delivery.sql", values).fetchone():
            return
    found = run_statement(connection, "find_holder.sql", values).fetchone()
    holder = describe_holder(*found) if found else ""
    raise RetryableError(
        f"Another run is delivering {delivery.file_name} at this moment{holder}. This one tries again by itself."
    )


def record_unsent(
    connection: Connection[Any], delivery: Delivery, failure: Failure, dag_id: str, run_id: str
) -> None:
    """Record why a delivery failed, or is held, before an attempt began; what was delivered before stays so."""
    values = {**key_of(delivery), "error": failure.reason, "permanent": failure.permanent}
    values |= {"state": "held" if failure.held else "failed", "held": failure.held}
    run_statement(connection, "record_unsent.sql", {**values, "dag_id": dag_id, "run_id": run_id})


def record_step(
    connection: Connection[Any], attempt: Attempt, step: str, server: str, remote_path: str, temporary_path: str
) -> None:
    """Record how far the attempt has come, and at which server, so that the next one knows after a kill.

    Raises:
        LedgerError: another attempt has begun since: the lock was lost with its connection.
    """
    values = {"step": step, "server": server, "remote_path": remote_path, "temporary_path": temporary_path}
    if not run_statement(connection, "record_step.sql", {**_ids(attempt), **values}).rowcount:
        raise LedgerError("another attempt has taken over this delivery")


def record_delivered(
    connection: Connection[Any],
    attempt: Attempt,
    remote_path: str,
    seconds: float,
    sent: Sent,
    at: datetime | None = None,
) -> None:
    """Record success; `seconds` is how long the attempt took, `at` when the client got the file, if not now."""
    values = {**_ids(attempt), **asdict(sent), "remote_path": remote_path, "seconds": seconds}
    values |= {"delivered_at": at}
    with connection.transaction():
        run_statement(connection, "set_delivery_delivered.sql", values)
        run_statement(connection, "set_file_delivered.sql", values)
        run_statement(connection, "end_attempt.sql", {**values, "error": None, "permanent": None})


def record_failed(connection: Connection[Any], attempt: Attempt, failure: Failure, sent: Sent) -> None:
    """Record an attempt that failed, or whose delivery nobody can confirm, and the reason."""
    values = {**_ids(attempt), **asdict(sent), "error": failure.reason, "permanent": failure.permanent}
    values["state"] = "unconfirmed" if failure.unconfirmed else "failed"
    with connection.transaction():
        run_statement(connection, "set_delivery_failed.sql", values)
        run_statement(connection, "set_file_failed.sql", values)
        run_statement(connection, "end_attempt.sql", values)


def is_settled(connection: Connection[Any], delivery: Delivery) -> bool:
    """Tell whether a delivery has come to its client, or may have: an attempt had begun to send it."""
    return bool(read_one(connection, "is_settled.sql", key_of(delivery))[0])


def _ids(attempt: Attempt) -> dict[str, Any]:
    return {
        "delivery_id": attempt.delivery_id,
        "file_id": attempt.file_id,
        "attempt_id": attempt.attempt_id,
        "attempt": attempt.number,
    }
