"""What is known of a day's events beyond their bytes?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.extract.check import check_events
from event_delivery.extract.profile import profile_events

if TYPE_CHECKING:
    from psycopg import Cursor

    from event_delivery.extract.query import EventsQuery


@dataclass(frozen=True)
class Proof:
    """How many events they are, each of which may go out; the day's profile, and the digest of its ids."""

    rows: int
    profile: dict[str, Any]
    id_digest: str


def prove_events(cursor: Cursor[Any], query: EventsQuery) -> Proof:
    """Return what is known of a query's events; raises as `check_events` does."""
    rows = check_events(cursor, query)
    return Proof(rows, *profile_events(cursor, query))
