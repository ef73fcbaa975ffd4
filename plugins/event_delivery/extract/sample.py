"""What does a test file hold? The event type's sample, in the shape that the night's events have."""

from __future__ import annotations

import logging

from event_delivery.delivery import Delivery
from event_delivery.errors import DeliveryError, MissingConnectionError, RetryableError
from event_delivery.extract.copying import copy_events
from event_delivery.extract.query import query_events
from event_delivery.extract.sample_file import Sample, read_sample
from event_delivery.extract.sample_query import query_sample
from event_delivery.extract.snapshot import open_snapshot
from event_delivery.extract.unchecked_sample import list_names, render_unchecked
from event_delivery.staging import Manifest, keep_columns, read_kept_columns, stage_file, write_manifest

_log = logging.getLogger(__name__)


def stage_sample_event(delivery: Delivery) -> Manifest:
    """Stage the sample of a delivery's event type: the columns, their order and writing are the statement's.

    Asks the source for the columns and reads no row. A source that cannot be reached, or is not defined yet, is no
    reason to send no test file: it has the columns that were last checked, else the sample's own; the log says so.
    Unless the destination's file is not the contracted one, which only PostgreSQL writes.

    Raises:
        PermanentError: the sample does not fit the statement's columns, or nights would fail too: the statement is
            wrong, or the source refuses it or the company_id.
        RetryableError: the staging area cannot be written.
    """
    sample = read_sample(delivery.event_type.sample)
    try:
        return _stage_checked(delivery, sample)
    except (MissingConnectionError, RetryableError) as error:
        if not delivery.destination.is_classic:  # only PostgreSQL writes such a file
            raise
        return _stage_unchecked(delivery, sample, error)


def _stage_checked(delivery: Delivery, sample: Sample) -> Manifest:
    with open_snapshot() as cursor:
        query = query_events(cursor, delivery)
        keep_columns(delivery.event, query.columns)
        query = query_sample(cursor, query, sample)
        with stage_file(delivery, delivery.staged_name) as target:
            rows = copy_events(cursor, query, target)
    told = {"columns": query.titles, "types": query.types}
    shaped = {"shape": delivery.destination.token, "format": delivery.destination.format}
    return write_manifest(delivery, delivery.staged_name, target.manifest(rows, **told, **shaped))


def _stage_unchecked(delivery: Delivery, sample: Sample, error: DeliveryError) -> Manifest:
    columns, file = read_kept_columns(delivery.event), delivery.event_type.sql
    text = render_unchecked(sample, columns, file, delivery.destination.format)
    source = "that it had when the source last answered" if columns else f"of include/samples/{sample.name}"
    _log.warning(
        "The columns of include/sql/%s are unchecked: the test file has those %s. %s", file, source, error
    )
    with stage_file(delivery, delivery.staged_name) as target:
        target.write(text.encode())
    names = list_names(sample, columns)
    return write_manifest(delivery, delivery.staged_name, target.manifest(1, columns=names))
