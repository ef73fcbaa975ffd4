"""Which assets of Airflow's does a client's file update, and what do other DAGs learn of it?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Asset

from event_delivery.delivery import Delivery
from event_delivery.schedule import date_of, write_instant
from event_delivery.upload import DeliveredFile

_BY_DAY = "/by-day"


def name_asset(destination_id: str, event: str) -> str:
    """Return the URI that a DAG is scheduled on: "a file of this event type has reached this destination".

    It names no host, which the Connection says, and which may change: a URI is what the asset is known by.
    """
    return f"sftp://{destination_id}/{event}"


def list_assets(destination_id: str, event: str) -> list[Asset]:
    """Return the assets of an event type's upload: one for plain DAGs, one for those partitioned by day.

    Airflow 3.3 wakes either plain DAGs or partitioned ones by an event, never both (`AssetManager`).
    """
    uri = name_asset(destination_id, event)
    return [Asset(uri), Asset(uri + _BY_DAY)]


# Airflow looks for all its providers before it makes the first asset, 0.2 CPU-s: not in each task that is forked.
list_assets("any", "any")


def tell_arrival(operator: Any, context: Mapping[str, Any], delivery: Delivery, delivered: DeliveredFile) -> None:
    """Give a running task its assets, with what is known of the file; none where nothing new has arrived.

    Airflow makes an event for every outlet that a task has when it ends well; without its runner there is none.
    """
    events = context.get("outlet_events")
    if not delivered.arrived or events is None:
        return
    operator.outlets, told = list_assets(delivery.destination.id, delivery.event), _describe(delivery, delivered)
    for asset in operator.outlets:
        event = events[asset]
        event.extra = told
        if asset.uri.endswith(_BY_DAY):
            event.add_partitions(told["day"])


def _describe(delivery: Delivery, delivered: DeliveredFile) -> dict[str, Any]:
    """Return what an event's `extra` says: nothing secret, nothing of a learner."""
    start, end = delivery.interval
    return {
        "file_name": delivered.file_name,
        "rows": delivered.rows,
        "bytes": delivered.bytes,
        "sha256": delivered.sha256,
        "interval_start": write_instant(start),
        "interval_end": write_instant(end),
        "day": str(date_of(delivery.interval, delivery.destination.timezone)),
        "kind": delivered.arrived,
        "supplement": delivery.supplement,
    }
