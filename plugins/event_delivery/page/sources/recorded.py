"""What does the ledger know of many destinations, in a fixed number of queries?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from event_delivery.destinations import EVENT_TYPES, AnyDestination
from event_delivery.ledger.reading import open_ledger_reading
from event_delivery.ledger.records import LatestTestFile, NightRecord
from event_delivery.page.sources.setup import read_setup
from event_delivery.upload.forecast import Forecast, forecast_sizes

RecordsOfEvents = dict[str, list[NightRecord]]


@dataclass(frozen=True)
class LedgerKnowledge:
    """What the ledger knows, by destination; `notice` says why it knows nothing, if that has a reason.

    `first_nights`: where the first interval of each event type began that was scheduled.
    `forecasts`: of files that outgrow an attempt.
    """

    notice: str | None
    records: dict[str, RecordsOfEvents]
    first_nights: dict[str, dict[str, datetime]]
    test_files: dict[str, LatestTestFile]
    forecasts: dict[str, list[Forecast]] = field(default_factory=dict)


def read_ledger_knowledge(
    destinations: Sequence[AnyDestination], since: datetime, until: datetime, now: datetime
) -> LedgerKnowledge:
    """Read what the ledger knows of the nights whose interval starts in [since, until)."""
    ids = [destination.id for destination in destinations]
    wanted = [(each.id, event) for each in destinations for event in _list_events(each)]
    with open_ledger_reading() as ledger:
        return LedgerKnowledge(
            notice=ledger.notice,
            records=_sort_records(ledger.read_nights(ids, since, until)),
            first_nights=_sort_first_nights(ledger.read_first_nights(wanted)),
            test_files=ledger.read_test_files(ids),
            forecasts=_sort_forecasts(forecast_sizes(ledger.connection, ids, now) if ledger.connection else []),
        )


def _list_events(destination: AnyDestination) -> list[str]:
    """Return every event type that there is or may be: one that is new has begun later than the others."""
    return list(dict.fromkeys([*read_setup(destination).events, *EVENT_TYPES]))


def _sort_records(records: Sequence[NightRecord]) -> dict[str, RecordsOfEvents]:
    kept: dict[str, RecordsOfEvents] = {}
    for record in records:
        kept.setdefault(record.destination, {}).setdefault(record.event, []).append(record)
    return kept


def _sort_first_nights(starts: Mapping[tuple[str, str], datetime]) -> dict[str, dict[str, datetime]]:
    kept: dict[str, dict[str, datetime]] = {}
    for (destination, event), start in starts.items():
        kept.setdefault(destination, {})[event] = start
    return kept


def _sort_forecasts(forecasts: Sequence[Forecast]) -> dict[str, list[Forecast]]:
    kept: dict[str, list[Forecast]] = {}
    for forecast in forecasts:
        kept.setdefault(forecast.destination, []).append(forecast)
    return kept
