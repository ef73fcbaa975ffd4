"""What became of the last night: of the latest day that is due, of what is enabled and still delivered?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from event_delivery.page.answers.shapes.overview import Cell, Row
from event_delivery.page.answers.states import WORST_FIRST, State

_NOT_OF_A_NIGHT = ("due", "cancelled", "disabled")


def count_last_night(rows: Sequence[Row], last: str) -> dict[State, int]:
    """Count the last night's deliveries by state; of a range that ends before, its `last` day's."""
    states = Counter(cell["state"] for _, cell in list_last_night(rows, last))
    return {state: states[state] for state in WORST_FIRST if states[state]}


def list_last_night(rows: Sequence[Row], last: str) -> Iterator[tuple[Row, Cell]]:
    """Yield each delivery of the last night, beside its destination."""
    for row in rows:
        if row["enabled"]:
            yield from ((row, cell) for cell in _list_last(row, last))


def _list_last(row: Row, last: str) -> Iterator[Cell]:
    """Yield each event type's delivery; a quarantined destination's event types are not known."""
    latest_due = min(row["last_due"], last)
    nights: dict[str, list[Cell]] = {}
    for cell in row["cells"]:
        if cell["day"] <= latest_due and not cell.get("refused"):
            nights.setdefault(cell["event"], []).append(cell)
    for event in row["events"] or nights:
        if (night := _choose(nights.get(event, ()), latest_due)) and night["state"] not in _NOT_OF_A_NIGHT:
            yield night


def _choose(nights: Sequence[Cell], latest_due: str) -> Cell | None:
    """Return the night of the latest due day; while that is merely due, the one before."""
    in_order = sorted(nights, key=lambda cell: cell["day"])
    if not in_order or in_order[-1]["day"] < latest_due:
        return None
    return in_order[-2] if in_order[-1]["state"] == "due" and len(in_order) > 1 else in_order[-1]
