"""In which state is one night's delivery, and what is there to say about it?"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from event_delivery.ledger.records import NightRecord
from event_delivery.limits import LATE_AFTER, MISSING_AFTER
from event_delivery.page.answers.completeness import add_completeness
from event_delivery.page.answers.instants import show_instant
from event_delivery.page.answers.reasons import (
    CANCELLED,
    CUT_OFF,
    HOST_WAIT,
    MARKED,
    REMOVED,
    WAITS,
    blame_run,
    explain_part,
    explain_skipped,
)
from event_delivery.page.answers.shapes.overview import Cell
from event_delivery.page.answers.states import State
from event_delivery.page.sources.run import CarriedInterval, Run, TaskState
from event_delivery.schedule import Interval

_OVER, _IDLE = ("failed", "upstream_failed"), (None, "skipped")
_DONE = ("success", "removed")
_WAITING: dict[str, State] = {"unconfirmed": "unconfirmed", "held": "held"}  # for a person


class Night(NamedTuple):
    """All that is known about one delivery: its interval, the date by which people call that, when it is due.

    `promised`: it was scheduled in time. `skipped`: the schedule went on without it. `is_whole`: it is not a
    part of a day. `in_yaml`: its event type is still delivered. `refused`: it was asked for by mistake.
    """

    event: str
    interval: Interval
    date: date
    due: datetime
    record: NightRecord | None = None
    run: Run | None = None
    carried: CarriedInterval | None = None
    promised: bool = False
    in_yaml: bool = True
    skipped: bool = False
    is_whole: bool = True
    refused: bool = False

    @property
    def was_begun(self) -> bool:
        """Whether there is a run or a record of it, not only a gap."""
        return bool(self.record or self.run or self.carried)


def judge_night(night: Night, now: datetime) -> Cell:
    """Return the cell of a delivery."""
    record, run = night.record, night.run
    upload = run.upload_of(night.event) if run else None
    done = upload is not None and upload.state in _DONE
    if run and run.is_active and not done:
        return _judge_under_way(night, run, upload)
    if record and record.state in ("delivered", "skipped"):
        return _judge_delivered(night, record)
    if record and record.state in _WAITING:
        return make_cell(night, _WAITING[record.state], record.last_error)
    if record and record.state == "cancelled":
        return make_cell(night, "cancelled", record.last_error or CANCELLED)
    if run and run.state == "failed" and not done:
        return make_cell(night, "failed", _last_error(record) or blame_run(run, night.event))
    if record and record.state == "failed":
        return make_cell(night, "failed", _last_error(record) or CUT_OFF)
    if record:
        return _judge_abandoned(night, CUT_OFF if night.in_yaml else REMOVED)
    if done or night.carried:
        return _judge_abandoned(night, MARKED)
    return _judge_lacking(night, now)


def make_cell(night: Night, state: State, error: str | None = None) -> Cell:
    """Return a night's cell in a state, with its reason if it has one."""
    cell: Cell = {"day": str(night.date), "event": night.event, "state": state}
    if night.refused:
        cell["refused"] = True
    if error:
        cell["error"] = error
    return cell


def is_late(night: Night) -> bool:
    """Tell whether a client waited: a night that was promised came first much after it was due."""
    first = find_arrival(night)
    return night.promised and first is not None and first - night.due > LATE_AFTER


def find_arrival(night: Night) -> datetime | None:
    """Return when the client had a night's file first."""
    return (night.record.first_delivered_at or night.record.delivered_at) if night.record else None


def _judge_delivered(night: Night, record: NightRecord) -> Cell:
    late, first = is_late(night), find_arrival(night)
    state: State = "late" if late else "delivered" if record.rows else "empty"
    cell = make_cell(night, state if record.state == "delivered" else "skipped")
    if cell["state"] == state:
        cell["rows"], cell["bytes"] = record.rows, record.bytes
        if record.delivered_at:
            cell["delivered_at"] = show_instant(record.delivered_at)
        if late and first and first != record.delivered_at:
            cell["first_delivered_at"] = show_instant(first)
    add_completeness(cell, record)
    return cell


def _judge_abandoned(night: Night, error: str) -> Cell:
    return {**make_cell(night, "missing", error), "has_run": True}


def _judge_lacking(night: Night, now: datetime) -> Cell:
    """Judge what no run has carried; the latest days of all need no words."""
    state: State = "due" if now < night.due + MISSING_AFTER else "missing"
    if not night.is_whole:
        return {**make_cell(night, state, explain_part(night.interval, night.date)), "part": True}
    return make_cell(night, state, explain_skipped(night.interval) if night.skipped else None)


def _judge_under_way(night: Night, run: Run, upload: TaskState | None) -> Cell:
    error = _last_error(night.record)
    if not upload or upload.state in _IDLE:
        states = {task.state for task in run.tasks_for(night.event)}
        if "up_for_retry" in states:
            return make_cell(night, "retrying", error)
        return make_cell(night, "running", WAITS if "up_for_reschedule" in states else None)
    if upload.state in _OVER:
        state = _WAITING.get(night.record.state, "failed") if night.record else "failed"
        return make_cell(night, state, error or blame_run(run, night.event))
    if not upload.next_at and upload.attempt == 1:
        return make_cell(night, "running", HOST_WAIT if upload.state == "up_for_reschedule" else None)
    cell = make_cell(night, "retrying", error)
    cell["attempt"] = upload.attempt
    if upload.next_at:
        cell["next_at"] = show_instant(upload.next_at)
    return cell


def _last_error(record: NightRecord | None) -> str | None:
    return record.last_error if record else None
