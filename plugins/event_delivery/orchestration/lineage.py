"""Where does a delivered file come from, and where does it lie, as OpenLineage names them?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from event_delivery.database import EVENTS_DB, read_statement
from event_delivery.destinations import EVENT_TYPES
from event_delivery.ledger.instance import read_instance
from event_delivery.upload.recipient import read_recipient

if TYPE_CHECKING:
    from airflow.providers.common.compat.openlineage.facet import Dataset
    from airflow.providers.openlineage.extractors import OperatorLineage

    from event_delivery.destinations import Destination

_POSTGRES_PORT = 5432
_PARAMETER = re.compile(r"%\(\w+\)s")


def describe_lineage(
    event: str | None, destination: Destination | None = None, remote_path: str | None = None
) -> OperatorLineage | None:
    """Return from which tables an event type's file is made, and where a delivered one lies.

    `event`: None for a test file, which is made from the sample. `remote_path`: None where nothing is delivered.
    Without the OpenLineage provider: None.
    """
    try:
        from airflow.providers.openlineage.extractors import OperatorLineage
    except ImportError:
        return None
    return OperatorLineage(
        inputs=_list_tables(event) if event else [],
        outputs=[_name_file(destination, remote_path)] if destination and remote_path else [],
    )


def _list_tables(event: str) -> list[Dataset]:
    """Return the tables that the event type's statement reads; the statement itself where they cannot be told."""
    from airflow.providers.common.compat.openlineage.facet import Dataset
    from airflow.providers.openlineage.sqlparser import SQLParser
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        connection, event_type = Connection.get(EVENTS_DB), EVENT_TYPES[event]
    except AirflowNotFoundException:
        return []
    database = connection.schema or connection.login or "postgres"  # libpq's own defaults
    host = "localhost" if (connection.host or "/").startswith("/") else connection.host  # a path: its own socket
    namespace = f"postgres://{host}:{connection.port or _POSTGRES_PORT}"
    statement = _PARAMETER.sub("null", read_statement(event_type.statement)).replace("%%", "%")
    parsed = SQLParser("postgres", "public").parse(statement)
    names = [".".join(filter(None, (table.schema, table.name))) for table in parsed.in_tables] if parsed else []
    return [Dataset(namespace=namespace, name=f"{database}.{name}") for name in names or [event_type.sql]]


def _name_file(destination: Destination, path: str) -> Dataset:
    """Return a delivery's file on the client's server, or a rehearsal's; `/~/` stands for the login folder."""
    from airflow.providers.common.compat.openlineage.facet import Dataset

    server = read_recipient(destination, read_instance().rehearsal)
    return Dataset(namespace=f"sftp://{server.address}", name=path if path.startswith("/") else f"/~/{path}")
