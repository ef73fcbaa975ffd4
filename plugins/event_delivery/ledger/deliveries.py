"""What was delivered, when, after how many attempts, and why not?"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import EVENTS_DB, LEDGER_DB, connect, read_statement
from event_delivery.delivery import Delivery
from event_delivery.errors import RetryableError
from event_delivery.staging import Manifest

if TYPE_CHECKING:
    from psycopg import Connection

SQL = Path(__file__).parent / "sql"
_TABLES = (
    "schema",
    "delivery_table",
    "attempt_table",
    "host_key_table",
    "server_behaviour_table",
    "delivery_columns",
    "attempt_columns",
)
_CREATE_LOCK = 7_402_513_001  # any number that nothing else in the database locks


class Ledger:
    """The delivery records in schema `event_delivery` of `ledger_db`, or of `events_db` without one."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    def lock(self, delivery: Delivery) -> None:
        """Hold this delivery until the connection closes, which also a killed process does.

        Raises:
            RetryableError: another run is delivering it now.
        """
        key = f"{delivery.destination.id}/{delivery.key}"
        statement = "select pg_try_advisory_lock(hashtextextended(%(key)s, 0))"
        if not self._fetch(statement, {"key": key})[0][0]:
            raise RetryableError(f"Another run is delivering {delivery.file_name} at this moment.")

    def begin_attempt(self, delivery: Delivery, file: Manifest, dag_id: str, run_id: str, retrying: bool) -> int:
        """Record that an attempt starts; returns its number, counted from 1 over all runs.

        Only a retry with the same bytes carries on from the step that the attempt before it had reached.
        """
        values = {
            **_key(delivery),
            "file_name": delivery.file_name,
            "rows": file.rows,
            "bytes": file.bytes,
            "sha256": file.sha256,
            "profile": json.dumps(file.profile),
            "dag_id": dag_id,
            "run_id": run_id,
            "retrying": retrying,
        }
        attempt = int(self._run("begin_attempt", values)[0][0])
        self._run("open_attempt", {**values, "attempt": attempt})
        return attempt

    def record_step(self, delivery: Delivery, step: str, remote_path: str, temporary_path: str) -> None:
        """Record how far the attempt has come, so that the next one knows after a kill."""
        values = {"step": step, "remote_path": remote_path, "temporary_path": temporary_path}
        self._run("record_step", {**_key(delivery), **values})

    def record_sent(
        self, delivery: Delivery, attempt: int, bytes_sent: int, seconds: float, compressed: bool
    ) -> None:
        """Record how many bytes the server acknowledged, in how many seconds: the rate of the line."""
        values = {"attempt": attempt, "bytes_sent": bytes_sent, "seconds": seconds, "compressed": compressed}
        self._run("record_sent", {**_key(delivery), **values})

    def read_rates(self, destination_id: str) -> dict[bool, float]:
        """Return the best rate (bytes/s) of the destination's latest attempts, without and with compression."""
        rows = self._run("read_rates", {"destination": destination_id})
        return {compressed: float(rate) for compressed, rate in rows}

    def record_delivered(self, delivery: Delivery, attempt: int, remote_path: str, seconds: float) -> None:
        """Record success."""
        values = {**_key(delivery), "attempt": attempt, "remote_path": remote_path, "seconds": seconds}
        self._run("record_delivered", values)
        self._run("close_attempt", {**values, "error": None, "permanent": None})

    def record_failed(self, delivery: Delivery, attempt: int, error: str, permanent: bool) -> None:
        """Record a failed attempt and its reason, one sentence without secrets."""
        values = {**_key(delivery), "attempt": attempt, "error": error, "permanent": permanent}
        self._run("record_failed", values)
        self._run("close_attempt", values)

    def read_delivery(self, delivery: Delivery) -> dict[str, Any] | None:
        """Return the delivery's record, or None when it was never attempted."""
        from psycopg.rows import dict_row

        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(read_statement(SQL / "read_delivery.sql"), _key(delivery)).fetchone()

    def host_key(self, host: str, port: int) -> str | None:
        """Return the remembered key of a server, as an OpenSSH public key."""
        rows = self._run("read_host_key", {"host": host, "port": port})
        return rows[0][0] if rows else None

    def remember_host_key(self, host: str, port: int, public_key: str) -> None:
        """Remember the key that a server showed at the first contact, or that an operator accepted."""
        self._run("remember_host_key", {"host": host, "port": port, "public_key": public_key})

    def read_behaviour(self, destination_id: str, place: str) -> dict[str, Any]:
        """Return what deliveries to this place found out: `upload_mode`, and whether a robot takes the files."""
        rows = self._run("read_server_behaviour", {"destination": destination_id, "place": place})
        return dict(zip(("upload_mode", "takes_files"), rows[0], strict=True)) if rows else {}

    def record_behaviour(self, destination_id: str, place: str, upload_mode: str, takes_files: bool) -> None:
        """Record what a delivery to this place found out."""
        values = {"destination": destination_id, "place": place}
        self._run("record_server_behaviour", {**values, "upload_mode": upload_mode, "takes_files": takes_files})

    def _run(self, name: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self._fetch(read_statement(SQL / f"{name}.sql"), values)

    def _fetch(self, statement: Any, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def open_ledger() -> Iterator[Ledger]:
    """Open the ledger, making its tables on first use.

    Raises:
        PermanentError: the database refuses; where `events_db` is read-only, define a `ledger_db`.
        RetryableError: the database cannot be reached.
    """
    import psycopg

    with connect(LEDGER_DB, EVENTS_DB) as connection:
        connection.autocommit = True
        if not _is_complete(connection):
            _create(connection)
        try:
            yield Ledger(connection)
        finally:
            with contextlib.suppress(psycopg.Error):  # a backend that lives on a little would hold its locks
                connection.execute("select pg_advisory_unlock_all()")


def _is_complete(connection: Connection[Any]) -> bool:
    return bool(connection.execute(read_statement(SQL / "is_complete.sql")).fetchone()[0])  # type: ignore[index]


def _create(connection: Connection[Any]) -> None:
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (_CREATE_LOCK,))
        for name in _TABLES:
            connection.execute(read_statement(SQL / f"{name}.sql"))


def _key(delivery: Delivery) -> dict[str, Any]:
    return {
        "destination": delivery.destination.id,
        "event": delivery.event,
        "interval_start": delivery.interval_start,
        "interval_end": delivery.interval_end,
        "kind": delivery.kind,
    }
