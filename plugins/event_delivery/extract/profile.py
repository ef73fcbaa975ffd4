"""What did a day look like: when did its events happen, and which were the most frequent?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import read_statement
from event_delivery.extract.ids import hash_id, write_digest

if TYPE_CHECKING:
    from psycopg import Cursor

    from event_delivery.extract.query import EventsQuery

_PROFILE = Path(__file__).parent / "sql" / "profile_events.sql"
_TOP_TITLES = 5


def profile_events(cursor: Cursor[Any], query: EventsQuery) -> tuple[dict[str, Any], str]:
    """Return the day's rows by hour since local midnight with its most frequent titles, and the digest of its ids.

    Postgres counts, so that pandas sees a row for each hour and title, never one for each event.
    """
    import pandas as pd
    from psycopg import sql

    title = sql.SQL("title::text" if "title" in query.names else "null::text")
    statement = sql.SQL(read_statement(_PROFILE))
    parts = {"events": query.statement, "title": title, "hash": hash_id(query)}
    cursor.execute(statement.format(**parts), query.parameters)
    counts = pd.DataFrame(cursor.fetchall(), columns=["hour", "title", "rows", "ids"]).astype({"rows": "int64"})
    by_hour = counts.groupby("hour")["rows"].sum()
    by_title = counts.groupby("title")["rows"].sum().nlargest(_TOP_TITLES)
    profile = {
        "rows_by_hour": {int(hour): int(rows) for hour, rows in by_hour.items()},
        "top_titles": {str(title): int(rows) for title, rows in by_title.items()},
    }
    return profile, write_digest(sum(map(int, counts["ids"])))
