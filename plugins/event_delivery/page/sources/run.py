"""How far has a run come, and which of its attempts is under way?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from event_delivery.orchestration.names import UPLOAD
from event_delivery.schedule import attempt_of, retry_delay

ACTIVE = ("queued", "running")


@dataclass(frozen=True)
class TaskState:
    """One task of a run, as Airflow's scheduler knows it; the names of its numbers are Airflow's own."""

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
        """When the next attempt begins, if it waits for that."""
        if self.state != "up_for_retry" or not self.ended_at:
            return None
        wait = retry_delay(self.attempt) if self.wait_seconds is None else self.wait_seconds
        return self.ended_at + timedelta(seconds=wait)


@dataclass(frozen=True)
class Run:
    """A run, and its tasks."""

    run_id: str
    state: str
    tasks: tuple[TaskState, ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether it is under way."""
        return self.state in ACTIVE

    def upload_of(self, event_index: int) -> TaskState | None:
        """Return the upload of one event type: a mapped task has one for each, once it is expanded."""
        uploads = {this.map_index: this for this in self.tasks if this.task == UPLOAD}
        return uploads.get(event_index) or uploads.get(-1)

    def find_task(self, state: str) -> str | None:
        """Return the name of a task in this state, or None."""
        return next((this.task for this in self.tasks if this.state == state), None)


@dataclass(frozen=True)
class RunOfDag:
    """A run, and what says which day it carries."""

    dag_id: str
    run: Run
    run_type: str
    day: str | None
    logical_date: datetime | None
    interval_start: datetime | None
    interval_end: datetime | None
    run_after: datetime
