"""Which shape has the answer to an action?"""

from __future__ import annotations

from typing import Literal, TypedDict

Decision = Literal["robot", "send again"]  # as the DAGs read it: orchestration.names.ROBOT, SEND_AGAIN


class Started(TypedDict):
    """What an action started, where in Airflow it is, and what to tell the user."""

    dag_id: str
    run_id: str | None
    backfill_id: int | None
    link: str
    said: str
