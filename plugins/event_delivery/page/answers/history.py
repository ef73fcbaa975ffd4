"""How have a destination's nights been?"""

from __future__ import annotations

from collections.abc import Sequence

from event_delivery.page.answers.cells import Judged
from event_delivery.page.answers.night import Night, find_arrival
from event_delivery.page.answers.shapes.destination import HistoryNight
from event_delivery.page.answers.shapes.overview import Cell


def describe_history(judged: Sequence[Judged]) -> list[HistoryNight]:
    """Return the nights, oldest first; the delay is that of the first arrival, if the night was promised."""
    return [_describe_night(night, cell) for night, cell in judged]


def _describe_night(night: Night, cell: Cell) -> HistoryNight:
    record, first = night.record, find_arrival(night) if night.promised else None
    return {
        "day": cell["day"],
        "event": cell["event"],
        "state": cell["state"],
        "seconds": record.seconds if record else None,
        "bytes": record.bytes if record else None,
        "rows": record.rows if record else None,
        "delay": round((first - night.due).total_seconds()) if first else None,
        "attempts": record.attempts if record else 0,
    }
