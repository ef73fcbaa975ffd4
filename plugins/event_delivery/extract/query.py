"""Which statement reads a delivery's events, and how is each of its columns written?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from event_delivery.database import read_statement
from event_delivery.delivery import Delivery
from event_delivery.extract.columns import check_columns, read_columns
from event_delivery.extract.company import ask_for_company
from event_delivery.extract.filtering import filter_events
from event_delivery.extract.rendering import join_json, render_csv, render_id, render_json
from event_delivery.extract.shaped_copy import JSON_OPTIONS, copy_ordered, copy_shaped, write_header
from event_delivery.extract.typed_columns import name_type
from event_delivery.extract.written_columns import WrittenColumn, choose_columns
from event_delivery.staging import Column

if TYPE_CHECKING:
    from psycopg import Cursor, sql


@dataclass(frozen=True)
class EventsQuery:
    """A statement in parentheses that reads events, its parameters, and its columns; `written`: those of the file.

    `unfiltered`: the statement without the destination's filter, where that has one.
    """

    delivery: Delivery
    statement: sql.Composed
    parameters: Mapping[str, Any]
    columns: Sequence[Column] = ()
    written: Sequence[WrittenColumn] = ()
    unfiltered: sql.Composed | None = None

    @property
    def titles(self) -> list[str]:
        """Names of the columns of the file, in order."""
        return [each.title for each in self.written]

    @property
    def types(self) -> list[str]:
        """Types of the columns of the file, in order, in words for clients."""
        is_typed = self.delivery.destination.format == "parquet"
        return [name_type(each) if is_typed else each.word for each in self.written]

    @property
    def header(self) -> bytes:
        """What stands before the events and is not the COPY's."""
        shape = self.delivery.destination
        return b"" if shape.is_classic else write_header(shape, self.written)

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]

    @property
    def recipe(self) -> str:
        """Sha256 of the COPY without its parameters: the same rows make the same bytes where it is the same."""
        return hashlib.sha256(self.copy_statement().as_string(None).encode()).hexdigest()

    def only(self, ids: Sequence[str]) -> EventsQuery:
        """Return the query of those of its events that have these ids, as the file has them."""
        from psycopg import sql

        chosen = sql.SQL("(select * from {} as event where {} = any(%(ids)s))")
        statement = chosen.format(self.statement, render_id(self.columns))
        parameters = {**self.parameters, "ids": list(ids)}
        return replace(self, statement=statement, parameters=parameters, unfiltered=None)

    def copy_statement(self) -> sql.Composed:
        """Return the COPY that writes the events: order first, render last.

        For CSV the contracted file itself, for JSON one object a line, which `join_events` makes an array.
        Postgres renders both several times faster than Python could; JSON has no bare control characters, so
        quoting by them never happens.
        """
        from psycopg import sql

        if not self.delivery.destination.is_classic:
            return copy_shaped(self.delivery.destination, self.written, self.statement)
        if self.delivery.destination.format == "csv":
            columns = sql.SQL(", ").join(map(render_csv, self.columns))
            line, options = columns, sql.SQL("format csv, header")
        else:
            line, options = join_json(self.names, map(render_json, self.columns)), sql.SQL(JSON_OPTIONS)
        return copy_ordered(line, self.statement, options)


def query_events(cursor: Cursor[Any], delivery: Delivery) -> EventsQuery:
    """Return the query of a delivery's event type; asks the database for its columns, reads no row.

    Raises:
        PermanentError: the statement is missing, its columns make no unambiguous file, or the source does not
            take the destination's company_id.
        psycopg.Error: the database refuses the statement or breaks off.
    """
    from psycopg import sql

    event_type, destination = delivery.event_type, delivery.destination
    statement = sql.SQL("(") + sql.SQL(read_statement(event_type.statement)) + sql.SQL("\n)")
    parameters = {
        "company_id": destination.company_id,
        "interval_start": delivery.interval_start,
        "interval_end": delivery.interval_end,
    }
    question = sql.SQL("select {} from {} as event limit 0")
    ask_for_company(cursor, question.format(sql.SQL("*"), statement), parameters, delivery)
    columns = read_columns(cursor)
    check_columns(event_type.sql, columns)
    filtered = filter_events(delivery, statement, columns)
    unfiltered = statement if filtered is not statement else None
    query = EventsQuery(delivery, filtered, parameters, columns, choose_columns(delivery, columns), unfiltered)
    if "companyId" in query.names:
        ask_for_company(cursor, question.format(is_of_other_company(), statement), parameters, delivery)
    return query


def is_of_other_company() -> sql.SQL:
    """Return the condition under which an event with a `companyId` is not the destination's."""
    from psycopg import sql

    return sql.SQL('"companyId" is distinct from %(company_id)s')
