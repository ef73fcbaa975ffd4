"""In which state is one night's delivery, and what is there to say about it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from event_delivery.ledger_reading import Record
from event_delivery.retry import attempt_of, retry_delay

LATE_AFTER = timedelta(minutes=60)
MISSING_AFTER = timedelta(minutes=30)
ACTIVE = ("queued", "running")


@dataclass(frozen=True)
class Try:
    """One task of a run, as Airflow's scheduler knows it."""

    task: str
    map_index: int
    state: str | None
    try_number: int
    max_tries: int
    ended_at: datetime | None
    wait_seconds: float | None

    @property
    def attempt(self) -> int:
        """Number of the attempt since the run was last cleared; 1 for one that has not begun."""
        return max(1, attempt_of(self.try_number, self.max_tries))

    @property
    def next_at(self) -> datetime | None:
        """When it is tried again, if it waits for that."""
        if self.state != "up_for_retry" or not self.ended_at:
            return None
        wait = retry_delay(self.attempt) if self.wait_seconds is None else self.wait_seconds
        return self.ended_at + timedelta(seconds=wait)


@dataclass(frozen=True)
class Run:
    """A run that is under way or has failed."""

    run_id: str
    state: str
    tries: tuple[Try, ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether it is under way."""
        return self.state in ACTIVE

    def upload_of(self, event_index: int) -> Try | None:
        """Return the upload of one event type: a mapped task has one for each, once it is expanded."""
        uploads = {this.map_index: this for this in self.tries if this.task == "upload"}
        return uploads.get(event_index) or uploads.get(-1)


@dataclass(frozen=True)
class Night:
    """All that is known about one delivery."""

    due: datetime
    expected: bool
    record: Record | None = None
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


def _judge_delivered(due: datetime, record: Record) -> dict[str, Any]:
    first = record.first_delivered_at or record.delivered_at
    late = first is not None and first - due > LATE_AFTER
    state = "late" if late else "delivered" if record.rows else "empty"
    cell: dict[str, Any] = {"s": state, "r": record.rows, "b": record.bytes}
    if record.delivered_at:
        cell["t"] = show_instant(record.delivered_at)
    if late and first != record.delivered_at:
        cell["f"] = show_instant(first)  # type: ignore[arg-type]
    return cell


def _judge_under_way(night: Night, upload: Try | None) -> dict[str, Any]:
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


def _last_error(record: Record | None) -> dict[str, str]:
    return {"err": record.last_error} if record and record.last_error else {}


def _blame(run: Run, record: Record | None) -> dict[str, str]:
    """Name the task that failed, where the ledger knows no reason: nothing was sent then."""
    if record and record.last_error:
        return {}
    failed = next((this.task for this in run.tries if this.state == "failed"), None)
    if failed:
        return {"err": f"The task {failed!r} failed before anything was sent; its log says why."}
    return {"err": "The run failed before anything was sent; its log says why."}
