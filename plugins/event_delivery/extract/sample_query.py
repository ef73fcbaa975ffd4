"""How does PostgreSQL write a sample as if it were an event of the night?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from event_delivery.errors import PermanentError
from event_delivery.extract.column_names import quote
from event_delivery.extract.query import EventsQuery
from event_delivery.extract.rendering import identify
from event_delivery.extract.sample_file import Leaf, Sample, check_sample_names, explain_misfit
from event_delivery.staging import Column

if TYPE_CHECKING:
    from psycopg import Cursor, sql

_LENGTH = re.compile(r"\((\d+)\)$")


def query_sample(cursor: Cursor[Any], query: EventsQuery, sample: Sample) -> EventsQuery:
    """Return the query of the sample, its values cast to the types that the night's columns have.

    Raises:
        PermanentError: columns are missing or too many, or a type does not take its value; names all of them.
    """
    leaves = sample.leaves(query.names)
    file = query.delivery.event_type.sql
    check_sample_names(sample, leaves, query.names, file)
    if refused := list(_find_refused(cursor, query, sample, leaves)):
        raise PermanentError(explain_misfit(sample, file, refused))
    return _cast_sample(query, sample, leaves)


def _cast_sample(query: EventsQuery, sample: Sample, leaves: dict[str, Leaf]) -> EventsQuery:
    from psycopg import sql

    values = [_cast(column, f"path{number}") for number, column in enumerate(query.columns)]
    statement = sql.SQL("(select {} from (select %(sample)s::jsonb as sample) as file)")
    paths = {f"path{number}": list(leaves[name].path) for number, name in enumerate(query.names)}
    return replace(
        query, statement=statement.format(sql.SQL(", ").join(values)), parameters={"sample": sample.text, **paths}
    )


def _cast(column: Column, path: str) -> sql.Composed:
    """Take a value out of the sample: a column of JSON takes JSON, any other the text."""
    from psycopg import sql

    is_json = column.kind in ("json", "jsonb")
    value = "nullif(sample #> {}::text[], 'null')::text" if is_json else "sample #>> {}::text[]"
    spelled = sql.SQL(column.type.replace("%", "%%"))
    return sql.SQL("(" + value + ")::{} as {}").format(sql.Placeholder(path), spelled, identify(column.name))


def _find_refused(
    cursor: Cursor[Any], query: EventsQuery, sample: Sample, leaves: dict[str, Leaf]
) -> Iterator[str]:
    """Try all columns, and if they are refused each by itself, so that all that differ are told at once."""
    taken = _takes(cursor, query, sample, leaves)
    for column in query.columns:
        value = leaves[column.name].value
        alone = replace(query, columns=[column])
        if _is_too_long(column, value) or not (taken or _takes(cursor, alone, sample, leaves)):
            yield f"{quote(column.name)} is {column.type}, which does not take {value!r}"


def _is_too_long(column: Column, value: Any) -> bool:
    """A cast would cut the text."""
    length = _LENGTH.search(column.type) if column.kind in ("varchar", "bpchar") else None
    return length is not None and value is not None and len(str(value)) > int(length[1])


def _takes(cursor: Cursor[Any], query: EventsQuery, sample: Sample, leaves: dict[str, Leaf]) -> bool:
    import psycopg
    from psycopg import sql

    tried = _cast_sample(query, sample, leaves)
    try:
        with cursor.connection.transaction():
            cursor.execute(sql.SQL("select * from {} as event").format(tried.statement), tried.parameters)
    except psycopg.OperationalError:
        raise
    except psycopg.DatabaseError:
        return False
    return True
