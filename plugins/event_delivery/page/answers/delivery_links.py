"""Where in Airflow is a delivery: its DAG, its run, its log, its Connection?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from event_delivery.ledger.records import DeliveryRecord
from event_delivery.orchestration.links import link_connection, link_dag, link_log, link_run
from event_delivery.orchestration.names import UPLOAD, dag_id_of_test_file, nightly_dag_id, task_ids
from event_delivery.page.answers.delivery_file import AskedDelivery
from event_delivery.page.answers.shapes.delivery import DeliveryLinks
from event_delivery.page.sources.run import Run
from event_delivery.page.sources.run_intervals import find_run
from event_delivery.page.sources.setup import read_setup

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def link_everything(session: Session, asked: AskedDelivery, record: DeliveryRecord | None) -> DeliveryLinks:
    """Return the paths of all that belongs to a delivery."""
    setup, nightly = read_setup(asked.destination), asked.kind == "nightly"
    dag_id = nightly_dag_id(asked.destination.id) if nightly else dag_id_of_test_file(asked.destination.id)
    run = find_run(session, asked.destination, asked.interval) if asked.interval else None
    run_id = run.run_id if run else record.run_id if record else None
    return {
        "dag": link_dag(dag_id),
        "run": link_run(dag_id, run_id) if run_id else None,
        "log": link_log(dag_id, run_id, _choose_task(run, asked)) if run_id else None,
        "connection": link_connection(setup.connection) if setup.connection else None,
    }


def _choose_task(run: Run | None, asked: AskedDelivery) -> str:
    """Return the task whose log tells most: the one that failed, else the upload."""
    failed = [task.task for task in run.tasks_for(asked.event) if task.state == "failed"] if run else []
    if failed:
        return failed[0]
    return task_ids(asked.event).upload if asked.kind == "nightly" else UPLOAD
