"""How are a day's events proven while they are copied, over a second connection to the same snapshot?

PostgreSQL renders on one core; the other has time to count. Where there is no second connection (a role or a pool
that has only one, a proxy that leads elsewhere), and on small days, the first one proves after the COPY.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from event_delivery.database import EVENTS_DB, cut_connection, explain_database
from event_delivery.errors import DeliveryError
from event_delivery.extract.proof import Proof, prove_events
from event_delivery.extract.query import EventsQuery
from event_delivery.extract.shared_snapshot import SharedSnapshot, join_snapshot, open_second
from event_delivery.extract.snapshot import open_cursor
from event_delivery.limits import LIMITS, PROVEN_BESIDE_FROM, SNAPSHOT_JOINED, SOURCE_ASKED_AGAIN

if TYPE_CHECKING:
    from psycopg import Connection, Cursor

_log = logging.getLogger(__name__)


class Beside:
    """A proof in a thread of its own, begun once it is worth a connection; see `proving_beside`."""

    def __init__(self, query: EventsQuery, shared: SharedSnapshot | None) -> None:
        self._query = query
        self._shared = shared
        self._connection: Connection[Any] | None = None
        self._joined = threading.Event()
        self._proof: Future[Proof | None] = Future()
        self._thread = threading.Thread(target=self._prove, daemon=True, name="proof-of-events")

    def look(self, written: int) -> None:
        """Begin where so many bytes are worth it.

        Raises:
            PermanentError, RetryableError: what the proof came upon meanwhile.
        """
        if self._connection and self._proof.done():
            self._proof.result()
        elif self._shared and not self._connection and written >= PROVEN_BESIDE_FROM:
            self._begin()

    def finish(self, cursor: Cursor[Any], rows: int) -> Proof:
        """Return the proof of so many rows; the cursor of the COPY proves where no other could.

        So it does where the other counted differently: both see one snapshot, but `now()` is each one's own.
        Raises as `look` does.
        """
        if self._connection and not self._joined.wait(SNAPSHOT_JOINED):
            self._fall_back("it did not come about in time")
            self.end()
        elif self._connection and (proof := self._wait(cursor)) and proof.rows == rows:
            return proof
        return prove_events(cursor, self._query)

    def _wait(self, cursor: Cursor[Any]) -> Proof | None:
        """Wait for the proof, and keep the transaction of the COPY awake: a source may end an idle one."""
        while not wait([self._proof], SOURCE_ASKED_AGAIN).done:
            cursor.execute("select 1")
        return self._proof.result()

    def end(self) -> None:
        """Cancel what is under way, and wait a little until it has ended."""
        if self._connection and self._thread.is_alive():
            with suppress(Exception):
                self._connection.cancel_safe(timeout=LIMITS.clean_up)
            self._thread.join(LIMITS.last_words if self._joined.is_set() else 0)
            cut_connection(self._connection)
            self._thread.join(LIMITS.last_words)

    def find_error(self) -> DeliveryError | None:
        """Return what the proof came upon, if it did."""
        error = self._proof.exception() if self._proof.done() else None
        return error if isinstance(error, DeliveryError) else None

    def _begin(self) -> None:
        import psycopg

        try:
            self._connection = open_second()
            self._thread.start()
        except (psycopg.Error, DeliveryError, RuntimeError) as error:  # RuntimeError: no more threads
            self._fall_back(error)

    def _prove(self) -> None:
        import psycopg

        assert self._connection  # noqa: S101 - the thread begins with one
        try:
            with self._connection as connection, open_cursor(connection) as cursor:
                proof = self._prove_joined(cursor)
            self._proof.set_result(proof)
        except psycopg.Error as error:
            self._proof.set_exception(explain_database(error, EVENTS_DB))
        except BaseException as error:
            self._proof.set_exception(error)

    def _prove_joined(self, cursor: Cursor[Any]) -> Proof | None:
        import psycopg

        is_joined = self._join(cursor)
        self._joined.set()
        try:
            return prove_events(cursor, self._query) if is_joined else None
        except psycopg.errors.LockNotAvailable as error:
            self._fall_back(error)
            return None

    def _join(self, cursor: Cursor[Any]) -> bool:
        import psycopg

        assert self._shared  # noqa: S101 - nothing begins without one
        try:
            join_snapshot(cursor, self._shared)
        except (psycopg.Error, DeliveryError) as error:
            self._fall_back(error)
            return False
        return True

    def _fall_back(self, reason: object) -> None:
        if self._shared:  # not told yet
            words = " ".join(str(reason).split())
            _log.info("No second connection to the source, the events are checked after they are read: %s", words)
        self._shared = None


@contextmanager
def proving_beside(query: EventsQuery, shared: SharedSnapshot | None) -> Iterator[Beside]:
    """Prove a query's events, in a shared snapshot where there is one, while they are copied.

    A failure of either ends both. Where the database breaks off, what the proof had come upon by then says more.
    """
    import psycopg

    beside = Beside(query, shared)
    try:
        yield beside
    except psycopg.OperationalError as error:
        raise beside.find_error() or error from None
    finally:
        beside.end()
