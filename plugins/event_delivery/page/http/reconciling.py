"""How is a period reconciled from the page, and how does a report leave it?"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Literal

from fastapi import HTTPException, Request, Response

from event_delivery.completeness.report_csv import write_csv
from event_delivery.destinations import AnyDestination
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.reconciliations import find_reconciliation
from event_delivery.orchestration.names import DESTINATION_PARAM, FROM_PARAM, RECONCILIATION_DAG, TO_PARAM
from event_delivery.page.answers.shapes.action import Started
from event_delivery.page.http.questions import answer_in_time
from event_delivery.page.http.refusals import require_valid
from event_delivery.page.http.responses import send_file
from event_delivery.page.http.starting import describe_started, trigger_run, warn_of_pause
from event_delivery.schedule import last_day_before

ReportFormat = Literal["json", "csv"]
_MEDIA = {"json": "application/json", "csv": "text/csv; charset=utf-8"}


async def reconcile(request: Request, destination: AnyDestination, first: date, last: date) -> Started:
    """Trigger a run that compares what the source holds with what was delivered, from the first to the last day.

    Raises:
        HTTPException: 409 for a quarantined destination, 422 for days that are none or not over; and what Airflow
            refuses.
    """
    await answer_in_time(_refuse_period, destination, first, last)
    conf = {DESTINATION_PARAM: destination.id, FROM_PARAM: str(first), TO_PARAM: str(last)}
    run_id = await trigger_run(request, RECONCILIATION_DAG, conf)
    said = f"A run was started that compares {first} to {last} with the source."
    return describe_started(RECONCILIATION_DAG, run_id, said + await warn_of_pause(RECONCILIATION_DAG))


def write_report(destination: AnyDestination, report_id: int, form: ReportFormat) -> Response:
    """Return a report as a file, with the bytes that the command writes.

    Raises:
        HTTPException: 404, there is no such report on this destination.
    """
    with open_ledger_reading() as ledger:
        report = find_reconciliation(ledger, destination.id, report_id)
    if report is None:
        raise HTTPException(404, f"There is no such report on {destination.id}.")
    found = json.loads(report)
    name = f"reconciliation-{destination.id}-{found['from']}-{found['to']}.{form}"
    text = report if form == "json" else write_csv(found)
    return send_file(name, f"{text}\n".encode(), _MEDIA[form])


def _refuse_period(destination: AnyDestination, first: date, last: date) -> None:
    require_valid(destination)
    over = last_day_before(datetime.now(UTC), destination.schedule.timezone).date
    if first > last or last > over:
        raise HTTPException(
            422, f"{destination.id}: {first} to {last} is no period of days that are over; the last one is {over}."
        )
