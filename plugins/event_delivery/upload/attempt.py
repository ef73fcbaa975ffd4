"""How is one attempt made to deliver a file? Read everything, plan, act within the time limit, record."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.errors import DeliveryError
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.claims import enter_ledger
from event_delivery.limits import LIMITS, Limits
from event_delivery.sftp import Server
from event_delivery.sftp.progress import Progress
from event_delivery.staging import keep_delivered
from event_delivery.upload.acting import act_until
from event_delivery.upload.beginning import Begun, Skipped, begin_upload
from event_delivery.upload.delivered import DeliveredFile, describe_delivered, describe_skipped, name_first
from event_delivery.upload.failures import describe_failure
from event_delivery.upload.host_share import share_host
from event_delivery.upload.left_alone import find_left_alone
from event_delivery.upload.preparation import Preparation, prepare_attempt
from event_delivery.upload.recipient import read_recipient
from event_delivery.upload.recording import record_failure, record_success
from event_delivery.upload.rehearsal import rehearse
from event_delivery.upload.upload_run import UploadRun


def deliver_file(delivery: Delivery, run: UploadRun, log: Any, limits: Limits = LIMITS) -> DeliveredFile:
    """Send a delivery file, which is staged, and record the attempt.

    Raises:
        HostBusyError: its turn has not come, by `connections_per_host`: nothing was tried, nothing is recorded.
        PermanentError, RetryableError: one sentence that says where it failed, why, and what to do.
    """
    started = time.monotonic()
    with BoundedLedger(limits.ledger, limits.ledger_upgrade) as ledger:
        refusal = ledger.ask(enter_ledger, delivery, run.instance)
        if not refusal and (left := _leave_delivered(ledger, delivery, run, log)):
            return left
        recipient = None if refusal else _find_recipient(delivery, run)
        with _take_turn(ledger, delivery, run, recipient, limits):
            begun = begin_upload(ledger, delivery, run, refusal, log)
            if isinstance(begun, Skipped):
                return describe_skipped(*begun, log)
            return _attempt(delivery, run, begun, recipient, ledger, started, log, limits)


def _find_recipient(delivery: Delivery, run: UploadRun) -> Server | None:
    """Return the server, or None where there is none: the attempt fails for that reason."""
    with suppress(DeliveryError):
        return read_recipient(delivery.destination, run.instance.rehearsal)
    return None


def _take_turn(
    ledger: BoundedLedger, delivery: Delivery, run: UploadRun, recipient: Server | None, limits: Limits
) -> AbstractContextManager[None]:
    if recipient is None:
        return nullcontext()
    destination = delivery.destination
    name, most = f"{destination.id}/{delivery.key}", destination.connections_per_host
    return share_host(ledger, recipient, name, most, run.waits_for_host, limits)


def _attempt(
    delivery: Delivery,
    run: UploadRun,
    begun: Begun,
    recipient: Server | None,
    ledger: BoundedLedger,
    started: float,
    log: Any,
    limits: Limits,
) -> DeliveredFile:
    (brought, attempt), progress, preparation = begun, Progress(begun.brought.file.bytes), None
    try:
        made = rehearse(delivery, run.instance, log)
        preparation = prepare_attempt(made, run, brought, attempt, ledger, limits, recipient)
        result = act_until(started + limits.transfer, preparation, ledger, progress, log)
        seconds = time.monotonic() - started
        _keep(delivery, preparation, result.outcome.sent)  # a kill leaves it kept
        record_success(ledger, preparation, result, seconds, progress)
    except BaseException as error:
        failure = describe_failure(error)
        if failure.unconfirmed and preparation:
            _keep_undecided(delivery, preparation)
        log.error("%s", failure.reason)  # noqa: TRY400 - the sentence stands before Airflow's traceback
        seconds_left = started + limits.task - time.monotonic()
        record_failure(ledger, attempt, failure, seconds_left, progress, limits, log)
        raise
    return describe_delivered(preparation, result, seconds, log)


def _keep(delivery: Delivery, preparation: Preparation, sent: bool) -> None:
    """Keep the file that was sent; one that is kept already, and was not sent again, stays as it is."""
    brought, name = preparation.brought, preparation.attempt.file_name
    if sent or not brought.is_kept:
        made = delivery.destination.made_as(brought.format, brought.file.shape)
        rehearsal, path = preparation.run.instance.rehearsal is not None, preparation.remote_path
        keep_delivered(replace(delivery, destination=made), brought.file, name, path, None, rehearsal)


def _keep_undecided(delivery: Delivery, preparation: Preparation) -> None:
    """Keep a file that this attempt sent and nobody can confirm: a person decides of these very bytes."""
    before = preparation.attempt.before
    was_undecided = before is not None and before.state == "unconfirmed" and not preparation.attempt.sends_again
    if not (was_undecided or preparation.brought.since):
        _keep(delivery, preparation, sent=True)


def _leave_delivered(ledger: BoundedLedger, delivery: Delivery, run: UploadRun, log: Any) -> DeliveredFile | None:
    """Return what was delivered before and stays as it is, or None: this run delivers."""
    left = find_left_alone(ledger, delivery, run)
    if left is None:
        return None
    found, arrived = left.record, name_first(delivery) if left.own and run.instance.rehearsal is None else ""
    name, path, sha256 = str(found.file_name), found.remote_path or "", str(found.sha256)
    skipped = found.state == "skipped"
    log.info(
        "%s is %s, by run %s: left as it is. Clear this run to deliver it again", name, found.state, found.run_id
    )
    counts, arrived = (found.rows or 0, found.bytes or 0), "" if skipped else arrived
    return DeliveredFile(name, path, *counts, sha256, 0.0, arrived=arrived, skipped=skipped)
