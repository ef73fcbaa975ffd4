"""How do one day's events get from Postgres into the staging area?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import Delivery
from event_delivery.extract.beside import proving_beside
from event_delivery.extract.check import check_count
from event_delivery.extract.copying import copy_events
from event_delivery.extract.ids import count_filtered, write_ids
from event_delivery.extract.query import EventsQuery
from event_delivery.extract.readiness import SourceNotReadyError, ask_source
from event_delivery.extract.settled import ReplacedError, query_settled
from event_delivery.extract.shared_snapshot import SharedSnapshot, share_snapshot
from event_delivery.extract.snapshot import open_snapshot, renew_snapshot
from event_delivery.limits import SNAPSHOTS_OPENED
from event_delivery.openpgp import check_keys
from event_delivery.staging import (
    IDS_NAME,
    Manifest,
    expire_staged_hourly,
    keep_columns,
    stage_file,
    store_ids,
    write_manifest,
)

if TYPE_CHECKING:
    from psycopg import Cursor

ChooseIds = Callable[["Cursor[Any]", EventsQuery], Sequence[str]]


def extract_events(delivery: Delivery, accept_unready: bool = False, choose: ChooseIds | None = None) -> Manifest:
    """Stage the events of a delivery's interval: one snapshot, streamed in constant memory, then checked.

    `accept_unready`: what is there is staged although the source is not complete; the manifest says so.
    `choose` is asked in that snapshot for the ids of the only events to stage; what it raises is passed on.

    Raises:
        PermanentError: a key that the file is to be encrypted for or signed with is missing, wrong or expired.
        SourceNotReadyError: the source says that it is not complete for the interval yet; nothing was staged.
        PermanentError: a Connection, table, column or right is missing, the statement's columns make no
            unambiguous file, the source does not take the company_id, or the events may not go out.
        RetryableError: the database cannot be reached or breaks off; the staging area cannot be written.
    """
    expire_staged_hourly()
    check_keys(delivery.destination)
    with open_snapshot() as cursor:
        unready = _ask_before(cursor, delivery, accept_unready)
        shared, query = _open_query(cursor, delivery)
        recipe = query.recipe
        if choose:
            query = query.only(choose(cursor, query))
        keep_columns(delivery.event, query.columns)
        with proving_beside(query, shared) as beside:
            with stage_file(delivery, delivery.staged_name) as target:
                rows = copy_events(cursor, query, target, beside.look)
            proof = beside.finish(cursor, rows)
        check_count(query, rows, proof.rows)
        shaped = _stage_beside(cursor, query, rows)
    shaped["format"] = delivery.destination.format
    told = {"profile": proof.profile, "columns": query.titles, "types": query.types}
    told |= {"id_digest": proof.id_digest, "unready": unready, "recipe": recipe}
    manifest = target.manifest(rows, **told, **shaped)
    return write_manifest(delivery, delivery.staged_name, manifest)


def _open_query(cursor: Cursor[Any], delivery: Delivery) -> tuple[SharedSnapshot | None, EventsQuery]:
    """Return the query, and its snapshot to share: a later one where a table was replaced after the first."""
    for _ in range(SNAPSHOTS_OPENED - 1):
        try:
            return share_snapshot(cursor), query_settled(cursor, delivery)
        except ReplacedError:
            renew_snapshot(cursor)
    return share_snapshot(cursor), query_settled(cursor, delivery)


def _stage_beside(cursor: Cursor[Any], query: EventsQuery, rows: int) -> dict[str, Any]:
    """Stage, of a file that is not the contracted one, what its bytes do not tell; returns what is known of it."""
    shape = query.delivery.destination
    if shape.is_classic:
        return {}
    with stage_file(query.delivery, IDS_NAME) as ids:
        write_ids(cursor, query, ids)
    staged = ids.manifest(rows)
    store_ids(query.delivery, staged)
    told = {"ids_sha256": staged.sha256, "ids_bytes": staged.bytes}
    return {"shape": shape.token, "filtered": count_filtered(cursor, query), **told}


def _ask_before(cursor: Cursor[Any], delivery: Delivery, accept_unready: bool) -> str:
    """Ask the source whether it is complete, and read on in a later snapshot than that of its answer."""
    unready = ask_source(cursor, delivery)
    if unready and not accept_unready:
        raise SourceNotReadyError(unready)
    renew_snapshot(cursor)
    return unready or ""
