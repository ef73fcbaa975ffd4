"""How does an attempt begin: with which file, and is it let pass?"""

from __future__ import annotations

import contextlib
from typing import Any, NamedTuple

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.attempts import Attempt, Before, RecordedFile
from event_delivery.ledger.beginning import begin_attempt
from event_delivery.ledger.skipping import record_skipped
from event_delivery.staging import Manifest, StagedGoneError, fetch_staged, read_manifest
from event_delivery.upload.brought import Brought, describe_brought
from event_delivery.upload.empty_day import is_skipped, refuse_empty
from event_delivery.upload.failures import describe_failure
from event_delivery.upload.holding import review_count
from event_delivery.upload.kept import choose_brought
from event_delivery.upload.recording import record_before_attempt
from event_delivery.upload.upload_run import UploadRun


class Skipped(NamedTuple):
    """A day of which nothing is sent: what its file would be called, and would hold."""

    file_name: str
    file: RecordedFile


class Begun(NamedTuple):
    """An attempt that has begun, and the file that it brings."""

    brought: Brought
    attempt: Attempt


def begin_upload(
    ledger: BoundedLedger, delivery: Delivery, run: UploadRun, refusal: PermanentError | None, log: Any
) -> Begun | Skipped:
    """Record that an upload begins, unless it may not: of what is staged, or of a kept file that may be there.

    Or that a day without events is skipped.

    Raises:
        PermanentError: `refusal`, why this instance may not upload; the file waits for a person's yes; what was
            delivered under another zone overlaps; a supplement holds no event.
        LedgerError: the ledger gave no answer.
    """
    try:
        _let_pass(refusal)
        brought = choose_brought(ledger, delivery, run, _read_file(delivery, run))
        _fetch_kept(brought)
        refuse_empty(delivery, brought)
        unusual = None if brought.since else ledger.ask(review_count, delivery, run, brought.file)
        recorded = describe_brought(brought, unusual)
        if is_skipped(ledger, delivery, brought):
            return Skipped(ledger.ask(record_skipped, delivery, recorded, run.dag_id, run.run_id), recorded)
        attempt = _begin_attempt(ledger, delivery, run, recorded, brought.carries_on)
    except BaseException as error:
        record_before_attempt(ledger, delivery, describe_failure(error), (run.dag_id, run.run_id), log)
        raise
    if unusual:
        log.warning("%s It is delivered all the same.", unusual)
    said = _describe_before(attempt.before, run.retrying)
    log.info("Attempt %d to deliver %s: %s", attempt.number, attempt.file_name, said)
    if brought.forgotten:
        log.warning("%s: %s", delivery.destination.id, brought.forgotten)
    return Begun(brought, attempt)


def _let_pass(refusal: PermanentError | None) -> None:
    """Raise why this instance may not upload, if it may not."""
    if refusal:
        raise refusal


def _fetch_kept(brought: Brought) -> None:
    """Have a kept file on this machine; of one that is gone whoever sends it says so: it may have arrived."""
    if brought.is_kept:
        with contextlib.suppress(StagedGoneError):
            fetch_staged(brought.file)


def _read_file(delivery: Delivery, run: UploadRun) -> Manifest:
    file = read_manifest(delivery, delivery.file_name)
    if run.exact and not file.exact:
        raise RetryableError(
            f"{delivery.destination.id}, {delivery.file_name}: another run has staged the day anew since this one "
            "staged it as it was delivered. Nothing was delivered; the next try stages it again."
        )
    if file.exact and not run.exact:
        raise RetryableError(
            f"{delivery.destination.id}, {delivery.file_name}: another run has staged the day as it was delivered "
            "since this one staged it anew. Nothing was delivered; the next try stages it again."
        )
    return file


def _begin_attempt(
    ledger: BoundedLedger, delivery: Delivery, run: UploadRun, recorded: RecordedFile, carries_on: bool
) -> Attempt:
    tries = (run.retrying, run.decision, run.try_number, run.first_try, run.allow_overlap, carries_on)
    return ledger.ask(begin_attempt, delivery, recorded, run.dag_id, run.run_id, *tries)


def _describe_before(before: Before | None, retrying: bool) -> str:
    if not before:
        return "the first"
    if before.state == "unconfirmed":
        return f"nobody can tell whether the one before delivered it: {before.last_error}"
    if before.state == "failed":
        return f"the one before failed: {before.last_error}"
    if before.state == "skipped":
        return "the day was skipped before, it had no events"
    if before.state == "uploading":
        return "the one before was cut off"
    if before.state in ("held", "cancelled"):
        return f"it was {before.state} before: {before.last_error}"
    return "it was delivered before, and is delivered again" if not retrying else "the one before delivered it"
