"""What does a run send that is to deliver a day byte for byte as it was delivered, without asking the source?"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from event_delivery.delivery import Delivery
from event_delivery.errors import RefusedError
from event_delivery.limits import LIMITS
from event_delivery.orchestration.names import EXACT_PARAM
from event_delivery.schedule import date_of
from event_delivery.staging import (
    BLOCK_BYTES,
    KeptFile,
    Manifest,
    StagedGoneError,
    check_staged,
    find_kept,
    read_kept,
    stage_file,
    write_manifest,
)

_log = logging.getLogger(__name__)


def is_exact(delivery: Delivery, context: Mapping[str, Any]) -> bool:
    """Tell whether a run is asked for the kept file; a test file, whatever its run is handed, has none."""
    return delivery.kind != "test" and bool(context["params"].get(EXACT_PARAM))


def stage_exact(delivery: Delivery) -> Manifest:
    """Stage the kept file that was delivered last as the delivery file, unless it is; its bytes are proven.

    Raises:
        RefusedError: it is not kept here, has other bytes, or is of another company; or a supplement whose day
            came again since; nothing is sent instead.
        LedgerError: the ledger cannot say what was delivered last.
    """
    if delivery.supplement:
        from event_delivery.completeness.beside import find_beside

        find_beside(delivery)
    kept = _choose_kept(delivery)
    made = _make_as_kept(delivery, kept)
    _log.info("%s goes out byte for byte as delivered at %s", kept.file_name, kept.delivered_at.isoformat())
    if staged := _find_staged(made, kept):
        return staged
    try:
        with read_kept(made, kept.manifest.sha256) as source, stage_file(made, made.file_name) as target:
            for block in iter(partial(source.read, BLOCK_BYTES), b""):
                target.write(block)
    except StagedGoneError as gone:
        raise _refuse(delivery, str(gone)) from None
    was = kept.manifest
    details: dict[str, Any] = {"profile": was.profile, "columns": was.columns, "types": was.types}
    details |= {"id_digest": was.id_digest, "unready": was.unready, "exact": True}
    details |= {"recipe": was.recipe, "filtered": was.filtered}
    details |= {"shape": was.shape, "plain_sha256": was.plain_sha256, "ids_sha256": was.ids_sha256}
    details |= {"made_for": was.made_for, "format": kept.format}
    return write_manifest(made, made.file_name, target.manifest(kept.manifest.rows, **details))


def delivery_as_kept(delivery: Delivery) -> Delivery:
    """Return a delivery in the format of its kept file, whatever today's YAML says; raises as `stage_exact`."""
    return _make_as_kept(delivery, _choose_kept(delivery))


def _choose_kept(delivery: Delivery) -> KeptFile:
    """Return the file that the client was sent last: which one that was, the ledger says."""
    last = _find_delivered(delivery)
    chosen = next((each for each in find_kept(delivery) if each.manifest.sha256 == last), None)
    if chosen is None:
        days = delivery.destination.keep_days
        raise _refuse(delivery, f"The file as it was delivered is not kept here (keep_days: {days}).")
    company = delivery.destination.company_id
    if chosen.manifest.company_id != company:
        raise _refuse(delivery, f"The kept file is of company {chosen.manifest.company_id}, wanted {company}.")
    return chosen


def _find_delivered(delivery: Delivery) -> str | None:
    """Return the sha256 of the file that was delivered last, whatever was tried since; None: none was."""
    from event_delivery.ledger import BoundedLedger, LedgerReading

    with BoundedLedger(LIMITS.ledger, LIMITS.ledger_upgrade) as ledger:
        named = (delivery.destination.id, delivery.interval.start, delivery.interval.end)
        files = ledger.ask(lambda connection: LedgerReading(connection).read_received(*named))
    key = (delivery.event, delivery.interval, delivery.kind)
    return next((file.sha256 for file in files if (file.event, file.interval, file.kind) == key), None)


def _find_staged(delivery: Delivery, kept: KeptFile) -> Manifest | None:
    try:
        staged = check_staged(delivery, delivery.file_name)
    except StagedGoneError:
        return None
    return staged if staged.exact and staged.sha256 == kept.manifest.sha256 else None


def _make_as_kept(delivery: Delivery, kept: KeptFile) -> Delivery:
    made = delivery.destination.made_as(kept.format, kept.manifest.shape)
    return replace(delivery, destination=made)


def _refuse(delivery: Delivery, why: str) -> RefusedError:
    day = date_of(delivery.interval, delivery.destination.timezone)
    return RefusedError(
        f"{delivery.destination.id}, {delivery.event} of {day}: {why} Nothing was delivered. Deliver the day "
        f"again without {EXACT_PARAM!r}: from the source, which may have changed since."
    )
