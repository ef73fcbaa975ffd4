"""How do one day's events get from Postgres into the staging area?"""

from __future__ import annotations

from event_delivery.delivery import Delivery
from event_delivery.extract.check import check_events
from event_delivery.extract.copying import copy_events
from event_delivery.extract.profile import profile_events
from event_delivery.extract.query import query_events
from event_delivery.extract.snapshot import open_snapshot
from event_delivery.staging import Manifest, expire_staged_hourly, keep_columns, stage_file, write_manifest


def extract_events(delivery: Delivery) -> Manifest:
    """Stage the events of a delivery's interval: one snapshot, streamed in constant memory, then checked.

    Raises:
        PermanentError: a Connection, table, column or right is missing, the statement's columns make no
            unambiguous file, the source does not take the company_id, or the events may not go out.
        RetryableError: the database cannot be reached or breaks off; the staging area cannot be written.
    """
    expire_staged_hourly()
    with open_snapshot() as cursor:
        query = query_events(cursor, delivery)
        keep_columns(delivery.event, query.columns)
        with stage_file(delivery, delivery.staged_name) as target:
            rows = copy_events(cursor, query, target)
        check_events(cursor, query)
        profile = profile_events(cursor, query)
    manifest = target.manifest(rows, profile=profile, columns=query.names)
    return write_manifest(delivery, delivery.staged_name, manifest)
