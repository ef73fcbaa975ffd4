"""How many events had a destination's days?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from event_delivery.delivery import Delivery
from event_delivery.ledger.statements import key_of, read_one, run_statement
from event_delivery.schedule import date_of

if TYPE_CHECKING:
    from psycopg import Connection


def read_counts_of_weekday(connection: Connection[Any], delivery: Delivery, most: int) -> list[int]:
    """Return how many events the delivered days before, of the same weekday, had: the latest first.

    Days of the last thirteen weeks. One of another zone has the weekday of the date by which `date_of` calls it.
    """
    destination = delivery.destination
    weekday = date_of(delivery.interval, destination.timezone).isoweekday()
    values = {"timezone": destination.timezone, "company_id": destination.company_id, "weekday": weekday}
    rows = run_statement(connection, "read_counts_of_weekday.sql", {**key_of(delivery), **values, "most": most})
    return [number for (number,) in rows]


def was_sent_with(connection: Connection[Any], delivery: Delivery, sha256: str) -> bool:
    """Tell whether an attempt has begun to send this very file of a delivery."""
    return bool(read_one(connection, "was_sent_with.sql", {**key_of(delivery), "sha256": sha256})[0])
