"""How far has a run come, and which of its attempts is under way?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from event_delivery.orchestration.names import event_of_task, task_ids
from event_delivery.schedule import Interval, attempt_of, retry_delay

ACTIVE = ("queued", "running")


@dataclass(frozen=True)
class TaskState:
    """One task of a run, as Airflow's scheduler knows it; the names of its numbers are Airflow's own."""

    task: str
    state: str | None
    try_number: int
    max_tries: int
    ended_at: datetime | None
    wait_seconds: float | None

    @property
    def attempt(self) -> int:
        """Number of an upload's attempt since the run was last cleared; 1 for one that has not begun."""
        return max(1, attempt_of(self.try_number, self.max_tries))

    @property
    def next_at(self) -> datetime | None:
        """When an upload's next attempt begins, if it waits for that."""
        if self.state != "up_for_retry" or not self.ended_at:
            return None
        wait = retry_delay(self.attempt) if self.wait_seconds is None else self.wait_seconds
        return self.ended_at + timedelta(seconds=wait)


@dataclass(frozen=True)
class Run:
    """A run, and its tasks; `exact`: it sends kept files, and never reads the source."""

    run_id: str
    state: str
    tasks: tuple[TaskState, ...] = ()
    exact: bool = False

    @property
    def is_active(self) -> bool:
        """Whether it is under way."""
        return self.state in ACTIVE

    def carries(self, event: str) -> bool:
        """Whether it delivers this event type, as far as its tasks tell: one that is new is in no older run."""
        return not self.tasks or bool(self.tasks_for(event))

    def upload_of(self, event: str) -> TaskState | None:
        """Return the upload of one event type, or None where the run has none."""
        wanted = task_ids(event).upload
        return next((this for this in self.tasks if this.task == wanted), None)

    def tasks_for(self, event: str) -> list[TaskState]:
        """Return the tasks that this event type waits for, in order: its own, and those of no event type."""
        order = task_ids(event)
        mine = [this for this in self.tasks if event_of_task(this.task) in (event, None)]
        return sorted(mine, key=lambda this: order.index(this.task) if this.task in order else -1)

    def find_task(self, state: str) -> str | None:
        """Return the name of a task in this state, or None."""
        return next((this.task for this in self.tasks if this.state == state), None)


@dataclass(frozen=True)
class RunOfDag:
    """A run, and what says which interval it carries."""

    dag_id: str
    run: Run
    day: str | None
    logical_date: datetime | None
    interval_start: datetime | None
    interval_end: datetime | None
    run_after: datetime


class CarriedInterval(NamedTuple):
    """The interval that a run carries, whatever became of it: when the run was due, and when it was made."""

    interval: Interval
    is_scheduled: bool
    run_id: str
    state: str
    due: datetime
    made: datetime
