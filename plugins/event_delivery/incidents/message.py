"""What does a person read of an incident that has begun, or is over? Pure; no secret, no learner's data."""

from __future__ import annotations

import hashlib
import html
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from event_delivery.destinations import Destination
from event_delivery.incidents.kinds import GRAVE_STAGES
from event_delivery.incidents.words import CLIENT, describe
from event_delivery.ledger.incidents import Hit, IncidentRecord
from event_delivery.plain_text import make_plain

_MOST_NAMED, _MOST_DAYS, _LONGEST_CAUSE, _WIDTH = 20, 7, 600, 78
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Alert:
    """A message, plain text; `to`: the contact of a client, empty where a sender knows whom it tells.

    `ending`: `opened` or `closed`; `key`: the same at both ends of an incident, and of no other.
    """

    subject: str
    body: str
    to: str = ""
    ending: str = "opened"
    severity: str = "error"
    key: str = ""

    @property
    def html(self) -> str:
        """The same for a mail that wants HTML."""
        return f"<pre>{html.escape(self.body)}</pre>"


def write_operator(incident: IncidentRecord, ending: str, timezone: str, link: str = "") -> Alert:
    """Return what an operator reads at one end of an incident, `opened` or `closed`."""
    title, advice = describe(incident)
    is_over = ending == "closed"
    parts = [f"{title}.", "It is over." if is_over else "", _tell_times(incident, timezone, is_over)]
    parts += [_tell_hits(incident.hits), f"Cause: {make_plain(incident.cause, _LONGEST_CAUSE)}"]
    parts += [] if is_over else [f"What to do: {advice}", "One more message comes when it is over."]
    body = "\n\n".join(_wrap(part) for part in [*parts, link] if part)
    subject = f"[{'over' if is_over else incident.severity}] {title}{_count(incident.hits)}"
    return Alert(subject, f"{body}\n", "", ending, incident.severity, _make_key(incident))


def write_client(incident: IncidentRecord, ending: str, destination: Destination) -> Alert:
    """Return what a client reads at one end of an incident: of its own files alone, and what happens next."""
    hit = next((each for each in incident.hits if each.destination == destination.id), Hit(destination.id))
    words = CLIENT[incident.kind if incident.kind in CLIENT else hit.stage if hit.stage in CLIENT else "late"]
    since = _show(incident.opened_at, destination.timezone)
    days = f"It is about the events of {_list_days(hit.days)}." if hit.days else ""
    parts = [f"To {make_plain(destination.client, 100)}", f"{words.title}. We noticed it on {since}.", days]
    if ending == "closed":
        over = _show(incident.closed_at or incident.last_seen_at, destination.timezone)
        parts = [parts[0], f"We wrote to you on {since}: {words.title}. That is over since {over}.", days]
        parts.append("You need do nothing.")
    else:
        parts += [words.advice, "You get one more message when it is over."]
    subject = f"Over: {words.title}" if ending == "closed" else words.title
    body = "\n\n".join(_wrap(part) for part in parts if part)
    return Alert(subject, f"{body}\n", destination.contact or "", ending, incident.severity, _make_key(incident))


def _make_key(incident: IncidentRecord) -> str:
    """Return what names an incident to others: of one that the ledger could not keep at first, too."""
    text = "\n".join([incident.topic, incident.concerns, incident.opened_at.astimezone(UTC).isoformat()])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _tell_times(incident: IncidentRecord, timezone: str, is_over: bool) -> str:
    since = f"Since: {_show(incident.opened_at, timezone)}"
    if not is_over:
        return since
    end = incident.closed_at or incident.last_seen_at
    return f"{since}\nUntil: {_show(end, timezone)}, {_tell_length(end - incident.opened_at)}"


def _tell_length(length: timedelta) -> str:
    hours, minutes = length // _HOUR, length % _HOUR // _MINUTE
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _tell_hits(hits: tuple[Hit, ...]) -> str:
    lines = [_tell_hit(hit) for hit in hits[:_MOST_NAMED]]
    more = [f"and {len(hits) - _MOST_NAMED:,} more"] if len(hits) > _MOST_NAMED else []
    return "\n".join([f"Destinations ({len(hits):,}):", *(f"  {line}" for line in lines + more)]) if hits else ""


def _tell_hit(hit: Hit) -> str:
    stage = f", {hit.stage.replace('_', ' ')}" if hit.stage in GRAVE_STAGES else ""
    return f"{hit.destination}{': ' if hit.days else ''}{_list_days(hit.days)}{stage}"


def _list_days(days: tuple[str, ...]) -> str:
    more = f" and {len(days) - _MOST_DAYS} more days" if len(days) > _MOST_DAYS else ""
    return ", ".join(days[-_MOST_DAYS:]) + more


def _count(hits: tuple[Hit, ...]) -> str:
    return f" ({len(hits):,} destinations)" if len(hits) > 1 else ""


def _show(instant: datetime, timezone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M} ({timezone})"


def _wrap(part: str) -> str:
    lines = part.split("\n")
    return "\n".join(
        line
        if line.startswith("  ")
        else textwrap.fill(line, _WIDTH, break_long_words=False, break_on_hyphens=False)
        for line in lines
    )
