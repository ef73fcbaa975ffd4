"""Are a destination's DAGs stopped?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from event_delivery.connection.kept import record_in_audit_log
from event_delivery.errors import PermanentError
from event_delivery.run_names import dag_id_of_test_file, nightly_dag_id

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

AUDITED_AS = "offboard_destination"


def pause_dags(session: Session, destination_id: str, user: str) -> None:
    """Pause both DAGs: no task of theirs starts any more. The caller commits."""
    from airflow.models.dag import DagModel

    for dag_id in _name_dags(destination_id):
        if (dag := session.get(DagModel, dag_id)) is not None:
            dag.is_paused = True
    record_in_audit_log(session, AUDITED_AS, user, destination=destination_id)


def require_rest(session: Session, destination_id: str) -> None:
    """Let nothing be removed while a task may still use it.

    Raises:
        PermanentError: a task of either DAG is under way.
    """
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import select

    under_way = select(TaskInstance.dag_id, TaskInstance.task_id).where(
        TaskInstance.dag_id.in_(_name_dags(destination_id)), TaskInstance.state.in_(("queued", "running"))
    )
    if found := session.execute(under_way.limit(1)).first():
        raise PermanentError(
            f"{found.task_id} of {found.dag_id} is under way, and nothing starts after it: run this again when it "
            f"has ended."
        )


def _name_dags(destination_id: str) -> tuple[str, str]:
    return nightly_dag_id(destination_id), dag_id_of_test_file(destination_id)
