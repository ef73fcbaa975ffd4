"""Which assets of Airflow's does a client's file update, and what do other DAGs learn of it?"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from airflow.sdk import Asset

from event_delivery.delivery import Delivery
from event_delivery.schedule import date_of, write_instant
from event_delivery.upload import DeliveredFile

BY_DAY_SETTING = "EVENT_DELIVERY_ASSETS_BY_DAY"
_BY_DAY = "/by-day"
_log = logging.getLogger(__name__)


def name_asset(destination_id: str, event: str) -> str:
    """Return the URI that a DAG is scheduled on: "a file of this event type has reached this destination".

    It names no host, which the Connection says, and which may change: a URI is what the asset is known by.
    """
    return f"sftp://{destination_id}/{event}"


def list_assets(destination_id: str, event: str) -> list[Asset]:
    """Return the assets of an event type's upload: one for plain DAGs, one for partitioned ones if asked for.

    Airflow 3.3 wakes either plain DAGs or those partitioned by day, never both. To wake the latter it loads
    them where it records that the upload was successful: one that cannot be loaded makes a delivered upload fail
    (`AssetManager._queue_partitioned_dags`). So that asset is there only where BY_DAY_SETTING says so.
    """
    uri = name_asset(destination_id, event)
    return [Asset(uri), *([Asset(uri + _BY_DAY)] if os.environ.get(BY_DAY_SETTING) == "1" else [])]


# Airflow looks for all its providers before it makes the first asset, 0.2 CPU-s: not in each task that is forked.
list_assets("any", "any")


def tell_arrival(operator: Any, context: Mapping[str, Any], delivery: Delivery, delivered: DeliveredFile) -> None:
    """Give a running task its assets, with what is known of the file; none where nothing new has arrived.

    Airflow makes an event for every outlet that a task has when it ends well; without its runner there is none.
    """
    events = context.get("outlet_events")
    if not delivered.arrived or events is None:
        return
    assets, told = list_assets(delivery.destination.id, delivery.event), _describe(delivery, delivered)
    try:
        for asset in assets:
            event = events[asset]
            event.extra = told
            if asset.uri.endswith(_BY_DAY):
                event.add_partitions(told["day"])
    except Exception as error:  # the file is there, whatever becomes of the telling
        _log.warning("Other DAGs are not told of %s: %s", delivered.file_name, type(error).__name__)
        return
    operator.outlets = assets


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
