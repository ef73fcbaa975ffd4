"""How is a question put to the ledger, and what does it mean where that fails?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from event_delivery.database import LEDGER_DB, explain_database
from event_delivery.errors import DeliveryError, RetryableError
from event_delivery.ledger.attempts import LedgerError
from event_delivery.ledger.opening import set_time_limit

if TYPE_CHECKING:
    import psycopg

Answer = TypeVar("Answer")


def put_question(
    connection: psycopg.Connection[Any],
    question: Callable[..., Answer],
    values: tuple[Any, ...],
    limit: float | None,
) -> Answer:
    """Return the answer; with a `limit` in one transaction, whose statements end within so many seconds.

    That is for a ledger behind a pooler: a transaction alone has a session of its own there.
    """
    if limit is None:
        return question(connection, *values)
    with connection.transaction():
        set_time_limit(connection, limit)
        return question(connection, *values)


def explain_failure(error: psycopg.Error, was_open: bool) -> DeliveryError:
    """Return a database's error as a sentence; `was_open`: the ledger had answered before."""
    import psycopg

    explained = explain_database(error, LEDGER_DB)
    elsewhere = was_open and isinstance(error, psycopg.errors.ReadOnlySqlTransaction)  # it failed over
    return LedgerError(str(explained)) if elsewhere or isinstance(explained, RetryableError) else explained
