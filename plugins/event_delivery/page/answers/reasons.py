"""What is said of a delivery that failed or is open where the ledger has no reason?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from event_delivery.limits import HOUR, LONGEST_RUN
from event_delivery.orchestration.names import QUARANTINED
from event_delivery.page.sources.run import Run, TaskState
from event_delivery.schedule import Interval

CUT_OFF = "An attempt was cut off and no run carries on; deliver the day again."
MARKED = (
    "Airflow calls the run a success, though nothing was delivered: a person marked its upload, or an edit of the "
    "YAML removed it. Deliver the day again."
)
REMOVED = "Its event type was taken out of the YAML before it was delivered: put it back to deliver it."
CANCELLED = "Cancelled: its event type was taken out of the YAML before it was delivered."
HOST_WAIT = (
    "The upload waits for its turn at the client's host, where no more than connections_per_host are open at once."
)
WAITS = "The run waits for its source, which is not complete yet; the task's log says since when, and until when."
_ENDED = ("failed", "upstream_failed", "skipped", "removed")


def blame_run(run: Run, event: str) -> str:
    """Say which of an event type's tasks ended a run, in which state, and what to do."""
    return f"{_blame_tasks(run.tasks_for(event))} Deliver the day again."


def blame_test_run(run: Run) -> str:
    """Say the same of a test file's run."""
    return f"{_blame_tasks(run.tasks)} Send the test file again."


def explain_part(interval: Interval, day: date) -> str:
    """Say of a part of a day that no run carries it, and what would."""
    return (
        f"No run carries {interval}, a part of a day: the schedule went on without it. A run of {day} with "
        "allow_overlap would, and the client gets what it has of that day twice."
    )


def explain_skipped(interval: Interval) -> str:
    """Say of a day that the schedule has gone past it."""
    return (
        f"No run carries {interval}: the schedule went on without it, after a pause, a quarantine, an outage or a "
        "change. Deliver what is missing."
    )


def _blame_tasks(tasks: Sequence[TaskState]) -> str:
    ended = next((task for task in tasks if task.state in _ENDED), None)
    if ended is None:
        return _blame_unfinished(tasks)
    if ended.task == QUARANTINED:
        return "The destination's file was wrong when the run began: nothing was sent."
    return f"The task {ended.task!r} {_say_end(ended)}"


def _blame_unfinished(tasks: Sequence[TaskState]) -> str:
    unfinished = next((task for task in tasks if task.state != "success"), None)
    if unfinished is None:
        return "The run failed before any of its tasks began: nothing was sent."
    state = repr(unfinished.state) if unfinished.state else "not begun"
    return f"The run failed while its task {unfinished.task!r} was {state}: nothing was sent."


def _say_end(task: TaskState) -> str:
    if task.state == "failed":
        return "failed and left no reason in the ledger: its process was killed, or the ledger was away."
    if task.state == "skipped":
        hours = round(LONGEST_RUN.total_seconds() / HOUR)
        return f"was 'skipped': the run took longer than {hours} hours, or a person marked it."
    return f"ended as {task.state!r} and left no reason in the ledger."
