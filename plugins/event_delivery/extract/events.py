"""How do one day's events get from Postgres into the staging area?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from event_delivery.database import EVENTS_DB, connect
from event_delivery.delivery import Delivery
from event_delivery.extract.check import check_events
from event_delivery.extract.profile import profile_events
from event_delivery.extract.query import EventsQuery, query_events
from event_delivery.staging import Manifest, StagedFile, expire_staged, stage_file, write_manifest

if TYPE_CHECKING:
    from psycopg import Connection, Cursor


def extract_events(delivery: Delivery) -> Manifest:
    """Stage the events of a delivery's interval: one snapshot, streamed in constant memory, then checked.

    Raises:
        PermanentError: a Connection, table, column or right is missing, or the events may not go out.
        RetryableError: the database cannot be reached or breaks off; the staging area cannot be written.
    """
    expire_staged()
    with connect(EVENTS_DB) as connection, connection.cursor() as cursor:
        _open_snapshot(connection, cursor)
        query = query_events(cursor, delivery)
        with stage_file(delivery, delivery.staged_name) as target:
            rows = _copy_events(cursor, query, target)
        check_events(cursor, query)
        profile = profile_events(cursor, query)
    manifest = target.manifest(rows, profile=profile, columns=query.names)
    return write_manifest(delivery, delivery.staged_name, manifest)


def _open_snapshot(connection: Connection[Any], cursor: Cursor[Any]) -> None:
    """Read everything from one snapshot, and let the planner stream from the index instead of sorting."""
    from psycopg import IsolationLevel

    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    cursor.execute("set local client_encoding to 'UTF8'")
    cursor.execute("set local random_page_cost to 1.1")
    cursor.execute("set local work_mem to '64MB'")


def _copy_events(cursor: Cursor[Any], query: EventsQuery, target: StagedFile) -> int:
    with cursor.copy(query.copy_statement(), query.parameters) as copy:
        for block in copy:
            target.write(block)
    return cursor.rowcount
