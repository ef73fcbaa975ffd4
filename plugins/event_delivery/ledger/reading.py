"""What does the ledger say of many deliveries at once, and of one in full?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from event_delivery.database import EVENTS_DB, LEDGER_DB, connect, read_statement
from event_delivery.ledger.comparisons import ComparisonRecord, ReceivedFile
from event_delivery.ledger.opening import is_latest, require_version
from event_delivery.ledger.records import (
    AttemptRecord,
    DeliveryRecord,
    FoundBehaviour,
    KnownHostKey,
    LatestTestFile,
    NightRecord,
)
from event_delivery.ledger.rows import make_comparison, make_night, make_received
from event_delivery.ledger.servers import KeyOwner
from event_delivery.ledger.supplements import SupplementRecord
from event_delivery.schedule import Interval

if TYPE_CHECKING:
    from psycopg import Connection

Row = TypeVar("Row")
_SQL = Path(__file__).parent / "sql"
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class LedgerReading:
    """Reads the ledger, and changes nothing; without a connection there is no ledger yet, and it is empty."""

    connection: Connection[Any] | None

    @property
    def notice(self) -> str | None:
        """Why there is nothing to read, or None."""
        return None if self.connection else "There is no ledger yet: the first delivery makes it."

    def read_nights(self, destinations: Sequence[str], since: datetime, until: datetime) -> list[NightRecord]:
        """Return the nightly deliveries of these destinations whose interval starts in [since, until)."""
        values = {"destinations": list(destinations), "since": since, "until": until}
        return self._run("read_nights.sql", make_night, values)

    def read_first_nights(self, deliveries: Sequence[tuple[str, str]]) -> dict[tuple[str, str], datetime]:
        """Return the start of the first scheduled interval of each destination and event type in `deliveries`."""
        destinations, events = ([pair[place] for pair in deliveries] for place in (0, 1))
        values = {"destinations": destinations, "events": events}
        rows = self._run("read_first_nights.sql", lambda *row: row, values)
        return {(destination, event): start for destination, event, start in rows}

    def read_received(self, destination: str, since: datetime, until: datetime) -> list[ReceivedFile]:
        """Return the files of nights and supplements that the client has, of intervals starting in [since, until).

        By event type and interval, each in the order in which they were delivered.
        """
        values = {"destination": destination, "since": since, "until": until}
        return self._run("read_received.sql", make_received, values)

    def count_started(self, destination: str, prefix: str, suffix: str) -> int:
        """Return of how many days of a destination the latest run has an id that begins and ends so."""
        values = {"destination": destination, "prefix": prefix, "suffix": suffix}
        return next(iter(self._run("count_started.sql", int, values)), 0)

    def read_comparisons(
        self, destinations: Sequence[str], since: datetime, until: datetime
    ) -> list[ComparisonRecord]:
        """Return what was found of intervals that start in [since, until), when they were last compared."""
        values = {"destinations": list(destinations), "since": since, "until": until}
        return self._run("read_comparisons.sql", make_comparison, values)

    def find_comparison(self, destination: str, event: str, interval: Interval) -> ComparisonRecord | None:
        """Return what was found when exactly this interval was last compared, or None: it never was."""
        found = self.read_comparisons([destination], interval.start, interval.start + _INSTANT)
        return next((each for each in found if (each.event, each.interval) == (event, interval)), None)

    def read_supplements(self, destination: str, event: str, interval: Interval) -> list[SupplementRecord]:
        """Return the further files of exactly this interval, delivered or not, by their numbers."""
        start, end = interval
        values = {"destination": destination, "event": event, "interval_start": start, "interval_end": end}
        return self._run("read_supplements.sql", SupplementRecord, values)

    def read_test_files(self, destinations: Sequence[str]) -> dict[str, LatestTestFile]:
        """Return each destination's latest test file."""
        rows = self._run("read_test_files.sql", LatestTestFile, {"destinations": list(destinations)})
        return {row.destination: row for row in rows}

    def find_delivery(
        self,
        destination: str,
        event: str,
        kind: str,
        since: datetime,
        until: datetime,
        interval_end: datetime | None = None,
    ) -> DeliveryRecord | None:
        """Return the record of the delivery whose interval starts in [since, until), the latest of them.

        With `interval_end`, only of one that ends then.
        """
        values = {"destination": destination, "event": event, "kind": kind, "since": since, "until": until}
        return next(
            iter(self._run("find_delivery.sql", DeliveryRecord, {**values, "interval_end": interval_end})), None
        )

    def find_night(self, destination: str, event: str, interval: Interval) -> DeliveryRecord | None:
        """Return the record of the nightly delivery of exactly this interval."""
        start, end = interval
        return self.find_delivery(destination, event, "nightly", start, start + _INSTANT, end)

    def read_attempts(self, record: DeliveryRecord) -> list[AttemptRecord]:
        """Return every attempt to make a delivery, in order."""
        return self._run("read_attempts.sql", AttemptRecord, {"id": record.id})

    def read_host_keys(self, owner: KeyOwner) -> list[KnownHostKey]:
        """Return the keys that a Connection's server has shown, the trusted one first, then the latest ten."""
        return self._run("read_host_keys.sql", KnownHostKey, asdict(owner))

    def read_behaviour(self, destination: str) -> FoundBehaviour | None:
        """Return what is known of the server that the destination delivered to last."""
        values = {"destination": destination}
        return next(iter(self._run("read_latest_behaviour.sql", FoundBehaviour, values)), None)

    def _run(self, file: str, make: Any, values: dict[str, Any]) -> list[Any]:
        if not self.connection:
            return []
        rows = self.connection.execute(read_statement(_SQL / file), values).fetchall()
        return [make(*row) for row in rows]


@contextmanager
def open_ledger_reading() -> Iterator[LedgerReading]:
    """Open the ledger for reading; the right to select is enough.

    Raises:
        PermanentError: an older or a newer release made the ledger, or the database refuses.
        RetryableError: the database cannot be reached.
    """
    with connect(LEDGER_DB, EVENTS_DB) as connection:
        connection.read_only = True
        yield LedgerReading(connection if is_latest(connection) or require_version(connection) else None)
