"""Does the source's database answer at all?"""

from __future__ import annotations

import time

from event_delivery.database import EVENTS_DB, connect
from event_delivery.database_answer import answer_within
from event_delivery.errors import DeliveryError, MissingConnectionError, RetryableError, describe_reason
from event_delivery.limits import LIMITS, PROBED_AGAIN


def find_source_failure(seconds: float = LIMITS.ledger, pause: float = PROBED_AGAIN) -> str | None:
    """Return why the database of `events_db` gives no answer, asked twice; None: it does, or nobody named it."""
    failure = _ask(seconds)
    if failure is None:
        return None
    time.sleep(pause)
    return _ask(seconds)


def _ask(seconds: float) -> str | None:
    try:
        return answer_within(EVENTS_DB, seconds, lambda: _find_failure(seconds))
    except RetryableError as error:
        return str(error)


def _find_failure(seconds: float) -> str | None:
    try:
        with connect(EVENTS_DB) as connection:
            connection.execute("select 1")
    except MissingConnectionError:
        return None
    except DeliveryError as error:
        return str(error)
    except Exception as error:
        return f"{EVENTS_DB}: {describe_reason(error, seconds)}"
    return None
