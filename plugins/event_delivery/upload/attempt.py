"""How is one attempt made to deliver a file? Read everything, plan, act within the time limit, record."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError, RetryableError, describe_reason
from event_delivery.ledger import BoundedLedger, LedgerReading
from event_delivery.ledger.attempts import Attempt, Before, Failure, RecordedFile
from event_delivery.ledger.beginning import begin_attempt
from event_delivery.ledger.claims import enter_ledger
from event_delivery.ledger.records import DeliveryRecord
from event_delivery.limits import LIMITS, Limits
from event_delivery.sftp.sending import Progress
from event_delivery.staging import Manifest, keep_delivered, read_manifest
from event_delivery.upload.acting import act_until
from event_delivery.upload.preparation import Preparation, prepare_attempt
from event_delivery.upload.protocol import UnconfirmedError
from event_delivery.upload.recording import record_before_attempt, record_failure, record_success
from event_delivery.upload.rehearsal import rehearse
from event_delivery.upload.upload_run import UploadRun


@dataclass(frozen=True)
class DeliveredFile:
    """What a client has got, or in a `rehearsal` our own server; `seconds` is how long the attempt took.

    `exact`: byte for byte a file that was delivered before and kept.
    """

    file_name: str
    remote_path: str
    rows: int
    bytes: int
    sha256: str
    seconds: float
    rehearsal: bool = False
    exact: bool = False


def deliver_file(delivery: Delivery, run: UploadRun, log: Any, limits: Limits = LIMITS) -> DeliveredFile:
    """Send a delivery file, which is staged, and record the attempt.

    Raises:
        PermanentError, RetryableError: one sentence that says where it failed, why, and what to do.
    """
    started = time.monotonic()
    with BoundedLedger(limits.ledger, limits.ledger_upgrade) as ledger:
        refusal = ledger.ask(enter_ledger, delivery, run.instance)
        if run.leaves_delivered and not refusal and (left := _leave_delivered(ledger, delivery, log)):
            return left
        file, attempt = _begin(ledger, delivery, run, refusal, log)
        progress = Progress(file.bytes)
        try:
            made = rehearse(delivery, run.instance, log)
            preparation = prepare_attempt(made, run, file, attempt, ledger, limits)
            result = act_until(started + limits.transfer, preparation, ledger, progress, log)
            seconds = time.monotonic() - started
            record_success(ledger, preparation, result, seconds, progress)
        except BaseException as error:
            failure = describe_failure(error)
            log.error("%s", failure.reason)  # noqa: TRY400 - the sentence stands before Airflow's traceback
            seconds_left = started + limits.task - time.monotonic()
            record_failure(ledger, attempt, failure, seconds_left, progress, limits, log)
            raise
        keep_delivered(delivery, file, attempt.file_name, preparation.remote_path)
    return _describe_delivered(preparation, result.outcome.words, seconds, log)


def _leave_delivered(ledger: BoundedLedger, delivery: Delivery, log: Any) -> DeliveredFile | None:
    """Return what was delivered before, by a run that Airflow's backfill does not see: manual, or deleted."""

    def find(connection: Any) -> DeliveryRecord | None:
        return LedgerReading(connection).find_night(delivery.destination.id, delivery.event, delivery.interval)

    found = ledger.ask(find)
    if found is None or found.state != "delivered":
        return None
    name, path, sha256 = str(found.file_name), str(found.remote_path), str(found.sha256)
    log.info("%s is delivered, by run %s: a backfill of what is missing leaves it as it is", name, found.run_id)
    return DeliveredFile(name, path, found.rows or 0, found.bytes or 0, sha256, seconds=0.0)


def describe_failure(error: BaseException) -> Failure:
    """Return why an attempt failed, as the ledger keeps it."""
    reason = describe_reason(error, LIMITS.task)
    return Failure(reason, isinstance(error, PermanentError), isinstance(error, UnconfirmedError))


def _begin(
    ledger: BoundedLedger, delivery: Delivery, run: UploadRun, refusal: PermanentError | None, log: Any
) -> tuple[Manifest, Attempt]:
    try:
        _let_pass(refusal)
        file = _read_file(delivery, run)
        attempt = _begin_attempt(ledger, delivery, run, file)
    except BaseException as error:
        record_before_attempt(ledger, delivery, describe_failure(error), (run.dag_id, run.run_id), log)
        raise
    said = _describe_before(attempt.before, run.retrying)
    log.info("Attempt %d to deliver %s: %s", attempt.number, attempt.file_name, said)
    return file, attempt


def _let_pass(refusal: PermanentError | None) -> None:
    """Raise why this instance may not upload, if it may not."""
    if refusal:
        raise refusal


def _read_file(delivery: Delivery, run: UploadRun) -> Manifest:
    file = read_manifest(delivery, delivery.file_name)
    if run.exact and not file.exact:
        raise RetryableError(
            f"{delivery.destination.id}, {delivery.file_name}: another run has staged the day anew since this one "
            "staged it as it was delivered. Nothing was delivered; the next try stages it again."
        )
    return file


def _begin_attempt(ledger: BoundedLedger, delivery: Delivery, run: UploadRun, file: Manifest) -> Attempt:
    recipe: dict[str, Any] = {"format": delivery.destination.format, "columns": list(file.columns)}
    recipe |= {"company_id": file.company_id} | ({"exact": True} if file.exact else {})
    recorded = RecordedFile(delivery.file_name, recipe, file.rows, file.bytes, file.sha256, file.profile)
    tries = (run.retrying, run.decision, run.try_number, run.first_try, run.allow_overlap)
    return ledger.ask(begin_attempt, delivery, recorded, run.dag_id, run.run_id, *tries)


def _describe_delivered(preparation: Preparation, words: str, seconds: float, log: Any) -> DeliveredFile:
    name, where, file = preparation.attempt.file_name, preparation.remote_path, preparation.file
    rehearsal = preparation.run.instance.rehearsal is not None
    log.info("%s %s to %s: %s", "Rehearsed: delivered" if rehearsal else "Delivered", name, where, words)
    log.info("%d events, %d bytes, %.1f s, %.2f MB/s", file.rows, file.bytes, seconds, file.bytes / 1e6 / seconds)
    return DeliveredFile(name, where, file.rows, file.bytes, file.sha256, round(seconds, 3), rehearsal, file.exact)


def _describe_before(before: Before | None, retrying: bool) -> str:
    if not before:
        return "the first"
    if before.state == "unconfirmed":
        return f"nobody can tell whether the one before delivered it: {before.last_error}"
    if before.state == "failed":
        return f"the one before failed: {before.last_error}"
    if before.state == "uploading":
        return "the one before was cut off"
    return "it was delivered before, and is delivered again" if not retrying else "the one before delivered it"
