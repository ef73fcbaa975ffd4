"""Which incidents begin, go on and are over, by what is open and what holds now? Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from event_delivery.incidents.findings import Finding, Look, merge_hits
from event_delivery.incidents.kinds import KINDS
from event_delivery.ledger.incidents import Hit, IncidentRecord
from event_delivery.limits import MISSING_WITHIN

_OF_FILES = KINDS["quarantined"].topic  # the files can be looked at always
NOT_RECORDED = 0  # the number of an incident that the ledger does not have yet


@dataclass(frozen=True)
class Steps:
    """The incidents that begin, those that go on with what is known of them now, and those that are over."""

    opened: tuple[IncidentRecord, ...]
    updated: tuple[IncidentRecord, ...]
    closed: tuple[IncidentRecord, ...]


def advance(open_incidents: Sequence[IncidentRecord], look: Look, settle: timedelta) -> Steps:
    """Return what a look makes of the open incidents.

    Of a topic that could not be looked at, none begins and none is over; nor is one that hits a destination that
    is quarantined, of which nothing is known until its file is right. One that flaps is over when it was not
    seen for `settle`; until then it goes on without a word if it is seen again.
    """
    found = {finding.key: finding for finding in look.findings if finding.key[0] not in look.blind}
    known = {incident.key for incident in open_incidents}
    return Steps(
        opened=tuple(_begin(finding, look) for key, finding in found.items() if key not in known),
        updated=tuple(_go_on(each, found[each.key], look) for each in open_incidents if each.key in found),
        closed=tuple(each for each in open_incidents if each.key not in found and _is_over(each, look, settle)),
    )


def _begin(finding: Finding, look: Look) -> IncidentRecord:
    return IncidentRecord(
        id=NOT_RECORDED,
        topic=finding.key[0],
        concerns=finding.concerns,
        kind=finding.kind,
        severity=finding.severity,
        cause=finding.cause,
        hits=finding.hits,
        opened_at=look.at,
        last_seen_at=look.at,
    )


def _go_on(incident: IncidentRecord, finding: Finding, look: Look) -> IncidentRecord:
    return replace(
        incident,
        kind=finding.kind,
        severity=finding.severity,
        cause=finding.cause,
        hits=merge_hits([*finding.hits, *_list_unknown(incident, look)]),
        last_seen_at=look.at,
    )


def _list_unknown(incident: IncidentRecord, look: Look) -> list[Hit]:
    """Return the hits of which this look could learn nothing."""
    if incident.topic == _OF_FILES:
        return []
    return [hit for hit in incident.hits if hit.destination in look.quarantined]


def _is_over(incident: IncidentRecord, look: Look, settle: timedelta) -> bool:
    if incident.topic in look.blind or _list_unknown(incident, look):
        return False
    waits = settle if KINDS[incident.kind].flaps else timedelta(0)
    return look.at - incident.last_seen_at >= waits


def list_outdated(incident: IncidentRecord, look: Look) -> list[str]:
    """Return the destinations of which a day is not looked at any more, as it lies too far back: nothing came."""
    last = str((look.at - MISSING_WITHIN).date() + timedelta(days=1))  # of any time zone
    return [hit.destination for hit in incident.hits if hit.days and min(hit.days) <= last]
