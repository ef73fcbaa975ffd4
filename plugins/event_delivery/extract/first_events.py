"""How are a day's first events read for a person to look at: few, in time, masked where that is wanted?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_delivery.database import read_statement
from event_delivery.extract.query import EventsQuery
from event_delivery.extract.rendering import identify
from event_delivery.extract.written_columns import WrittenColumn
from event_delivery.staging import Column

if TYPE_CHECKING:
    from psycopg import Cursor, sql

MASK = "***"
_SQL = Path(__file__).parent / "sql"
_LIMIT, _COUNT = _SQL / "limit_time.sql", _SQL / "count_up_to.sql"
_TELLS_NOTHING = ("id", "timestamp", "companyId")  # of a person; which other columns do, nobody has told us


def limit_time(cursor: Cursor[Any], seconds: float) -> None:
    """Let each statement of a snapshot take so long at most."""
    cursor.execute(read_statement(_LIMIT), {"milliseconds": str(round(1_000 * seconds))})


def count_up_to(cursor: Cursor[Any], query: EventsQuery, most: int) -> int:
    """Return the number of a query's events, `most` where there are that many or more."""
    from psycopg import sql

    statement = sql.SQL(read_statement(_COUNT)).format(events=query.statement)
    cursor.execute(statement, {**query.parameters, "most": most})
    [count] = cursor.fetchone() or [0]
    return int(count)


def take_first(query: EventsQuery, most: int) -> EventsQuery:
    """Return the query of so many of its events, the first of the file."""
    from psycopg import sql

    first = sql.SQL('(select * from {} as event order by "timestamp", id limit {})')
    return replace(query, statement=first.format(query.statement, sql.Literal(most)), unfiltered=None)


def mask_values(query: EventsQuery) -> tuple[EventsQuery, list[str]]:
    """Return the query with `MASK` in the place of each value but null, and which columns of the file have it.

    PostgreSQL puts it there: no value leaves the database. What an event needs to be called by is left.
    """
    from psycopg import sql

    columns = {column.name: _mask_column(column) for column in query.columns}
    values = [_mask_value(column) for column in query.columns]
    statement = sql.SQL("(select {} from {} as event)").format(sql.SQL(", ").join(values), query.statement)
    written = [_mask_written(each, columns) for each in query.written]
    masked = [each.title for each in query.written if each.column and not _tells_nothing(each.column)]
    columns_now = list(columns.values())
    return replace(query, statement=statement, columns=columns_now, written=written, unfiltered=None), masked


def _tells_nothing(column: Column) -> bool:
    return column.name in _TELLS_NOTHING


def _mask_column(column: Column) -> Column:
    return column if _tells_nothing(column) else replace(column, kind="text", type="text")


def _mask_value(column: Column) -> sql.Composable:
    from psycopg import sql

    name = identify(column.name)
    if _tells_nothing(column):
        return name
    return sql.SQL("case when {0} is not null then {1} end as {0}").format(name, sql.Literal(MASK))


def _mask_written(written: WrittenColumn, columns: dict[str, Column]) -> WrittenColumn:
    if written.column is None or _tells_nothing(written.column):
        return written
    return WrittenColumn(written.title, columns[written.column.name])
