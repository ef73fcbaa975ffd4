"""Which nights has a destination, and in which state is each?"""

from __future__ import annotations

from datetime import date, datetime

from event_delivery.destinations import EVENT_TYPES, AnyDestination, Destination
from event_delivery.page.answers.days import Calendar
from event_delivery.page.answers.night import Night, judge_night
from event_delivery.page.answers.shapes.overview import Cell
from event_delivery.page.sources.knowledge import Knowledge, first_day_of
from event_delivery.page.sources.setup import read_setup
from event_delivery.schedule import last_day_before


def list_cells(destination: AnyDestination, known: Knowledge, calendar: Calendar, now: datetime) -> list[Cell]:
    """Return the cells of one destination's nights, in order, one event type after the other."""
    right = read_setup(destination).destination
    if right is None:
        return _list_quarantined(destination, known, calendar, now)
    records, runs = known.ledger.records.get(right.id, {}), known.runs.get(right.id, {})
    first, days = _first_expected(right, known, now), calendar.days_of(right.schedule)
    cells = []
    for index, event in enumerate(right.events):
        for day, text, end, due in days:
            record = records.get((event, day))
            expected = record is not None or (first is not None and first <= day and end <= now)
            night = Night(text, event, due, expected, record, runs.get(day), index)
            if cell := judge_night(night, now):
                cells.append(cell)
    return cells


def _first_expected(destination: Destination, known: Knowledge, now: datetime) -> date | None:
    """Return the first day that is expected; one that is new and unpaused expects the latest."""
    if not destination.enabled:
        return None
    dag = known.dags.get(destination.id)
    first = first_day_of(destination, known)
    if first is None and dag and not dag.paused and not dag.stale:
        return last_day_before(now, destination.timezone).date
    return first


def _list_quarantined(
    destination: AnyDestination, known: Knowledge, calendar: Calendar, now: datetime
) -> list[Cell]:
    """Return what was sent before, and the nights that the quarantine has cost."""
    records, runs = known.ledger.records.get(destination.id, {}), known.runs.get(destination.id, {})
    events = sorted({event for event, _ in records}) or list(EVENT_TYPES)[:1]
    cells: list[Cell] = []
    for event in events:
        for day, text, _, due in calendar.days_of(destination.schedule):
            record = records.get((event, day))
            if record and record.state in ("delivered", "unconfirmed"):
                sent = judge_night(Night(text, event, due, True, record), now)
                cells += [sent] if sent else []
            elif day in runs:
                cells.append({"day": text, "event": event, "state": "quarantined"})
    return cells
