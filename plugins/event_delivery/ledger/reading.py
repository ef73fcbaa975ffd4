"""What does the ledger say of many deliveries at once, and of one in full?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from event_delivery.database import EVENTS_DB, LEDGER_DB, connect, read_statement
from event_delivery.ledger.opening import require_version
from event_delivery.ledger.records import (
    AttemptRecord,
    DeliveryRecord,
    FoundBehaviour,
    KnownHostKey,
    LatestTestFile,
    NightRecord,
)

if TYPE_CHECKING:
    from psycopg import Connection

Row = TypeVar("Row")
_SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True)
class LedgerReading:
    """Reads the ledger, and changes nothing; without a connection there is no ledger yet, and it is empty."""

    connection: Connection[Any] | None

    @property
    def notice(self) -> str | None:
        """Why there is nothing to read, or None."""
        return None if self.connection else "There is no ledger yet: the first delivery makes it."

    def read_nights(self, destinations: Sequence[str], since: datetime, until: datetime) -> list[NightRecord]:
        """Return the nightly deliveries of these destinations whose day starts in [since, until)."""
        values = {"destinations": list(destinations), "since": since, "until": until}
        return self._run("read_nights.sql", NightRecord, values)

    def read_first_nights(self, deliveries: Sequence[tuple[str, str]]) -> dict[str, datetime]:
        """Return the start of each destination's first day that was delivered by schedule.

        `deliveries` names destination and event type of each.
        """
        values = {
            "destinations": [destination for destination, _ in deliveries],
            "events": [event for _, event in deliveries],
        }
        return dict(self._run("read_first_nights.sql", lambda *row: row, values))

    def read_test_files(self, destinations: Sequence[str]) -> dict[str, LatestTestFile]:
        """Return each destination's latest test file."""
        rows = self._run("read_test_files.sql", LatestTestFile, {"destinations": list(destinations)})
        return {row.destination: row for row in rows}

    def find_delivery(
        self, destination: str, event: str, kind: str, since: datetime, until: datetime
    ) -> DeliveryRecord | None:
        """Return the record of the delivery whose interval starts in [since, until), the latest of them."""
        values = {"destination": destination, "event": event, "kind": kind, "since": since, "until": until}
        return next(iter(self._run("find_delivery.sql", DeliveryRecord, values)), None)

    def read_attempts(self, record: DeliveryRecord) -> list[AttemptRecord]:
        """Return every attempt to make a delivery, in order."""
        return self._run("read_attempts.sql", AttemptRecord, {"id": record.id})

    def read_host_key(self, host: str, port: int) -> KnownHostKey | None:
        """Return the remembered key of a server and since when it is known."""
        values = {"host": host, "port": port}
        return next(iter(self._run("read_host_key.sql", KnownHostKey, values)), None)

    def read_behaviour(self, destination: str) -> FoundBehaviour | None:
        """Return what is known of the server that the destination delivered to last."""
        values = {"destination": destination}
        return next(iter(self._run("read_latest_behaviour.sql", FoundBehaviour, values)), None)

    def _run(self, file: str, make: Any, values: dict[str, Any]) -> list[Any]:
        if not self.connection:
            return []
        return [make(*row) for row in self.connection.execute(read_statement(_SQL / file), values)]


@contextmanager
def open_ledger_reading() -> Iterator[LedgerReading]:
    """Open the ledger for reading; the right to select is enough.

    Raises:
        PermanentError: an older or a newer release made the ledger, or the database refuses.
        RetryableError: the database cannot be reached.
    """
    with connect(LEDGER_DB, EVENTS_DB) as connection:
        connection.read_only = True
        yield LedgerReading(connection if require_version(connection) else None)
