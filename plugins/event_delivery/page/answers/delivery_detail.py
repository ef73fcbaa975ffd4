"""What exactly was sent, when, and what went wrong before?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from event_delivery.destinations import AnyDestination
from event_delivery.ledger.reading import open_ledger_reading
from event_delivery.ledger.records import AttemptRecord, DeliveryRecord
from event_delivery.page.answers.cells import Judged
from event_delivery.page.answers.completeness import (
    NightCompleteness,
    describe_comparison,
    describe_supplements,
    read_completeness,
)
from event_delivery.page.answers.delivery_file import AskedDelivery, describe_attempts, describe_file
from event_delivery.page.answers.delivery_links import link_everything
from event_delivery.page.answers.instants import show_instant
from event_delivery.page.answers.latest_test_file import judge_test_file
from event_delivery.page.answers.named import choose_named, read_named
from event_delivery.page.answers.shapes.delivery import DeliveryDetail, DeliveryFacts, Kind, NamedDelivery
from event_delivery.page.answers.shapes.overview import Cell
from event_delivery.page.answers.support import describe_for_client
from event_delivery.schedule import Interval, LocalDay

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_SECOND = timedelta(seconds=1)
_Records = tuple[DeliveryRecord | None, list[AttemptRecord], NightCompleteness]


def read_delivery(
    session: Session,
    destination: AnyDestination,
    event: str,
    day: date,
    kind: Kind,
    start: datetime | None,
    now: datetime,
    end: datetime | None = None,
) -> DeliveryDetail | None:
    """Return all that is known about a delivery, or None when nothing is.

    A test file is named by `start`, the instant that its run began, else it is the latest of the day. A night is
    named by its interval, from `start` to `end`, else it is the worst of those that are called by the day.
    """
    if kind == "test":
        return _read_test_file(session, AskedDelivery(destination, event, day, kind), start)
    named = [each for each in read_named(session, destination, day, now) if each[0].event == event]
    chosen = choose_named(named, Interval(start, end) if start and end else None)
    if chosen is None:
        return None
    night, cell = chosen
    asked = AskedDelivery(destination, event, day, kind, night.interval, night.due)
    return _describe(session, asked, cell, _read_night(asked, night.interval), _list_named(named))


def hide_titles(detail: DeliveryDetail) -> DeliveryDetail:
    """Return what a viewer may know: how many rows in which hour, and not what stood in them."""
    profile = detail["profile"]
    return {**detail, "profile": {**profile, "top_titles": {}} if profile else None}


def _read_test_file(session: Session, asked: AskedDelivery, start: datetime | None) -> DeliveryDetail | None:
    local = LocalDay(asked.day, asked.destination.schedule.timezone)
    since, until = (start, start + _SECOND) if start else (local.start, local.end)
    with open_ledger_reading() as ledger:
        record = ledger.find_delivery(asked.destination.id, asked.event, asked.kind, since, until)
        if record is None:
            return None
        records = record, ledger.read_attempts(record), NightCompleteness()
    cell: Cell = {"day": str(asked.day), "event": asked.event, "state": judge_test_file(record.state)}
    return _describe(session, asked, cell, records, [])


def _read_night(asked: AskedDelivery, interval: Interval) -> _Records:
    with open_ledger_reading() as ledger:
        record = ledger.find_night(asked.destination.id, asked.event, interval)
        known = read_completeness(ledger, asked.destination.id, asked.event, interval)
        return record, ledger.read_attempts(record) if record else [], known


def _list_named(named: Sequence[Judged]) -> list[NamedDelivery]:
    listed = [_name(night.interval, cell) for night, cell in named]
    return listed if len(listed) > 1 else []


def _name(interval: Interval, cell: Cell) -> NamedDelivery:
    return {"start": show_instant(interval.start), "end": show_instant(interval.end), "state": cell["state"]}


def _describe(
    session: Session, asked: AskedDelivery, cell: Cell, records: _Records, named: list[NamedDelivery]
) -> DeliveryDetail:
    record, _, known = records
    facts = _describe_facts(asked, cell, records)
    return {
        **facts,
        "cell": cell,
        "comparison": describe_comparison(record, known),
        "unready": record.unready if record else None,
        "unusual": record.unusual if record else None,
        "held": record.held_sha256 if record else None,
        "named": named,
        "links": link_everything(session, asked, record),
        "support": describe_for_client(facts),
    }


def _describe_facts(asked: AskedDelivery, cell: Cell, records: _Records) -> DeliveryFacts:
    record, attempts, known = records
    recorded = record.last_error if record else None
    delivered = record is not None and record.state in ("delivered", "skipped")
    return {
        "destination": asked.destination.id,
        "client": asked.destination.client,
        "event": asked.event,
        "day": str(asked.day),
        "kind": asked.kind,
        "state": cell["state"],
        "start": show_instant(asked.interval.start) if asked.interval else None,
        "end": show_instant(asked.interval.end) if asked.interval else None,
        **describe_file(asked, record),
        "last_error": None if delivered else recorded or cell.get("error"),
        "remark": recorded if delivered else None,
        "attempts": describe_attempts(record, attempts),
        "supplements": describe_supplements(record, known.supplements),
    }
