"""What does the ledger say of many deliveries at once, and of one in full?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from event_delivery.database import EVENTS_DB, LEDGER_DB, connect, read_statement
from event_delivery.ledger.deliveries import open_ledger

if TYPE_CHECKING:
    from psycopg import Connection

SQL = Path(__file__).parent / "sql"


class Record(NamedTuple):
    """What the overview needs of one nightly delivery's record."""

    destination: str
    event: str
    interval_start: datetime
    state: str
    rows: int | None
    bytes: int | None
    delivered_at: datetime | None
    seconds: float | None
    attempts: int
    first_delivered_at: datetime | None
    last_error: str | None


class LatestTestFile(NamedTuple):
    """What became of a destination's latest test file."""

    destination: str
    state: str
    at: datetime
    last_error: str | None


@dataclass(frozen=True)
class LedgerReading:
    """Reads the ledger, and changes nothing."""

    connection: Connection[Any]

    def read_records(self, destinations: Sequence[str], since: datetime, until: datetime) -> list[Record]:
        """Return the nightly deliveries of these destinations whose day starts in [since, until)."""
        values = {"destinations": list(destinations), "since": since, "until": until}
        return [Record(*row) for row in self._run("overview", values)]

    def read_first_nights(self, deliveries: Sequence[tuple[str, str]]) -> dict[str, datetime]:
        """Return the start of each destination's first day that was delivered by schedule."""
        values = {
            "destinations": [destination for destination, _ in deliveries],
            "events": [event for _, event in deliveries],
        }
        return dict(self._run("first_nights", values))

    def read_test_files(self, destinations: Sequence[str]) -> dict[str, LatestTestFile]:
        """Return each destination's latest test file."""
        rows = self._run("latest_test_files", {"destinations": list(destinations)})
        return {row[0]: LatestTestFile(*row) for row in rows}

    def find_delivery(
        self, destination: str, event: str, kind: str, since: datetime, until: datetime
    ) -> dict[str, Any] | None:
        """Return the whole record of the delivery whose interval starts in [since, until), the latest of them."""
        values = {"destination": destination, "event": event, "kind": kind, "since": since, "until": until}
        found = self._run_named("find_delivery", values)
        return found[0] if found else None

    def read_attempts(self, record: dict[str, Any]) -> list[dict[str, Any]]:
        """Return every attempt to make a delivery, in order."""
        return self._run_named("read_attempts", record)

    def read_host_key(self, host: str, port: int) -> tuple[str, datetime] | None:
        """Return the remembered key of a server and since when it is known."""
        rows = self._run("read_known_host_key", {"host": host, "port": port})
        return (rows[0][0], rows[0][1]) if rows else None

    def read_behaviour(self, destination: str) -> dict[str, Any] | None:
        """Return what the latest delivery found out about the destination's server."""
        found = self._run_named("read_behaviours", {"destination": destination})
        return found[0] if found else None

    def _run(self, name: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self.connection.execute(read_statement(SQL / f"{name}.sql"), values).fetchall()

    def _run_named(self, name: str, values: dict[str, Any]) -> list[dict[str, Any]]:
        from psycopg.rows import dict_row

        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(read_statement(SQL / f"{name}.sql"), values).fetchall()


@contextmanager
def open_ledger_reading() -> Iterator[LedgerReading]:
    """Open the ledger for reading; one that nobody has used yet is made first.

    Raises:
        PermanentError, RetryableError: as `open_ledger`.
    """
    with connect(LEDGER_DB, EVENTS_DB) as connection:
        connection.autocommit = True
        if not connection.execute(read_statement(SQL / "is_complete.sql")).fetchone()[0]:  # type: ignore[index]
            with open_ledger():
                pass
        connection.autocommit, connection.read_only = False, True
        yield LedgerReading(connection)
