"""Did every client get every night's file?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from event_delivery.destinations import AnyDestination
from event_delivery.limits import ATTEMPTS, LATE_AFTER
from event_delivery.page.answers.cells import judge_nights, list_cells
from event_delivery.page.answers.days import MAX_DAYS, USUAL_DAYS, Calendar, list_days
from event_delivery.page.answers.instants import show_instant
from event_delivery.page.answers.last_night import count_last_night
from event_delivery.page.answers.latest_test_file import describe_test_file
from event_delivery.page.answers.notices import describe_row
from event_delivery.page.answers.shapes.overview import Cell, Overview, OverviewLimits, Row
from event_delivery.page.answers.states import RANK, WORST_FIRST, State
from event_delivery.page.sources.knowledge import Knowledge, gather_knowledge
from event_delivery.page.sources.setup import Setup, read_setup

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_LIMITS: OverviewLimits = {
    "attempts": ATTEMPTS,
    "late_seconds": round(LATE_AFTER.total_seconds()),
    "days": MAX_DAYS,
    "usual_days": USUAL_DAYS,
}


def read_overview(
    session: Session, destinations: Sequence[AnyDestination], first: date, last: date, now: datetime
) -> Overview:
    """Return every delivery's state from the first to the last day, the worst destinations first."""
    known, calendar = gather_knowledge(session, destinations, first, last, now), Calendar(first, last)
    rows = [_describe_row(destination, known, calendar, now) for destination in destinations]
    rows.sort(key=lambda row: (RANK[row["worst"]], row["client"].lower(), row["id"]))
    return {
        "from": str(first),
        "to": str(last),
        "days": [str(day) for day in list_days(first, last)],
        "now": show_instant(now),
        "ledger_notice": known.ledger.notice,
        "limits": _LIMITS,
        "counts": _count_states(rows),
        "last_night": count_last_night(rows, str(last)),
        "destinations": rows,
    }


def _describe_row(destination: AnyDestination, known: Knowledge, calendar: Calendar, now: datetime) -> Row:
    """Return one destination with the cells of its nights."""
    setup, schedule, dag = read_setup(destination), destination.schedule, known.dags.get(destination.id)
    judged, latest = judge_nights(destination, known, calendar, now), calendar.latest_of(schedule, now)
    start = setup.destination.start_date if setup.destination else None
    cells = list_cells(judged)
    return {
        "id": destination.id,
        "client": destination.client,
        "events": list(setup.events),
        "format": setup.format,
        "timezone": schedule.timezone,
        "deliver_at": f"{schedule.deliver_at:%H:%M}",
        "enabled": setup.enabled,
        "quarantined": setup.problem,
        "notice": describe_row(setup, judged, known.is_paused(destination.id), known.forecasts(destination.id)),
        "start_date": str(start) if start else None,
        "last_over": str(latest.over),
        "last_due": str(latest.due),
        "paused": dag.paused if dag and not dag.stale else None,
        "test_file": describe_test_file(destination.id, known),
        "worst": _find_worst(setup, cells, str(latest.due)),
        "cells": cells,
    }


def _find_worst(setup: Setup, cells: Sequence[Cell], latest_due: str) -> State:
    """Return the worst of the nights; of an event type that was taken out, those from before no longer count."""
    if setup.destination is None:
        return "quarantined"
    if not setup.enabled:
        return "disabled"
    those = [cell for cell in cells if cell["event"] in setup.events or cell["day"] >= latest_due]
    counting = {cell["state"] for cell in those if not cell.get("refused")}
    return min(counting, key=RANK.__getitem__, default="due")


def _count_states(rows: Sequence[Row]) -> dict[State, int]:
    """Count the deliveries of each state, and the destinations that are quarantined or disabled."""
    states = Counter(cell["state"] for row in rows for cell in row["cells"] if not cell.get("refused"))
    whole = Counter(row["worst"] for row in rows if row["worst"] in ("quarantined", "disabled"))
    return {state: (states | whole)[state] for state in WORST_FIRST}
