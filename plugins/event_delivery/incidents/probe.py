"""Does the source's database answer at all?"""

from __future__ import annotations

import threading
import time
from contextvars import copy_context
from queue import Empty, SimpleQueue

from event_delivery.database import EVENTS_DB, OPENED, Opened, connect, cut_connection, import_drivers
from event_delivery.errors import DeliveryError, MissingConnectionError, describe_reason
from event_delivery.limits import LIMITS, PROBED_AGAIN


def find_source_failure(seconds: float = LIMITS.ledger, pause: float = PROBED_AGAIN) -> str | None:
    """Return why the database of `events_db` gives no answer, asked twice; None: it does, or nobody named it."""
    import_drivers()
    failure = _ask(seconds)
    if failure is None:
        return None
    time.sleep(pause)
    return _ask(seconds)


def _ask(seconds: float) -> str | None:
    """Ask on a thread of its own: a server that is frozen heeds no limit, and its connection is cut."""
    answers: SimpleQueue[str | None] = SimpleQueue()
    opened = Opened()

    def answer() -> None:
        OPENED.set(opened)
        answers.put(_find_failure(seconds))

    threading.Thread(target=copy_context().run, args=(answer,), daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        opened.given_up = True
        for connection in opened.connections:
            cut_connection(connection)
        return f"{EVENTS_DB}: no answer within {seconds:.0f} s."


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
