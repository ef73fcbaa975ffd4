"""What does the matrix show of a destination's nights: one cell for each date, and which deliveries are in it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from event_delivery.destinations import AnyDestination, QuarantinedDestination
from event_delivery.page.answers.days import Calendar
from event_delivery.page.answers.night import Night, judge_night
from event_delivery.page.answers.nights import list_nights
from event_delivery.page.answers.quarantined_nights import judge_quarantined
from event_delivery.page.answers.shapes.overview import Cell
from event_delivery.page.answers.states import RANK
from event_delivery.page.sources.knowledge import Knowledge

Judged = tuple[Night, Cell]


def judge_nights(destination: AnyDestination, known: Knowledge, calendar: Calendar, now: datetime) -> list[Judged]:
    """Return each of a destination's deliveries with its state, in order, one event type after the other."""
    if isinstance(destination, QuarantinedDestination):
        return judge_quarantined(destination, known, calendar, now)
    return [(night, judge_night(night, now)) for night in list_nights(destination, known, calendar, now)]


def list_cells(judged: Sequence[Judged]) -> list[Cell]:
    """Return the cells; where one date calls several deliveries, the worst, which says how many there are."""
    cells: dict[tuple[str, str], Cell] = {}
    for _, cell in judged:
        key = (cell["event"], cell["day"])
        cells[key] = _merge(cells[key], cell) if key in cells else cell
    return list(cells.values())


def _merge(one: Cell, other: Cell) -> Cell:
    worst = min(one, other, key=_rank)
    return {**worst, "deliveries": one.get("deliveries", 1) + 1}


def _rank(cell: Cell) -> tuple[int, bool, bool]:
    return RANK[cell["state"]], "differs" not in cell, "supplements" not in cell
