"""Does the source say that it is complete for a delivery's interval?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import EVENTS_DB, explain_database, read_statement
from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError, RetryableError

if TYPE_CHECKING:
    from psycopg import Cursor, sql

_IS_COMPLETE = Path(__file__).parent / "sql" / "is_complete.sql"
_NAMELESS = (
    "include/sql/source_ready.sql has a parameter without a name, such as %s; any other % is written twice."
)
_WHERE = f"{EVENTS_DB}, include/sql/source_ready.sql"


class SourceNotReadyError(RetryableError):
    """The source is not complete yet for the interval that is to be read."""


def ask_source(cursor: Cursor[Any], delivery: Delivery) -> str | None:
    """Return in one sentence why the source is not complete for a delivery's interval, or None.

    None: it is, or there is no include/sql/source_ready.sql.

    The events are to be read in a later snapshot than the answer's: how far a replica has come, PostgreSQL tells
    as of now, whatever the snapshot.

    Raises:
        PermanentError: include/sql/source_ready.sql fails, or answers with anything but one boolean or
            timestamptz.
        RetryableError: the database breaks off.
    """
    file = delivery.event_type.readiness
    if not os.path.lexists(file):
        return None
    found, is_ready = _ask(cursor, file, delivery)
    if is_ready:
        return None
    who = delivery.destination.id
    interval = delivery.interval
    return f"{who}: the source is not complete for {interval}: include/sql/source_ready.sql says {found}."


def _ask(cursor: Cursor[Any], file: Path, delivery: Delivery) -> tuple[str, bool]:
    """Return what the statement says, for people, and whether that is that the source is complete."""
    import psycopg
    from psycopg import sql

    question = sql.SQL("select * from ({}\n) as readiness limit 2").format(sql.SQL(read_statement(file)))
    parameters = {
        "company_id": delivery.destination.company_id,
        "event": delivery.event,
        "interval_start": delivery.interval_start,
        "interval_end": delivery.interval_end,
    }
    try:
        kind, value = _read_answer(cursor, question, parameters)
        if value is None:
            return "null", False
        if kind == "boolean":
            return ("true", True) if value == "t" else ("false", False)
        cursor.execute(read_statement(_IS_COMPLETE), {**parameters, "up_to": value})
        [is_complete] = cursor.fetchone() or [False]
    except TypeError:
        raise PermanentError(_NAMELESS) from None
    except psycopg.Error as error:
        raise explain_database(error, _WHERE) from None
    return f"that it is so up to {value}", is_complete


def _read_answer(
    cursor: Cursor[Any], question: sql.Composed, parameters: Mapping[str, Any]
) -> tuple[str, str | None]:
    """Return type and text of the answer: Python has no instant for `infinity`."""
    cursor.execute(question, parameters)
    result = cursor.pgresult
    assert result is not None  # noqa: S101 - a select has a result
    if (result.ntuples, result.nfields) != (1, 1):
        found = f"{'several' if result.ntuples > 1 else result.ntuples} rows of {result.nfields} columns"
        raise PermanentError(f"include/sql/source_ready.sql returns {found}, wanted one row of one column.")
    value, types = result.get_value(0, 0), cursor.connection.adapters.types
    kind = {types["bool"].oid: "boolean", types["timestamptz"].oid: "timestamptz"}.get(result.ftype(0))
    if kind is None:
        known = types.get(result.ftype(0))
        found = known.regtype if known else "another type"
        wanted = "wanted boolean or timestamp with time zone"
        raise PermanentError(f"include/sql/source_ready.sql returns {found}, {wanted}.")
    return kind, None if value is None else value.decode()
