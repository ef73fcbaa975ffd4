"""How have a destination's nights been?"""

from __future__ import annotations

from datetime import datetime

from event_delivery.destinations import AnyDestination
from event_delivery.ledger.records import NightRecord
from event_delivery.page.answers.cells import list_cells
from event_delivery.page.answers.days import Calendar
from event_delivery.page.answers.shapes.destination import HistoryNight
from event_delivery.page.answers.shapes.overview import Cell
from event_delivery.page.sources.knowledge import Knowledge


def describe_history(
    destination: AnyDestination, known: Knowledge, calendar: Calendar, now: datetime
) -> list[HistoryNight]:
    """Return the nights, oldest first, with the delay between due and the first arrival."""
    records = known.ledger.records.get(destination.id, {})
    kept = {(event, str(day)): record for (event, day), record in records.items()}
    due = {day.text: day.due for day in calendar.days_of(destination.schedule)}
    cells = list_cells(destination, known, calendar, now)
    return [_describe_night(cell, kept.get((cell["event"], cell["day"])), due[cell["day"]]) for cell in cells]


def _describe_night(cell: Cell, record: NightRecord | None, due: datetime) -> HistoryNight:
    first = (record.first_delivered_at or record.delivered_at) if record else None
    return {
        "day": cell["day"],
        "event": cell["event"],
        "state": cell["state"],
        "seconds": record.seconds if record else None,
        "bytes": record.bytes if record else None,
        "rows": record.rows if record else None,
        "delay": round((first - due).total_seconds()) if first else None,
        "attempts": record.attempts if record else 0,
    }
