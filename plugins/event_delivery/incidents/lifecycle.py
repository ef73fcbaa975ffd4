"""Which incidents begin, go on and are over, by what is open and what holds now? Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from event_delivery.incidents.findings import Finding, Look
from event_delivery.incidents.kinds import KINDS
from event_delivery.ledger.incidents import IncidentRecord

NOT_RECORDED = 0  # the number of an incident that the ledger does not have yet


@dataclass(frozen=True)
class Steps:
    """The incidents that begin, those that go on with what is known of them now, and those that are over."""

    opened: tuple[IncidentRecord, ...]
    updated: tuple[IncidentRecord, ...]
    closed: tuple[IncidentRecord, ...]


def advance(open_incidents: Sequence[IncidentRecord], look: Look, settle: timedelta) -> Steps:
    """Return what a look makes of the open incidents.

    Of a topic that could not be looked at, none begins and none is over. One that flaps is over when it was not
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
        hits=finding.hits,
        last_seen_at=look.at,
    )


def _is_over(incident: IncidentRecord, look: Look, settle: timedelta) -> bool:
    if incident.topic in look.blind:
        return False
    waits = settle if KINDS[incident.kind].flaps else timedelta(0)
    return look.at - incident.last_seen_at >= waits
