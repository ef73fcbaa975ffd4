"""Which nights has nobody begun, though they were promised by now? Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from event_delivery.completeness.gaps import NEVER_TRIED, find_missing
from event_delivery.destinations import Destination
from event_delivery.incidents.belonging import LATEST, Night, Nights, is_alive, list_nights
from event_delivery.incidents.deadline import deadline_of
from event_delivery.incidents.findings import Finding
from event_delivery.incidents.kinds import KINDS, UNDELIVERED
from event_delivery.ledger.coverage import Coverage
from event_delivery.ledger.incidents import Hit, IncidentRecord
from event_delivery.limits import MISSING_WITHIN
from event_delivery.schedule import LocalDay, interval_of, last_day_before, start_of

_MANY = 5
_NO_RUN = "Nothing of these nights is in the ledger: no run of them has begun, or it still waits."


@dataclass(frozen=True)
class AlreadyOpen:
    """Of the open incidents: which destinations' latest nights, which dates many lack, what nobody began."""

    destinations: frozenset[str] = field(default_factory=frozenset)
    nights: frozenset[str] = field(default_factory=frozenset)
    not_begun: frozenset[Night] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Lacking:
    """A day that is lacking, how far that is, and whether it is one of the latest."""

    day: str
    stage: str
    cause: str
    is_latest: bool

    @property
    def night(self) -> str:
        """What an incident of that date concerns."""
        return f"night of {self.day}"


def find_lacking(
    lacking: Mapping[str, Sequence[Lacking]],
    is_paused: Callable[[str], bool],
    already: AlreadyOpen = AlreadyOpen(),
) -> list[Finding]:
    """Return the missing days, by destination, and the latest nights that nobody has begun in time, by date.

    Args:
        lacking: what each destination lacks.
        is_paused: tells whether a destination's DAG is, on purpose; asked only where something lacks.
        already: a destination in trouble keeps its nights to itself, and an outage of many keeps its date.
    """
    findings: list[Finding] = []
    for destination, days in lacking.items():
        if days and not is_paused(destination):
            findings += _tell(destination, days, already)
    return findings


def list_lacking(
    destinations: Sequence[Destination], coverage: Mapping[tuple[str, str], Coverage], now: datetime
) -> dict[str, list[Lacking]]:
    """Return what each enabled destination lacks, by what the ledger has of each of their event types."""
    return {
        destination.id: [
            each
            for event in destination.events
            for each in _list_lacking(destination, event, coverage.get((destination.id, event), Coverage()), now)
        ]
        for destination in destinations
        if destination.enabled
    }


def describe_open(incidents: Sequence[IncidentRecord], nights: Nights) -> AlreadyOpen:
    """Return which trouble is known already, of open incidents."""
    own = [each for each in incidents if each.topic == UNDELIVERED and is_alive(each, nights)]
    not_begun = [each for each in incidents if each.topic == KINDS["not_begun"].topic]
    return AlreadyOpen(
        frozenset(hit.destination for each in own for hit in each.hits),
        frozenset(each.concerns for each in not_begun if len(each.hits) >= _MANY),
        frozenset(night for each in not_begun for night in list_nights(each.hits)),
    )


def list_latest(destination: Destination, now: datetime) -> frozenset[str]:
    """Return the dates of a destination's latest nights."""
    return frozenset(str(day.date) for day in _list_latest(destination, now))


def _list_lacking(destination: Destination, event: str, coverage: Coverage, now: datetime) -> Iterator[Lacking]:
    latest = list(_list_latest(destination, now))
    missing = [
        each
        for each in find_missing(destination, event, coverage, now, now - MISSING_WITHIN)
        if each.state in (NEVER_TRIED, "cancelled") and deadline_of(destination, each.interval) <= now
    ]
    for each in missing:
        cause = f"{event} of {each.day} was never delivered: {each.state}."
        yield Lacking(str(each.day), "missing", cause, each.day in {day.date for day in latest})
    for day in latest:
        if day.date not in {each.day for each in missing} and _is_not_begun(destination, day, coverage, now):
            yield Lacking(str(day.date), "late", f"No run delivers {event} of {day.date} yet.", True)


def _tell(destination: str, lacking: Sequence[Lacking], already: AlreadyOpen) -> Iterator[Finding]:
    many = already.nights
    is_own = destination in already.destinations or any(
        not each.is_latest and each.night not in many and (destination, each.day) in already.not_begun
        for each in lacking
    )
    for each in lacking:
        hits = (Hit(destination, each.stage, (each.day,)),)
        if is_own or not (each.is_latest or each.night in many):
            yield Finding(each.stage, f"destination {destination}", each.cause, hits)
        else:
            yield Finding("not_begun", each.night, _NO_RUN, hits)


def _list_latest(destination: Destination, now: datetime) -> Iterator[LocalDay]:
    day = last_day_before(now, destination.timezone)
    for _ in range(LATEST):
        yield day
        day = day.previous


def _is_not_begun(destination: Destination, day: LocalDay, coverage: Coverage, now: datetime) -> bool:
    interval = interval_of(day)
    if coverage.begin is None or deadline_of(destination, interval) > now:
        return False
    if day.start < max(coverage.begin, start_of(destination.start_date, destination.timezone)):
        return False
    midday = day.start + timedelta(hours=12)
    is_covered = any(each.start <= midday < each.end for each in coverage.covered)
    return not is_covered and not any(night.interval.overlaps(interval) for night in coverage.undelivered)
