"""May a day's events go out?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import read_statement
from event_delivery.errors import PermanentError
from event_delivery.extract.query import EventsQuery, is_of_other_company

if TYPE_CHECKING:
    from psycopg import Cursor

_CHECK = Path(__file__).parent / "sql" / "check_events.sql"


def check_events(cursor: Cursor[Any], query: EventsQuery) -> None:
    """Check that ids are unique, timestamps inside the data interval, and no row another company's.

    Reads the statement again in the snapshot that was staged from; Postgres keeps the count of ids.

    Raises:
        PermanentError: names up to 20 of the events that fail, and why.
    """
    from psycopg import sql

    foreign = is_of_other_company() if "companyId" in query.names else sql.SQL("false")
    statement = sql.SQL(read_statement(_CHECK))
    cursor.execute(statement.format(events=query.statement, of_other_company=foreign), query.parameters)
    if failures := [_explain(*row) for row in cursor.fetchall()]:
        raise PermanentError(
            f"{query.delivery.destination.id}: these events may not go out; mend the source or "
            f"include/sql/{query.delivery.event_type.sql}: {'; '.join(failures)}."
        )


def _explain(identifier: str | None, copies: int, undated: int, outside: int, foreign: int) -> str:
    reasons = {
        "has no id": identifier is None,
        f"stands {copies} times": copies > 1,
        "has no timestamp": undated,
        "has a timestamp outside the data interval": outside,
        "is of another company": foreign,
    }
    return f"event {identifier or '(null)'} " + ", ".join(reason for reason, holds in reasons.items() if holds)
