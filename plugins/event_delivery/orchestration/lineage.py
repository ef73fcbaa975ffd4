"""Where does a delivered file come from, and where does it lie, as OpenLineage names them?"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from event_delivery.database import EVENTS_DB, read_statement
from event_delivery.destinations import EVENT_TYPES
from event_delivery.ledger.instance import read_instance
from event_delivery.object_store import parse_address
from event_delivery.schedule import write_instant
from event_delivery.staging.area import STAGING, staging_url
from event_delivery.staging.staged_file import path_of_staged
from event_delivery.staging.store import STAGED
from event_delivery.upload.recipient import read_recipient

if TYPE_CHECKING:
    from airflow.providers.common.compat.openlineage.facet import Dataset, RunFacet
    from airflow.providers.openlineage.extractors import OperatorLineage

    from event_delivery.delivery import Delivery
    from event_delivery.destinations import Destination
    from event_delivery.staging import Manifest
    from event_delivery.upload import DeliveredFile

_POSTGRES_PORT = 5432
_PARAMETER = re.compile(r"%\(\w+\)s")


def tell_of_staging(operator: Any, event: str) -> None:
    """Have a task that stages an event type's events tell from which tables, by which statement, and where to.

    OpenLineage looks for these names on any operator. The task leaves what it staged on itself, as `staged`.
    """
    operator.get_openlineage_facets_on_start = partial(describe_lineage, event)
    operator.get_openlineage_facets_on_complete = partial(describe_staged, event)


def describe_lineage(
    event: str | None, delivery: Delivery | None = None, delivered: DeliveredFile | None = None
) -> OperatorLineage | None:
    """Return from which tables an event type's file is made, by which statement, and where a delivered one lies.

    `event`: None for a test file, which is made from the sample. `delivered`: None where nothing is.
    Without the OpenLineage provider: None.
    """
    if not (told := _describe_source(event)) or not (delivery and delivered):
        return told
    if event:
        told.inputs.append(_name_staged(delivery))
    told.outputs.append(_name_file(delivery.destination, delivered))
    told.run_facets["eventDelivery"] = _describe_content(delivery, delivered)
    return told


def describe_staged(event: str, task_instance: Any) -> OperatorLineage | None:
    """Return from which tables a task of an event type has staged its events, by which statement, and where to."""
    staged: tuple[Delivery, Manifest] | None = getattr(task_instance.task, "staged", None)
    if (told := _describe_source(event)) and staged:
        told.outputs.append(_name_staged(*staged))
        told.run_facets["eventDelivery"] = _describe_content(*staged)
    return told


def _describe_source(event: str | None) -> OperatorLineage | None:
    try:
        from airflow.providers.openlineage.extractors import OperatorLineage
    except ImportError:
        return None
    from airflow.providers.common.compat.openlineage.facet import SQLJobFacet

    if event is None:
        return OperatorLineage()
    statement = read_statement(EVENT_TYPES[event].statement)
    return OperatorLineage(inputs=_list_tables(event), job_facets={"sql": SQLJobFacet(query=statement)})


def _describe_content(delivery: Delivery, file: Manifest | DeliveredFile) -> RunFacet:
    from event_delivery.orchestration.lineage_facet import EventDeliveryRunFacet

    interval = [write_instant(instant) for instant in delivery.interval]
    return EventDeliveryRunFacet(file.rows, file.bytes, file.sha256, delivery.kind, *interval)


def _name_staged(delivery: Delivery, file: Manifest | None = None) -> Dataset:
    """Return what is staged of a delivery, under whatever names it lies in its folder."""
    url = staging_url()
    if not url:
        return _name_output("file", str(path_of_staged(delivery, "")), file)
    address = parse_address(url, STAGING)
    bucket, _, prefix = address.root.partition("/")
    folder = "/".join(filter(None, (prefix, STAGED, delivery.destination.id, delivery.key)))
    return _name_output(f"{address.protocol}://{bucket}", folder, file)


def _name_output(namespace: str, name: str, file: Manifest | DeliveredFile | None) -> Dataset:
    from airflow.providers.common.compat.openlineage.facet import (
        Dataset,
        OutputDataset,
        OutputStatisticsOutputDatasetFacet,
    )

    if file is None:
        return Dataset(namespace=namespace, name=name)
    counted = OutputStatisticsOutputDatasetFacet(rowCount=file.rows, size=file.bytes)
    return OutputDataset(namespace=namespace, name=name, outputFacets={"outputStatistics": counted})


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


def _name_file(destination: Destination, file: DeliveredFile) -> Dataset:
    """Return a delivery's file on the client's server, or a rehearsal's; `/~/` stands for the login folder."""
    server, path = read_recipient(destination, read_instance().rehearsal), file.remote_path
    return _name_output(f"sftp://{server.address}", path if path.startswith("/") else f"/~/{path}", file)
