"""Who is to be told of an incident, who was, and who could not be?

A message is to be sent from the transaction on that opens or closes its incident. Who sends it claims it first;
one whose sender died between the sending and its record is sent once more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.ledger.statements import run_statement
from event_delivery.limits import MESSAGE_CLAIMED_FOR, MESSAGE_TRIES

if TYPE_CHECKING:
    from psycopg import Connection

CONTACT = "contact "  # begins the recipient that is a destination's client


@dataclass(frozen=True)
class MessageRecord:
    """A message to one recipient at one end of an incident, `opened` or `closed`.

    `recipient`: a sender of include/alerts.yaml, or `contact <destination>`.
    """

    id: int
    incident_id: int
    ending: str
    recipient: str
    made_at: datetime
    tries: int
    state: str = "sending"
    sent_at: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True)
class Opening:
    """Who is told that an incident has begun, and not before when; `sent_at`: who has been told already."""

    recipient: str
    not_before: datetime
    sent_at: datetime | None = None


def add_openings(
    connection: Connection[Any], incident_id: int, openings: Sequence[Opening], now: datetime
) -> None:
    """Have recipients told that an incident has begun, each once; what has got graver, at the earlier instant."""
    for opening in openings:
        values = {
            "incident_id": incident_id,
            "recipient": opening.recipient,
            "made_at": now,
            "not_before": opening.not_before,
            "sent_at": opening.sent_at,
        }
        run_statement(connection, "add_opening_message.sql", values)


def add_closings(
    connection: Connection[Any],
    incident_id: int,
    now: datetime,
    wanted: Collection[str] | None = None,
    unheard: Collection[str] = (),
) -> None:
    """Have everybody who is told that an incident has begun told that it is over, once.

    Of clients' contacts only those of the `wanted` destinations (None: all), and none of the `unheard`.
    """
    values = {
        "incident_id": incident_id,
        "made_at": now,
        "contact": CONTACT,
        "wanted": None if wanted is None else [f"{CONTACT}{each}" for each in wanted],
        "unheard": [f"{CONTACT}{each}" for each in unheard],
    }
    run_statement(connection, "add_closing_messages.sql", values)


def claim_message(connection: Connection[Any], now: datetime) -> MessageRecord | None:
    """Return a message that is to be sent now, by nobody else, the least tried first; None: there is none."""
    values = {"now": now, "abandoned": now - MESSAGE_CLAIMED_FOR, "most_tries": MESSAGE_TRIES}
    row = run_statement(connection, "claim_incident_message.sql", values).fetchone()
    return MessageRecord(*row) if row else None


def record_sent(connection: Connection[Any], message_id: int, now: datetime) -> None:
    """Record that a message was sent."""
    run_statement(connection, "record_message_sent.sql", {"id": message_id, "now": now})


def record_unsendable(
    connection: Connection[Any], message_id: int, error: str, not_before: datetime, for_good: bool
) -> None:
    """Record why a message could not be sent, when it is tried again, or that it is given up `for_good`."""
    values = {"id": message_id, "error": error, "not_before": not_before, "for_good": for_good}
    run_statement(connection, "record_message_failed.sql", values)


def put_back_message(connection: Connection[Any], message_id: int, not_before: datetime) -> None:
    """Let a message that was claimed, and handed to nobody, wait; that is no try of it."""
    run_statement(connection, "put_back_message.sql", {"id": message_id, "not_before": not_before})


def read_messages(connection: Connection[Any], incident_ids: Sequence[int]) -> list[MessageRecord]:
    """Return the messages of incidents, in the order in which they were made."""
    rows = run_statement(connection, "read_incident_messages.sql", {"incident_ids": list(incident_ids)})
    return [MessageRecord(*row) for row in rows]
