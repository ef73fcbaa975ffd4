"""What has a run delivered that Airflow calls a success, and what has it left open?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from event_delivery.orchestration.asked import asks_for
from event_delivery.orchestration.markdown import show_code, show_text
from event_delivery.orchestration.names import (
    UPLOAD,
    event_of_task,
    sends_test_file,
    task_ids,
)

OUR_NOTES = ("Delivered `", "Skipped `", "Rehearsed, ", "**Not delivered: ", "**Cancelled: ")


@dataclass(frozen=True)
class Outcome:
    """Names of the files that were delivered; event types that were not, and those whose tasks an edit removed.

    `rehearsed`: the files went to a server of our own, and to no client. `exact`: byte for byte as before.
    `failed_tasks`: their ids by event type. `remarks`: what a person should know of the files, a sentence each.
    `skipped`: names of files that days without events did not bring.
    """

    file_names: tuple[str, ...]
    open: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    rehearsed: bool = False
    exact: bool = False
    failed_tasks: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()

    def describe(self) -> str:
        """Return a note for people, in Markdown; empty where there is nothing to say."""
        names = ", ".join(map(show_code, self.file_names))
        verb = "Rehearsed, and sent to no client:" if self.rehearsed else "Delivered"
        as_before = ", byte for byte as before" if self.exact else ""
        notes = [f"{verb} {names}{as_before}"] if names else []
        notes += [
            f"Skipped {show_code(name)}: no events, `empty_day` is `skip`, nothing was sent"
            for name in self.skipped
        ]
        notes += [f"**{show_text(remark)}**" for remark in self.remarks]
        notes += [f"**Not delivered: {show_text(event)}**, its upload was marked, not done" for event in self.open]
        notes += [
            f"**Cancelled: {show_text(event)}**, no longer in the destination's `events`" for event in self.removed
        ]
        return "; ".join(notes)


def read_outcome(session: Any, dag_run: Any) -> Outcome:
    """Read from Airflow's database what each upload of a run has returned."""
    instances = dag_run.get_task_instances(session=session)
    uploads = {each.task_id: each for each in instances if _is_upload(each.task_id)}
    delivered = _read_results(session, dag_run, list(uploads))
    names = tuple(sorted(each["file_name"] for each in delivered.values() if not each.get("skipped")))
    skipped = tuple(sorted(each["file_name"] for each in delivered.values() if each.get("skipped")))
    rehearsed = any(result.get("rehearsal") for result in delivered.values())
    exact = any(result.get("exact") for result in delivered.values())
    if sends_test_file(dag_run.dag_id):
        return Outcome(names, rehearsed=rehearsed)
    left = {
        task_id: each
        for task_id, each in uploads.items()
        if task_id not in delivered and asks_for(_event(task_id), dag_run)
    }
    removed = tuple(sorted(_event(task_id) for task_id, each in left.items() if each.state == "removed"))
    marked = tuple(sorted({_event(task_id) for task_id in left} - set(removed)))
    failed = {_event(each.task_id): each.task_id for each in instances if each.state == "failed"}
    remarks = tuple(remark for _, result in sorted(delivered.items()) for remark in result.get("remarks", ()))
    return Outcome(names, marked, removed, rehearsed, exact, failed, remarks, skipped)


def _read_results(session: Any, dag_run: Any, task_ids: list[str]) -> dict[str, dict[str, Any]]:
    from airflow.models.xcom import XComModel

    if not task_ids:
        return {}
    named = {"run_id": dag_run.run_id, "dag_ids": dag_run.dag_id, "task_ids": task_ids, "key": "return_value"}
    rows = session.scalars(XComModel.get_many(**named))
    results = {row.task_id: XComModel.deserialize_value(row) for row in rows}
    return {task: result for task, result in results.items() if isinstance(result, dict)}


def _is_upload(task_id: str) -> bool:
    event = event_of_task(task_id)
    return task_id == UPLOAD or (event is not None and task_ids(event).upload == task_id)


def _event(task_id: str) -> str:
    return event_of_task(task_id) or task_id
