"""In which state is one night's delivery, and what is there to say about it?"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from event_delivery.ledger.records import NightRecord
from event_delivery.limits import LATE_AFTER, MISSING_AFTER
from event_delivery.page.answers.instants import show_instant
from event_delivery.page.answers.shapes.overview import Cell
from event_delivery.page.answers.states import State
from event_delivery.page.sources.run import Run, TaskState

_CUT_OFF = "An attempt was cut off and no run carries on; deliver the day again."
NOTHING_SENT = "The run failed before anything was sent; its log says why."


class Night(NamedTuple):
    """All that is known about one delivery."""

    day: str
    event: str
    due: datetime
    expected: bool
    record: NightRecord | None = None
    run: Run | None = None
    event_index: int = 0


def judge_night(night: Night, now: datetime) -> Cell | None:
    """Return the cell of a delivery, or None when there is nothing to say about it."""
    record, run = night.record, night.run
    upload = run.upload_of(night.event_index) if run else None
    if run and run.is_active and not (upload and upload.state == "success"):
        return _judge_under_way(night, upload)
    if record and record.state == "delivered":
        return _judge_delivered(night, record)
    if record and record.state == "unconfirmed":
        return _make_cell(night, "unconfirmed", _last_error(record))
    if run and run.state == "failed":
        return _make_cell(night, "failed", _last_error(record) or _blame(run))
    if record and record.state == "failed":
        return _make_cell(night, "failed", _last_error(record))
    if record:
        return _make_cell(night, "missing", _CUT_OFF)
    if not night.expected:
        return None
    return _make_cell(night, "due" if now < night.due + MISSING_AFTER else "missing")


def _make_cell(night: Night, state: State, error: str | None = None) -> Cell:
    cell: Cell = {"day": night.day, "event": night.event, "state": state}
    if error:
        cell["error"] = error
    return cell


def _judge_delivered(night: Night, record: NightRecord) -> Cell:
    first = record.first_delivered_at or record.delivered_at
    late = first is not None and first - night.due > LATE_AFTER
    state: State = "late" if late else "delivered" if record.rows else "empty"
    cell: Cell = {
        "day": night.day, "event": night.event, "state": state, "rows": record.rows, "bytes": record.bytes,
    }  # fmt: skip
    if record.delivered_at:
        cell["delivered_at"] = show_instant(record.delivered_at)
    if late and first and first != record.delivered_at:
        cell["first_delivered_at"] = show_instant(first)
    return cell


def _judge_under_way(night: Night, upload: TaskState | None) -> Cell:
    if not upload or not upload.state or upload.state in ("removed", "skipped"):
        return _make_cell(night, "running")
    error = _last_error(night.record)
    if upload.state in ("failed", "upstream_failed"):
        unconfirmed = night.record is not None and night.record.state == "unconfirmed"
        return _make_cell(night, "unconfirmed" if unconfirmed else "failed", error)
    if not upload.next_at and upload.attempt == 1:
        return _make_cell(night, "running")
    cell = _make_cell(night, "retrying", error)
    cell["attempt"] = upload.attempt
    if upload.next_at:
        cell["next_at"] = show_instant(upload.next_at)
    return cell


def _last_error(record: NightRecord | None) -> str | None:
    return record.last_error if record else None


def _blame(run: Run) -> str:
    """Name the task that failed, where the ledger knows no reason: nothing was sent then."""
    failed = run.find_task("failed")
    return f"The task {failed!r} failed before anything was sent; its log says why." if failed else NOTHING_SENT
