"""What is wrong now, by ledger, destinations, source and staging area?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from event_delivery.completeness.handling import kind_brought
from event_delivery.destinations import AnyDestination, Destination, QuarantinedDestination
from event_delivery.destinations.file import DEFAULTS_FILE
from event_delivery.incidents.belonging import Nights
from event_delivery.incidents.findings import Finding
from event_delivery.incidents.lacking import describe_open, find_lacking, list_lacking, list_latest
from event_delivery.incidents.nights import is_seen_lately, judge_unfinished
from event_delivery.incidents.reasons import THE_DAG_PROCESSOR, THE_SOURCE, THE_STAGING_AREA
from event_delivery.incidents.tonight import judge_preflight
from event_delivery.ledger import LedgerReading
from event_delivery.ledger.comparisons import ComparisonRecord
from event_delivery.ledger.coverage import Coverage, read_coverage
from event_delivery.ledger.incidents import Hit, IncidentRecord, read_incidents
from event_delivery.ledger.preflights import Preflight, read_preflight
from event_delivery.ledger.troubles import Unfinished, UnusualNight, read_unfinished, read_unusual
from event_delivery.limits import MISSING_WITHIN
from event_delivery.schedule import date_of
from event_delivery.upload.forecast import Forecast, forecast_sizes

if TYPE_CHECKING:
    from psycopg import Connection

_LATELY = timedelta(days=7)


@dataclass(frozen=True)
class Recorded:
    """What the ledger says of enabled destinations."""

    unfinished: Sequence[Unfinished]
    unusual: Sequence[UnusualNight]
    compared: Sequence[ComparisonRecord]
    coverage: dict[tuple[str, str], Coverage]
    forecasts: Sequence[Forecast]
    incidents: Sequence[IncidentRecord]
    preflight: Preflight | None = None


def read_recorded(connection: Connection[Any], destinations: Sequence[Destination], now: datetime) -> Recorded:
    """Read what the ledger says; raises `psycopg.Error`."""
    ids = [each.id for each in destinations]
    longest = max((each.late_window_days for each in destinations), default=0)
    reading = LedgerReading(connection)
    return Recorded(
        unfinished=read_unfinished(connection, ids, now - MISSING_WITHIN),
        unusual=read_unusual(connection, ids, now - _LATELY),
        compared=reading.read_comparisons(ids, now - timedelta(days=longest + 1), now),
        coverage=read_coverage(reading, [(each.id, event) for each in destinations for event in each.events], now),
        forecasts=forecast_sizes(connection, ids, now),
        incidents=read_incidents(connection),
        preflight=read_preflight(connection),
    )


def judge_recorded(
    recorded: Recorded,
    destinations: Sequence[Destination],
    now: datetime,
    retrying_after: int,
    is_paused: Callable[[str], bool],
) -> tuple[list[Finding], Nights]:
    """Return what is wrong by the ledger, and what is known of nights; pure but for `is_paused`."""
    known = {each.id: each for each in destinations}
    judged = [judge_unfinished(known[one.destination], one, now, retrying_after) for one in recorded.unfinished]
    findings = [finding for finding in judged if finding is not None]
    lacking = list_lacking(destinations, recorded.coverage, now)
    undelivered = {(destination, each.day) for destination, days in lacking.items() for each in days}
    begun = [(one, known[one.destination]) for one in recorded.unfinished if one.kind == "nightly"]
    undelivered |= {_night_of(*each) for each in begun}
    tried = frozenset(_night_of(*each) for each in begun if is_seen_lately(each[1], each[0], now))
    latest = {each.id: list_latest(each, now) for each in destinations}
    nights = Nights(now, latest, frozenset(undelivered), tried)
    findings += find_lacking(lacking, is_paused, describe_open(recorded.incidents, nights))
    findings += [_tell_unusual(each, known[each.destination]) for each in recorded.unusual]
    findings += _judge_compared(recorded.compared, known, now)
    findings += [
        Finding("outgrows_limit", f"destination {each.destination}", str(each), (Hit(each.destination),))
        for each in recorded.forecasts
    ]
    return findings + judge_preflight(recorded.preflight, now), nights


def _night_of(one: Unfinished, destination: Destination) -> tuple[str, str]:
    return destination.id, str(date_of(one.interval, destination.timezone))


def judge_files(loaded: Sequence[AnyDestination]) -> list[Finding]:
    """Return the destinations whose files are wrong; what a default does to many is one."""
    return [_tell_quarantined(each) for each in loaded if isinstance(each, QuarantinedDestination)]


def judge_source(failure: str | None) -> list[Finding]:
    """Return that the source gives no answer, if it does not."""
    return [Finding("source_unreachable", THE_SOURCE, failure)] if failure else []


def judge_staging(shortage: str | None) -> list[Finding]:
    """Return that the staging area is nearly full, if it is."""
    return [Finding("staging_full", THE_STAGING_AREA, shortage)] if shortage else []


def judge_dag_processor(silence: str | None) -> list[Finding]:
    """Return that Airflow's dag processor is silent, if it is."""
    return [Finding("dag_processor_silent", THE_DAG_PROCESSOR, silence)] if silence else []


def _tell_quarantined(quarantined: QuarantinedDestination) -> Finding:
    is_default = quarantined.message.startswith(f"{DEFAULTS_FILE}:")
    concerns = f"file {DEFAULTS_FILE}" if is_default else f"destination {quarantined.id}"
    return Finding("quarantined", concerns, quarantined.message, (Hit(quarantined.id),))


def _tell_unusual(night: UnusualNight, destination: Destination) -> Finding:
    hit = Hit(destination.id, days=(str(date_of(night.interval, destination.timezone)),))
    return Finding("unusual_count", f"destination {destination.id}", night.found, (hit,))


def _judge_compared(
    compared: Iterable[ComparisonRecord], known: dict[str, Destination], now: datetime
) -> list[Finding]:
    findings = []
    for each in compared:
        destination = known[each.destination]
        is_watched = now < each.interval.end + timedelta(days=destination.late_window_days)
        if not each.differs or each.late == 0 or not is_watched or kind_brought(each.handling or "") is not None:
            continue
        number = "some" if each.late is None else f"{each.late:,}"
        day = str(date_of(each.interval, destination.timezone))
        cause = f"{each.event} of {day}: {number} events came late; {each.handling}."
        findings.append(
            Finding("late_events", f"destination {destination.id}", cause, (Hit(destination.id, days=(day,)),))
        )
    return findings
