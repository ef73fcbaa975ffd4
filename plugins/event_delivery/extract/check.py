"""May a day's events go out?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import read_statement
from event_delivery.errors import PermanentError
from event_delivery.extract.query import EventsQuery, is_of_other_company

if TYPE_CHECKING:
    from psycopg import Cursor, sql

_SQL = Path(__file__).parent / "sql"
_COUNT_FAILING, _NAME_FAILING = _SQL / "count_failing.sql", _SQL / "name_failing.sql"

# What PostgreSQL itself compares such ids by in a hash join: equal ids, also by a column's collation, have equal
# hashes. To sort these takes a sixth of the time, and no index tempts the planner to read the table in its order.
_HASHES = {
    "uuid": "uuid_hash_extended(id, 0)",
    "int2": "hashint8extended(id, 0)",
    "int4": "hashint8extended(id, 0)",
    "int8": "hashint8extended(id, 0)",
    "text": "hashtextextended(id, 0)",
    "varchar": "hashtextextended(id, 0)",
}


def check_events(cursor: Cursor[Any], query: EventsQuery) -> int:
    """Check that ids are unique, timestamps inside the data interval, and no row another company's.

    Reads the statement again in the snapshot that is staged from: one pass counts, and only where that finds
    something a second one names it. Two ids that share a hash cost that pass, and hinder nothing.

    Returns:
        The number of events.

    Raises:
        PermanentError: names up to 20 of the events that fail, and why.
    """
    cursor.execute(_complete(query, _COUNT_FAILING), query.parameters)
    rows, ids, failing = cursor.fetchone() or (0, 0, 0)
    if failing or ids < rows:
        _name_failing(cursor, query)
    return int(rows)


def check_count(query: EventsQuery, written: int, checked: int) -> None:
    """Check that the events that were checked are as many as those that were written.

    Raises:
        PermanentError: the statement reads other events each time.
    """
    if written != checked:
        raise PermanentError(
            f"{query.delivery.destination.id}: include/sql/{query.delivery.event_type.sql} returned {written:,} "
            f"events when they were written, and {checked:,} when they were checked, both in one snapshot. Let it "
            "not depend on chance or on the clock, such as random() or clock_timestamp()."
        )


def _name_failing(cursor: Cursor[Any], query: EventsQuery) -> None:
    cursor.execute(_complete(query, _NAME_FAILING), query.parameters)
    if failures := [_explain(*row) for row in cursor.fetchall()]:
        raise PermanentError(
            f"{query.delivery.destination.id}: these events may not go out; mend the source or "
            f"include/sql/{query.delivery.event_type.sql}: {'; '.join(failures)}."
        )


def _complete(query: EventsQuery, file: Path) -> sql.Composed:
    from psycopg import sql

    foreign = is_of_other_company() if "companyId" in query.names else sql.SQL("false")
    kind = next(column.kind for column in query.columns if column.name == "id")
    parts = {"of_other_company": foreign, "distinct": sql.SQL(_HASHES.get(kind, "id"))}
    return sql.SQL(read_statement(file)).format(events=query.statement, **parts)


def _explain(identifier: str | None, copies: int, undated: int, outside: int, foreign: int) -> str:
    reasons = {
        "has no id": identifier is None,
        f"stands {copies} times": copies > 1,
        "has no timestamp": undated,
        "has a timestamp outside the data interval": outside,
        "is of another company": foreign,
    }
    return f"event {identifier or '(null)'} " + ", ".join(reason for reason, holds in reasons.items() if holds)
