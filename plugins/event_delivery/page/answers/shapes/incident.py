"""Which shape has the answer about incidents? Scripts read it, too: a key may be added, none goes or changes."""

from __future__ import annotations

from typing import Literal, TypedDict


class IncidentHit(TypedDict):
    """A destination that an incident concerns: how far its trouble is (may be empty), and of which days."""

    destination: str
    stage: str
    days: list[str]


class IncidentMessage(TypedDict):
    """A message at one end of an incident to one recipient, and whether it went out; `error`: why not, so far.

    `recipient`: a sender of include/alerts.yaml, or `contact <destination>`.
    """

    ending: Literal["opened", "closed"]
    recipient: str
    state: Literal["to be sent", "sending", "sent", "failed"]
    made_at: str
    sent_at: str | None
    tries: int
    error: str | None


class Incident(TypedDict):
    """One thing that is wrong, from its first sign until it is over. Instants are ISO 8601 in UTC.

    `title` and `advice` say in words what is wrong and what to do. `messages` are those of recipients that the
    reader may know of. `may_answer`: the reader may acknowledge and snooze it.
    """

    id: int
    kind: str
    severity: Literal["info", "warning", "error"]
    concerns: str
    title: str
    cause: str
    advice: str
    hits: list[IncidentHit]
    opened_at: str
    last_seen_at: str
    closed_at: str | None
    acknowledged_by: str | None
    acknowledged_at: str | None
    snoozed_until: str | None
    snooze_reason: str | None
    messages: list[IncidentMessage]
    may_answer: bool


class Incidents(TypedDict):
    """The open incidents, the gravest first, then those that are over, the latest first; `now`: when read."""

    now: str
    incidents: list[Incident]


class Answered(TypedDict):
    """What was recorded of an incident, and what to tell the user."""

    id: int
    said: str
