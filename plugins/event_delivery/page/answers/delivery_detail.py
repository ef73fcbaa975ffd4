"""What exactly was sent, when, and what went wrong before?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from event_delivery.destinations import AnyDestination
from event_delivery.ledger.reading import open_ledger_reading
from event_delivery.ledger.records import AttemptRecord, DeliveryRecord
from event_delivery.page.answers.delivery_file import AskedDelivery, describe_attempts, describe_file
from event_delivery.page.answers.delivery_links import link_everything
from event_delivery.page.answers.latest_test_file import judge_test_file
from event_delivery.page.answers.overview import read_overview
from event_delivery.page.answers.shapes.delivery import DeliveryDetail, DeliveryFacts, Kind
from event_delivery.page.answers.shapes.overview import Cell
from event_delivery.page.answers.support import describe_for_client
from event_delivery.schedule import LocalDay

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_SECOND = timedelta(seconds=1)


def read_delivery(
    session: Session,
    destination: AnyDestination,
    event: str,
    day: date,
    kind: Kind,
    start: datetime | None,
    now: datetime,
) -> DeliveryDetail | None:
    """Return all that is known about a delivery, or None when nothing is.

    A test file is named by `start`, the instant that its run began, else it is the latest of the day.
    """
    asked = AskedDelivery(destination, event, day, kind)
    record, attempts = _read_records(asked, start)
    cell = _read_cell(session, asked, now) if kind == "nightly" else _judge_test(asked, record)
    if record is None and cell is None:
        return None
    facts = _describe(asked, cell, record, attempts)
    links = link_everything(session, asked, record)
    return {**facts, "cell": cell, "links": links, "support": describe_for_client(facts)}


def _describe(
    asked: AskedDelivery, cell: Cell | None, record: DeliveryRecord | None, attempts: Sequence[AttemptRecord]
) -> DeliveryFacts:
    last_error = record.last_error if record else None
    return {
        "destination": asked.destination.id,
        "client": asked.destination.client,
        "event": asked.event,
        "day": str(asked.day),
        "kind": asked.kind,
        "state": cell["state"] if cell else None,
        **describe_file(asked, record),
        "last_error": last_error or (cell.get("error") if cell else None),
        "attempts": describe_attempts(record, attempts),
    }


def _read_records(
    asked: AskedDelivery, start: datetime | None
) -> tuple[DeliveryRecord | None, list[AttemptRecord]]:
    local = LocalDay(asked.day, asked.destination.schedule.timezone)
    since, until = (start, start + _SECOND) if start else (local.start, local.end)
    with open_ledger_reading() as ledger:
        record = ledger.find_delivery(asked.destination.id, asked.event, asked.kind, since, until)
        return record, ledger.read_attempts(record) if record else []


def _read_cell(session: Session, asked: AskedDelivery, now: datetime) -> Cell | None:
    [row] = read_overview(session, [asked.destination], asked.day, asked.day, now)["destinations"]
    return next((cell for cell in row["cells"] if cell["event"] == asked.event), None)


def _judge_test(asked: AskedDelivery, record: DeliveryRecord | None) -> Cell | None:
    if record is None:
        return None
    return {"day": str(asked.day), "event": asked.event, "state": judge_test_file(record.state)}
