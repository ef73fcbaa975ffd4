"""Does a run leave alone what was delivered before it, by a run that Airflow does not see?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.ledger import BoundedLedger, LedgerReading
from event_delivery.ledger.records import DeliveryRecord
from event_delivery.staging import read_manifest
from event_delivery.upload.upload_run import UploadRun

_INSTANT = timedelta(microseconds=1)
_SCHEDULED = "scheduled__"  # so Airflow names the runs of a schedule


def find_left_alone(ledger: BoundedLedger, delivery: Delivery, run: UploadRun) -> DeliveryRecord | None:
    """Return what was delivered before and stays as it is, or None: this run delivers.

    That was a manual or deleted run, for a backfill; for a night, one that was forgotten by a restored Airflow.

    Raises:
        LedgerError: the ledger gave no answer.
    """
    since = _find_since(delivery, run)
    if since is None:
        return None
    start, end = delivery.interval

    def find(connection: Any) -> tuple[DeliveryRecord | None, str]:
        reading = LedgerReading(connection)
        named = (delivery.destination.id, delivery.event, delivery.kind, start, start + _INSTANT, end)
        record = reading.find_delivery(*named)
        attempts = reading.read_attempts(record) if record else []
        return record, str(attempts[-1].run_id if attempts else record and record.run_id)

    found, deliverer = ledger.ask(find)
    if found is None or found.state != "delivered" or found.delivered_at is None or found.delivered_at < since:
        return None
    return None if run.uncleared_night and _is_outdone(delivery, found, deliverer) else found


def _find_since(delivery: Delivery, run: UploadRun) -> datetime | None:
    """Return since when what came is left as it is; a manual run before its due takes no night's place."""
    if delivery.kind == "nightly" and run.leaves_delivered:
        return datetime.min.replace(tzinfo=UTC)
    return delivery.due if delivery.kind == "nightly" and run.uncleared_night else run.leaves_since


def _is_outdone(delivery: Delivery, found: DeliveryRecord, deliverer: str) -> bool:
    """Tell whether an incomplete file of another run makes room for the night's, which waited longer.

    Not for the same bytes; nor where the schedule's own run sent it, which Airflow has forgotten and made again.
    """
    if not found.unready or deliverer.startswith(_SCHEDULED):
        return False
    return read_manifest(delivery, delivery.file_name).sha256 != found.sha256
