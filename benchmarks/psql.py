r"""What does psql run to write the same bytes with COPY?"""

from pathlib import Path

import psycopg

from benchmarks.events import read_sql
from event_delivery.database import read_statement
from event_delivery.delivery import Delivery
from event_delivery.extract.query import query_events

_SETTINGS = "set random_page_cost to 1.1;\nset work_mem to '64MB';\n"


def write_script(uri: str, delivery: Delivery, folder: Path) -> Path:
    """Write the psql script that prints a delivery file, and return its path."""
    script = {"csv": _csv_script, "json": _json_script}[delivery.destination.format]
    path = folder / f"{delivery.destination.format}.psql"
    with psycopg.connect(uri) as connection:
        path.write_text(_SETTINGS + script(connection, delivery), encoding="utf-8")
    return path


def bind_statement(uri: str, delivery: Delivery) -> str:
    """Return the event type's statement in order, its instants in UTC, for who binds no parameters."""
    text = read_statement(delivery.event_type.statement)
    instant = '  "timestamp" at time zone \'UTC\' as "timestamp",\n'
    text = text.replace('  "timestamp",\n', instant, 1) + '\norder by events."timestamp", id\n'
    bounds = {"interval_start": delivery.interval_start, "interval_end": delivery.interval_end}
    with psycopg.connect(uri) as connection:
        return _bind(connection, text, {"company_id": delivery.destination.company_id, **bounds})


def _csv_script(connection: psycopg.Connection, delivery: Delivery) -> str:
    """Take our own COPY: it is the limit already."""
    query = query_events(psycopg.ClientCursor(connection), delivery)
    return _bind(connection, query.copy_statement().as_string(connection), dict(query.parameters)) + ";\n"


def _json_script(connection: psycopg.Connection, delivery: Delivery) -> str:
    r"""Concatenate each line in SQL; CSV with quotes that never occur leaves backslashes alone."""
    bounds = {"interval_start": delivery.interval_start, "interval_end": delivery.interval_end}
    values = {"company_id": delivery.destination.company_id, **bounds}
    last, lines = (_bind(connection, read_sql(name), values) for name in ("last_event.sql", "json_events.sql"))
    copy = f"copy (\n{lines}) to stdout (format csv, quote E'\\x01', delimiter E'\\x02');\n"
    return f"{last}\\gset\n\\echo [\n{copy}\\echo ]\n"


def _bind(connection: psycopg.Connection, statement: str, values: dict[str, object]) -> str:
    return psycopg.ClientCursor(connection).mogrify(statement.encode(), values)
