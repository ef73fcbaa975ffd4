"""What is known about a delivery's file, and about each attempt to send it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.destinations import EVENT_TYPES, AnyDestination
from event_delivery.ledger.records import AttemptRecord, DeliveryRecord
from event_delivery.page.answers.instants import show_instant, show_known
from event_delivery.page.answers.shapes.delivery import Attempt, DeliveryFile, Kind, Profile
from event_delivery.page.sources.setup import read_setup
from event_delivery.schedule import Interval


@dataclass(frozen=True)
class AskedDelivery:
    """Which delivery is asked for; nobody may have made it yet. A test file has no interval."""

    destination: AnyDestination
    event: str
    day: date
    kind: Kind
    interval: Interval | None = None
    due: datetime | None = None


def describe_file(asked: AskedDelivery, record: DeliveryRecord | None) -> DeliveryFile:
    """Return what the ledger knows of the file; before it does, its name derives from the configuration."""
    planned = _plan(asked, record)
    due = asked.due or (planned.due if planned else None)
    sent = record if record and record.state != "skipped" else None
    size, seconds = (sent.bytes, sent.seconds) if sent else (None, None)
    return {
        "file_name": (record.file_name if record else None) or (planned.file_name if planned else None),
        "replaces": record.replaces if record else None,
        "exact": bool(record and record.exact),
        "remote_path": sent.remote_path if sent else None,
        "rows": record.rows if record else None,
        "bytes": size,
        "sha256": sent.sha256 if sent else None,
        "permanent": record.permanent if record else None,
        "profile": _describe_profile(record.profile) if record else None,
        "seconds": seconds,
        "rate": round(size / seconds) if seconds and size else None,
        "delivered_at": show_known(sent.delivered_at) if sent else None,
        "due": show_known(due),
    }


def describe_attempts(record: DeliveryRecord | None, attempts: Sequence[AttemptRecord]) -> list[Attempt]:
    """Return each attempt, with how long it took."""
    doubt = record.last_error if record and record.state == "unconfirmed" else None
    return [_describe_attempt(attempt, doubt) for attempt in attempts]


def _describe_attempt(attempt: AttemptRecord, doubt: str | None) -> Attempt:
    started, ended = attempt.started_at, attempt.ended_at
    return {
        "attempt": attempt.attempt,
        "run_id": attempt.run_id,
        "started_at": show_instant(started),
        "ended_at": show_known(ended),
        "seconds": round((ended - started).total_seconds(), 3) if ended else None,
        "bytes_sent": attempt.bytes_sent,
        "error": attempt.error,
        "permanent": attempt.permanent,
        "unconfirmed": attempt.error is not None and attempt.error == doubt,
    }


def _describe_profile(profile: dict[str, Any] | None) -> Profile | None:
    if profile is None:
        return None
    return {"rows_by_hour": profile.get("rows_by_hour", {}), "top_titles": profile.get("top_titles", {})}


def _plan(asked: AskedDelivery, record: DeliveryRecord | None) -> Delivery | None:
    """Return the delivery as the configuration names it; a test file's name derives from its run's start."""
    destination = read_setup(asked.destination).destination
    if not destination or asked.event not in EVENT_TYPES:
        return None
    if asked.interval:
        return nightly_delivery(destination, asked.event, asked.interval)
    return delivery_of_test_file(destination, asked.event, record.interval_start) if record else None
