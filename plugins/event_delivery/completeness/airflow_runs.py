"""How does a command learn of nightly DAGs and start runs of them, in Airflow's own database?"""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.errors import PermanentError
from event_delivery.run_names import EVENT_PARAM, nightly_dag_id

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_OPEN = ("queued", "running")


@dataclass(frozen=True)
class NightlyDag:
    """What Airflow says of a destination's nightly DAG.

    `next_start`: where its next scheduled run starts. `open_runs`: of each run that waits or is under way, where
    its interval starts, and its only event type, None where it delivers all.
    """

    is_paused: bool
    next_start: datetime | None
    open_runs: tuple[tuple[datetime | None, str | None], ...]

    def carries(self, start: datetime, event: str) -> bool:
        """Tell whether a run that waits or is under way delivers an event type's interval from here on."""
        return not {(start, None), (start, event)}.isdisjoint(self.open_runs)


def read_nightly_dag(session: Session, destination_id: str) -> NightlyDag | None:
    """Return what Airflow knows of a destination's nightly DAG, None where it has not read that (yet)."""
    from airflow.models.dag import DagModel
    from airflow.models.dagrun import DagRun
    from sqlalchemy import select

    dag = session.get(DagModel, nightly_dag_id(destination_id))
    if dag is None or dag.is_stale:
        return None
    statement = select(DagRun.data_interval_start, DagRun.conf).where(
        DagRun.dag_id == dag.dag_id, DagRun.state.in_(_OPEN)
    )
    open_runs = tuple((start, (conf or {}).get(EVENT_PARAM)) for start, conf in session.execute(statement))
    return NightlyDag(bool(dag.is_paused), dag.next_dagrun, open_runs)


def start_run(session: Session, run: dict[str, Any]) -> None:
    """Make a run that `describe_run` has described; the scheduler starts it.

    Raises:
        PermanentError: Airflow makes none, such as of a DAG that is not there any more.
    """
    from airflow.api.common.trigger_dag import trigger_dag
    from airflow.exceptions import AirflowException
    from airflow.utils.types import DagRunTriggeredByType

    try:
        trigger_dag(
            run["trigger_dag_id"],
            triggered_by=DagRunTriggeredByType.CLI,
            triggering_user_name=getpass.getuser(),
            run_id=run["trigger_run_id"],
            conf=run["conf"],
            session=session,
        )
        session.commit()
    except (AirflowException, ValueError) as error:
        raise PermanentError(f"{run['trigger_run_id']} was not started: {error}") from None
