"""How is an attempt's end recorded, if need be on a new connection: a failover ends the old one?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.errors import DeliveryError
from event_delivery.ledger import BoundedLedger, LedgerError
from event_delivery.ledger.attempts import Attempt, Failure, Sent
from event_delivery.ledger.deliveries import record_delivered, record_failed, record_unsent
from event_delivery.ledger.servers import confirm_robot, record_mode
from event_delivery.limits import Limits
from event_delivery.sftp.progress import Progress
from event_delivery.upload.mode import Result
from event_delivery.upload.preparation import Preparation


def record_success(
    ledger: BoundedLedger, preparation: Preparation, result: Result, seconds: float, progress: Progress
) -> None:
    """Record that the file is delivered, and what that found out about the server.

    Raises:
        LedgerError: it is delivered, but cannot be recorded; the next attempt finds the file.
    """
    folder, attempt, limits = preparation.remote_folder, preparation.attempt, preparation.limits
    destination_id = preparation.delivery.destination.id

    def record(connection: Any) -> None:
        with connection.transaction():
            if result.mode:
                record_mode(connection, destination_id, folder, result.mode)
            if preparation.robot_said:
                confirm_robot(connection, destination_id, folder)
            at, sent = find_arrival(preparation, result), describe_sent(progress)
            record_delivered(connection, attempt, preparation.remote_path, seconds, sent, at)

    try:
        _record_anyhow(ledger, record, limits.ledger, limits)
    except DeliveryError as error:
        raise LedgerError(
            f"{preparation.server.address}, {preparation.remote_path}: the file is delivered, but the ledger "
            f"could not record it ({error}). The next attempt finds it there."
        ) from None


def find_arrival(preparation: Preparation, result: Result) -> datetime | None:
    """Return when the client got a file that the ledger had forgotten and that was not sent again; None: now."""
    return None if result.outcome.sent else preparation.brought.since


def record_failure(
    ledger: BoundedLedger,
    attempt: Attempt,
    failure: Failure,
    seconds_left: float,
    progress: Progress,
    limits: Limits,
    log: Any,
) -> None:
    """Record why an attempt failed, as long as its task lives; the reason stands in the log in any case."""

    def record(connection: Any) -> None:
        record_failed(connection, attempt, failure, describe_sent(progress))

    seconds = min(limits.ledger, max(limits.last_words, (seconds_left - limits.last_words) / 2))
    try:
        _record_anyhow(ledger, record, seconds, limits)
    except DeliveryError as error:
        log.warning("The ledger could not record that: %s", error)


def record_before_attempt(
    ledger: BoundedLedger, delivery: Delivery, failure: Failure, run: tuple[str, str], log: Any
) -> None:
    """Record why a delivery failed before an attempt to upload it began; `run` is the ids of DAG and run."""
    try:
        ledger.ask(record_unsent, delivery, failure, *run)
    except DeliveryError as error:
        log.warning("The ledger could not record that: %s", error)


def describe_sent(progress: Progress) -> Sent:
    """Return what the server acknowledged, from which the line's rate follows."""
    if not progress.acknowledged:
        return Sent()
    return Sent(progress.acknowledged, progress.seconds, progress.compressed)


def _record_anyhow(ledger: BoundedLedger, record: Callable[[Any], None], seconds: float, limits: Limits) -> None:
    try:
        ledger.ask(record, seconds=seconds)
    except LedgerError:
        with BoundedLedger(seconds, limits.ledger_upgrade) as fresh:
            fresh.ask(record)
