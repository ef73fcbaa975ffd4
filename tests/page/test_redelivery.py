"""What is cleared when one event type of a day is delivered again?"""

from __future__ import annotations

import pytest
from fastapi import HTTPException

from event_delivery.page.http.redelivery import plan_clearing
from event_delivery.page.http.refusals import refuse_event
from event_delivery.page.sources.run import Run, TaskState

DAG = "nightly_sftp_events__acme"
WHOLE = (f"/dags/{DAG}/dagRuns/manual__1/clear", {"dry_run": False})
FIRST, OTHER = (
    ("extract", "format", "upload"),
    tuple(f"{kind}__started" for kind in ("extract", "format", "upload")),
)


def make_run(**states):
    """A run with these tasks."""
    return Run(
        "manual__1", "failed", tuple(TaskState(task, state, 1, 10, None, None) for task, state in states.items())
    )


BOTH = dict.fromkeys((*FIRST, *OTHER), "success")


@pytest.mark.parametrize(("event", "tasks"), [("courseCompletion", FIRST), ("started", OTHER)])
def test_only_the_tasks_of_the_event_type_are_cleared(event, tasks):
    """The files of the others are not sent again."""
    body = {"dag_run_id": "manual__1", "task_ids": list(tasks)}
    body |= {"only_failed": False, "reset_dag_runs": True, "dry_run": False}
    assert plan_clearing(DAG, make_run(**BOTH), event) == (f"/dags/{DAG}/clearTaskInstances", body)


@pytest.mark.parametrize(
    ("states", "event"),
    [
        (BOTH, None),
        (dict.fromkeys(FIRST, "success"), "started"),  # it is newer than the run
        (BOTH | {"upload__started": "removed"}, "started"),  # it was taken out and put back
        (BOTH | {"quarantined": "failed"}, "started"),
        ({}, "started"),
    ],
)
def test_the_whole_run_is_cleared_where_its_tasks_alone_would_not_do(states, event):
    """No event type was named, or the run as it was made lacks the tasks."""
    assert plan_clearing(DAG, make_run(**states), event) == WHOLE


def test_a_task_of_another_event_type_that_runs_is_no_reason_to_wait():
    """One of its own is, and any where the whole run is cleared."""
    run = make_run(**BOTH | {"upload__started": "running"})
    plan_clearing(DAG, run, "courseCompletion")
    for event in ("started", None):
        with pytest.raises(HTTPException, match="the task 'upload__started' is running"):
            plan_clearing(DAG, run, event)


def test_an_event_type_that_the_destination_has_not_is_refused(acme):
    """It was taken out, or never was there."""
    refuse_event(acme, "courseCompletion")
    refuse_event(acme, None)
    with pytest.raises(HTTPException, match="courseStarted is none of the event types of acme") as caught:
        refuse_event(acme, "courseStarted")
    assert caught.value.status_code == 409
