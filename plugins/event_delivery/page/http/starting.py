"""How is a run started, and what is said about it?"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request

from event_delivery.orchestration.links import link_run, quote_part
from event_delivery.page.answers.shapes.action import Started
from event_delivery.page.http.airflow_api import TriggeredRun, call_airflow
from event_delivery.page.http.questions import answer_in_time
from event_delivery.page.sources.dags import read_dags
from event_delivery.page.sources.metadata import open_metadata


async def trigger_run(request: Request, dag_id: str, conf: Mapping[str, str | bool]) -> str:
    """Trigger a run; returns its id."""
    body = {"logical_date": None, "conf": dict(conf)}
    answer = await call_airflow(request, "POST", f"/dags/{quote_part(dag_id)}/dagRuns", body)
    return TriggeredRun.model_validate_json(answer).dag_run_id


async def warn_of_pause(dag_id: str) -> str:
    """Return a sentence to add where a paused DAG lets a run wait."""

    def is_paused() -> bool:
        with open_metadata() as session:
            dag = read_dags(session, [dag_id]).get(dag_id)
            return bool(dag and dag.paused)

    return f" It waits until {dag_id} is unpaused." if await answer_in_time(is_paused) else ""


def describe_started(dag_id: str, run_id: str, said: str) -> Started:
    """Return the answer about a run."""
    link = link_run(dag_id, run_id)
    return {"dag_id": dag_id, "run_id": run_id, "backfill_id": None, "link": link, "said": said}
