"""Has the client every event of a night: what did the last comparison find, and which further files came?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from event_delivery.ledger.comparisons import ComparisonRecord
from event_delivery.ledger.reading import LedgerReading
from event_delivery.ledger.records import DeliveryRecord, NightRecord
from event_delivery.ledger.supplements import SupplementRecord
from event_delivery.page.answers.instants import show_instant, show_known
from event_delivery.page.answers.shapes.delivery import Comparison, Supplement
from event_delivery.page.answers.shapes.overview import Cell
from event_delivery.page.answers.states import State
from event_delivery.schedule import Interval

_STATES: dict[str, State] = {
    "delivered": "delivered", "uploading": "running", "unconfirmed": "unconfirmed", "cancelled": "cancelled",
}  # fmt: skip


@dataclass(frozen=True)
class NightCompleteness:
    """What the ledger knows beside the record of one delivery; of a test file nothing."""

    comparison: ComparisonRecord | None = None
    supplements: tuple[SupplementRecord, ...] = ()


def add_completeness(cell: Cell, record: NightRecord) -> None:
    """Add to a delivered night's cell how it differs from the source, if it does, and how many supplements count.

    What was found before the latest of its files came, tells nothing of now; nor does a supplement count before
    which the whole day came again.
    """
    arrivals, compared = record.arrivals or [], record.compared_at
    if compared and all(arrival <= compared for arrival in (record.delivered_at, *arrivals) if arrival):
        cell["differs"] = {"late": record.late, "deleted": record.deleted}
    if counting := [at for at in arrivals if record.delivered_at and at > record.delivered_at]:
        cell["supplements"] = len(counting)


def read_completeness(
    ledger: LedgerReading, destination: str, event: str, interval: Interval
) -> NightCompleteness:
    """Return what the ledger knows of a night's comparison, and of its supplements."""
    supplements = ledger.read_supplements(destination, event, interval)
    return NightCompleteness(ledger.find_comparison(destination, event, interval), tuple(supplements))


def describe_comparison(record: DeliveryRecord | None, known: NightCompleteness) -> Comparison | None:
    """Return what was found, or None: the night was not compared."""
    found = known.comparison
    if found is None:
        return None
    arrivals = [record.delivered_at if record else None, *(each.delivered_at for each in known.supplements)]
    return {
        "compared_at": show_instant(found.compared_at),
        "found_at": show_known(found.found_at),
        "difference": {"late": found.late, "deleted": found.deleted} if found.differs else None,
        "handling": found.handling if found.differs else None,
        "outdated": any(arrival > found.compared_at for arrival in arrivals if arrival),
    }


def describe_supplements(
    record: DeliveryRecord | None, supplements: Sequence[SupplementRecord]
) -> list[Supplement]:
    """Return the further files of a night; what the day brought that came again after one, replaces it."""
    again = record.delivered_at if record else None
    return [_describe(each, again) for each in supplements]


def _describe(supplement: SupplementRecord, again: datetime | None) -> Supplement:
    arrived = supplement.delivered_at
    return {
        "number": supplement.number,
        "state": _STATES.get(supplement.state, "failed"),
        "file_name": supplement.file_name,
        "rows": supplement.rows,
        "sha256": supplement.sha256,
        "delivered_at": show_known(arrived),
        "replaced": bool(arrived and again and again > arrived),
        "error": supplement.last_error,
    }
