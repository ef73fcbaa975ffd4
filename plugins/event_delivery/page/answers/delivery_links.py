"""Where in Airflow is a delivery: its DAG, its run, its log, its Connection?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from event_delivery.ledger.records import DeliveryRecord
from event_delivery.orchestration.links import link_connection, link_dag, link_log, link_run
from event_delivery.orchestration.names import dag_id_of_test_file, nightly_dag_id
from event_delivery.page.answers.delivery_file import AskedDelivery
from event_delivery.page.answers.shapes.delivery import DeliveryLinks
from event_delivery.page.sources.run_days import find_run_of_day
from event_delivery.page.sources.setup import read_setup

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def link_everything(session: Session, asked: AskedDelivery, record: DeliveryRecord | None) -> DeliveryLinks:
    """Return the paths of all that belongs to a delivery."""
    setup, nightly = read_setup(asked.destination), asked.kind == "nightly"
    dag_id = nightly_dag_id(asked.destination.id) if nightly else dag_id_of_test_file(asked.destination.id)
    run_id = _find_run_id(session, asked, record)
    mapped = nightly and len(setup.events) > 1 and asked.event in setup.events
    map_index = setup.events.index(asked.event) if mapped else -1
    return {
        "dag": link_dag(dag_id),
        "run": link_run(dag_id, run_id) if run_id else None,
        "log": link_log(dag_id, run_id, map_index) if run_id else None,
        "connection": link_connection(setup.connection) if setup.connection else None,
    }


def _find_run_id(session: Session, asked: AskedDelivery, record: DeliveryRecord | None) -> str | None:
    """Return the latest run of the day; the ledger knows only those that came to the upload."""
    run = find_run_of_day(session, asked.destination, asked.day) if asked.kind == "nightly" else None
    return run.run_id if run else record.run_id if record else None
