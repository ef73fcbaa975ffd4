"""Does a run leave alone what was delivered before it, by a run that Airflow does not see?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.ledger import BoundedLedger, LedgerReading
from event_delivery.ledger.records import DeliveryRecord
from event_delivery.staging import read_manifest
from event_delivery.upload.upload_run import UploadRun

_INSTANT = timedelta(microseconds=1)
_SCHEDULED = "scheduled__"  # so Airflow names the runs of a schedule


@dataclass(frozen=True)
class LeftAlone:
    """What was delivered before and stays as it is; `own`: by an earlier try of this very run, which died then."""

    record: DeliveryRecord
    own: bool


def find_left_alone(ledger: BoundedLedger, delivery: Delivery, run: UploadRun) -> LeftAlone | None:
    """Return what was delivered before and stays as it is, or None: this run delivers.

    That was a manual or deleted run, for a backfill; for a night, one that was forgotten by a restored Airflow.

    Raises:
        LedgerError: the ledger gave no answer.
    """
    if not (run.leaves_delivered or run.leaves_since or run.uncleared_night):
        return None
    start, end = delivery.interval

    def find(connection: Any) -> tuple[DeliveryRecord | None, str]:
        reading = LedgerReading(connection)
        named = (delivery.destination.id, delivery.event, delivery.kind, start, start + _INSTANT, end)
        record = reading.find_delivery(*named)
        attempts = reading.read_attempts(record) if record else []
        return record, str(attempts[-1].run_id if attempts else record and record.run_id)

    found, deliverer = ledger.ask(find)
    if not (found and _stays(delivery, run, found, deliverer)):
        return None
    return LeftAlone(found, run.retrying and deliverer == run.run_id)


def _stays(delivery: Delivery, run: UploadRun, found: DeliveryRecord, deliverer: str) -> bool:
    """Tell whether it stays; a manual run before its due takes no night's place, the schedule's own run does."""
    at = found.delivered_at
    if found.state not in ("delivered", "skipped") or at is None:
        return False
    if delivery.kind == "nightly" and run.leaves_delivered:
        return True
    if delivery.kind != "nightly" or not run.uncleared_night:
        return run.leaves_since is not None and at >= run.leaves_since
    if deliverer.startswith(_SCHEDULED):  # Airflow has forgotten that run, and makes it again
        return True
    return at >= delivery.due and not _is_outdone(delivery, found)


def _is_outdone(delivery: Delivery, found: DeliveryRecord) -> bool:
    """Tell whether an incomplete file makes room for the night's, which waited longer; not for the same bytes."""
    return bool(found.unready) and read_manifest(delivery, delivery.file_name).sha256 != found.sha256
