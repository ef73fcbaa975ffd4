r"""How do staged events become the file that the client gets?

Postgres has rendered them in order: as the contracted CSV, header and all, or as one JSON object a line.
So CSV is a copy, and JSON needs brackets and commas. Both prove on the way that nothing changed.
"""

from __future__ import annotations

from collections.abc import Iterable

from event_delivery.delivery import Delivery
from event_delivery.formats.csv_events import format_csv
from event_delivery.formats.json_events import format_json, join_events
from event_delivery.staging import Manifest, read_manifest, read_staged, stage_file, write_manifest

_WRITERS = {"csv": format_csv, "json": format_json}


def format_staged_events(delivery: Delivery) -> Manifest:
    """Write the delivery file of what `extract` staged; raises as `format_events` does."""
    return format_events(delivery, read_manifest(delivery, delivery.staged_name))


def format_events(delivery: Delivery, staged: Manifest) -> Manifest:
    """Write the delivery file from the staged events; memory does not grow with their number.

    Raises:
        StagedGoneError: the staged events have expired, or are not the ones that were checked.
        RetryableError: the staging area cannot be written.
    """
    with read_staged(staged) as source, stage_file(delivery, delivery.file_name) as target:
        _WRITERS[delivery.destination.format](source, target, staged)
    told = {"profile": staged.profile, "columns": staged.columns}
    told |= {"id_digest": staged.id_digest, "unready": staged.unready, "beside": staged.beside}
    told["recipe"] = staged.recipe
    return write_manifest(delivery, delivery.file_name, target.manifest(staged.rows, **told))


def format_blocks(blocks: Iterable[bytes], format: str) -> Iterable[bytes]:
    """Return the delivery file of events as Postgres renders them, in blocks; nothing is staged."""
    return join_events(blocks) if format == "json" else blocks
