"""To which incident does what is wrong with a night belong? Pure.

A night stays in each incident that it is in until it is delivered. Another one joins an incident that the latest
nights are in: an old one that was left as it is keeps nobody from hearing of tonight's, which begins anew. An old
one that is tried just now, as in a backfill, belongs to what many share: one dead server is one incident.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from event_delivery.incidents.findings import Finding
from event_delivery.incidents.kinds import KINDS, STAGES, UNDELIVERED
from event_delivery.ledger.incidents import Hit, IncidentRecord

Night = tuple[str, str]  # a destination, and a date
Names = dict[tuple[str, str], str]
LATEST = 2  # days that are the latest nights
_OWN_NIGHT = KINDS["not_begun"].topic
_SHARED = ("host_key_changed", "login_refused", "server_unreachable", "source_unreachable", "staging_full")
_TOPICS = {UNDELIVERED, *(KINDS[kind].topic for kind in _SHARED)}
_BY_PERSON = {KINDS["unconfirmed"].topic, KINDS["unusual_count"].topic}  # a night of these waits for a decision
_OLDER = ", older days"
_ADDED = re.compile(rf"{_OLDER}$|, since \d{{4}}-\d\d-\d\d$")


@dataclass(frozen=True)
class _Sorted:
    """Open incidents, by the nights that they hit, and by what they are about, whatever was added to its name."""

    by_night: dict[Night, list[IncidentRecord]] = field(default_factory=dict)
    by_key: dict[tuple[str, str], list[IncidentRecord]] = field(default_factory=dict)


@dataclass(frozen=True)
class Nights:
    """What is known of nights at `now`: of each destination the `latest` dates, and all that is `undelivered`.

    `tried`: those of which so much was seen lately that a try may follow, whatever their dates.
    """

    now: datetime
    latest: Mapping[str, frozenset[str]] = field(default_factory=dict)
    undelivered: frozenset[Night] = field(default_factory=frozenset)
    tried: frozenset[Night] = field(default_factory=frozenset)

    def are_of_now(self, topic: str, hits: Sequence[Hit]) -> bool:
        """Tell whether one of the latest nights is among them, or, of what many share, one that is tried."""
        return self.has_latest(hits) or (topic != UNDELIVERED and bool(list_nights(hits) & self.tried))

    def has_latest(self, hits: Sequence[Hit]) -> bool:
        """Tell whether one of the latest nights is among them."""
        return any(day in self.latest.get(hit.destination, ()) for hit in hits for day in hit.days)


def assign(findings: Sequence[Finding], incidents: Sequence[IncidentRecord], nights: Nights) -> list[Finding]:
    """Return what is wrong by the incident that it belongs to, with the nights that open incidents still wait for.

    Args:
        findings: what was found, one night each, the oldest first.
        incidents: the open ones.
        nights: what is known of nights.
    """
    known, names = _sort(incidents), Names()
    assigned = [found for each in findings if (found := _assign(each, known, nights, names)) is not None]
    seen = {(*finding.key, *night) for finding in assigned for night in list_nights(finding.hits)}
    return [kept for each in incidents for kept in _keep(each, nights, seen)] + assigned


def list_nights(hits: Sequence[Hit]) -> set[Night]:
    """Return the nights of hits."""
    return {(hit.destination, day) for hit in hits for day in hit.days}


def is_alive(incident: IncidentRecord, nights: Nights) -> bool:
    """Tell whether an open incident is about now: it hits a latest night, or none, or has just begun."""
    is_new = nights.now - incident.opened_at < timedelta(days=LATEST)
    of_no_day = not incident.hits or (is_new and any(not hit.days for hit in incident.hits))
    return of_no_day or nights.are_of_now(incident.topic, incident.hits)


def _sort(incidents: Sequence[IncidentRecord]) -> _Sorted:
    found = _Sorted()
    for each in incidents:
        found.by_key.setdefault((each.topic, _ADDED.sub("", each.concerns)), []).append(each)
        for night in list_nights(each.hits):
            found.by_night.setdefault(night, []).append(each)
    return found


def _assign(finding: Finding, known: _Sorted, nights: Nights, names: Names) -> Finding | None:
    """Return a finding by its incident's name; None: an incident that is open says so already."""
    if finding.key[0] not in _TOPICS | _BY_PERSON:
        return finding
    own = list_nights(finding.hits)
    holding = [each for night in own for each in known.by_night.get(night, ())]
    same = known.by_key.get(finding.key, [])
    for each in holding if own else same:
        if each in same and (own or _has_dayless(each, finding)):
            return replace(finding, concerns=each.concerns)
    is_of_now = (
        not own
        or nights.are_of_now(finding.key[0], finding.hits)
        or any(each.topic == _OWN_NIGHT for each in holding)
    )
    return _name_new(finding, same, nights, names) if is_of_now else _set_aside(finding, holding)


def _has_dayless(incident: IncidentRecord, finding: Finding) -> bool:
    """Tell whether what is of no night, such as a test file's trouble, is in an incident already."""
    names = {hit.destination for hit in finding.hits}
    return any(hit.destination in names and not hit.days for hit in incident.hits)


def _set_aside(finding: Finding, holding: Sequence[IncidentRecord]) -> Finding | None:
    """Return an old night as its destination's; None: an incident has it already, by another cause."""
    hit = finding.hits[0]
    concerns = f"destination {hit.destination}{_OLDER}"
    is_known = any(each.topic in _TOPICS and each.concerns != concerns for each in holding)
    if is_known and finding.key[0] not in _BY_PERSON:
        return None
    return Finding(hit.stage or finding.kind, concerns, finding.cause, finding.hits)


def _name_new(finding: Finding, same: Sequence[IncidentRecord], nights: Nights, names: Names) -> Finding:
    alive = [each.concerns for each in same if is_alive(each, nights)]
    day = min((day for hit in finding.hits for day in hit.days), default=str(nights.now.date()))
    is_taken = finding.concerns in {each.concerns for each in same}
    new = f"{finding.concerns}, since {day}" if is_taken else finding.concerns
    return replace(finding, concerns=names.setdefault(finding.key, alive[0] if alive else new))


def _keep(incident: IncidentRecord, nights: Nights, seen: set[tuple[str, str, str, str]]) -> Iterator[Finding]:
    """Yield the nights of an open incident that are not delivered, and of which nothing else was found."""
    if incident.topic not in _TOPICS | {_OWN_NIGHT}:
        return
    for hit in incident.hits:
        for day in hit.days:
            if (hit.destination, day) in nights.undelivered and (*incident.key, hit.destination, day) not in seen:
                is_stage = incident.topic == UNDELIVERED and hit.stage in STAGES[1:]
                kind = hit.stage if is_stage else incident.kind
                yield Finding(kind, incident.concerns, incident.cause, (replace(hit, days=(day,)),))
