"""In which state is one night's delivery, and what is there to say about it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from event_delivery.ledger.records import NightRecord
from event_delivery.limits import LATE_AFTER, MISSING_AFTER
from event_delivery.page.sources.runs import Run, TaskState


@dataclass(frozen=True)
class Night:
    """All that is known about one delivery."""

    due: datetime
    expected: bool
    record: NightRecord | None = None
    run: Run | None = None
    event_index: int = 0


def judge_night(night: Night, now: datetime) -> dict[str, Any] | None:
    """Return the cell of a delivery, or None when there is nothing to say about it."""
    record = night.record
    upload = night.run.upload_of(night.event_index) if night.run else None
    if night.run and night.run.is_active and not (upload and upload.state == "success"):
        return _judge_under_way(night, upload)
    if record and record.state == "delivered":
        return _judge_delivered(night.due, record)
    if night.run and night.run.state == "failed":
        return {"s": "failed", **_last_error(record), **_blame(night.run, record)}
    if record and record.state == "failed":
        return {"s": "failed", **_last_error(record)}
    if record:
        return {"s": "missing", "err": "An attempt was cut off and no run carries on; deliver the day again."}
    if not night.expected:
        return None
    return {"s": "due" if now < night.due + MISSING_AFTER else "missing"}


def show_instant(instant: datetime) -> str:
    """Return an instant as ISO 8601 in UTC."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _judge_delivered(due: datetime, record: NightRecord) -> dict[str, Any]:
    first = record.first_delivered_at or record.delivered_at
    late = first is not None and first - due > LATE_AFTER
    state = "late" if late else "delivered" if record.rows else "empty"
    cell: dict[str, Any] = {"s": state, "r": record.rows, "b": record.bytes}
    if record.delivered_at:
        cell["t"] = show_instant(record.delivered_at)
    if late and first != record.delivered_at:
        cell["f"] = show_instant(first)  # type: ignore[arg-type]
    return cell


def _judge_under_way(night: Night, upload: TaskState | None) -> dict[str, Any]:
    if not upload or not upload.state or upload.state in ("removed", "skipped"):
        return {"s": "running"}
    if upload.state in ("failed", "upstream_failed"):
        return {"s": "failed", **_last_error(night.record)}
    if upload.next_at:
        cell = {"s": "retrying", "a": upload.attempt, "n": show_instant(upload.next_at)}
        return cell | _last_error(night.record)
    if upload.attempt > 1:
        return {"s": "retrying", "a": upload.attempt} | _last_error(night.record)
    return {"s": "running"}


def _last_error(record: NightRecord | None) -> dict[str, str]:
    return {"err": record.last_error} if record and record.last_error else {}


def _blame(run: Run, record: NightRecord | None) -> dict[str, str]:
    """Name the task that failed, where the ledger knows no reason: nothing was sent then."""
    if record and record.last_error:
        return {}
    failed = next((this.task for this in run.tries if this.state == "failed"), None)
    if failed:
        return {"err": f"The task {failed!r} failed before anything was sent; its log says why."}
    return {"err": "The run failed before anything was sent; its log says why."}
