"""Does the client have what the source holds of one interval?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.completeness.delivered import DeliveredNight
from event_delivery.completeness.id_sets import IdSets, open_id_sets
from event_delivery.delivery import Delivery
from event_delivery.extract.ids import IdDigest, read_id_digest, read_ids
from event_delivery.extract.query import EventsQuery
from event_delivery.extract.settled import query_settled
from event_delivery.ledger.comparisons import ReceivedFile
from event_delivery.staging import StagedGoneError

if TYPE_CHECKING:
    from psycopg import Cursor

OTHER_FILTER = "it was delivered with another filter than the YAML's `only` names now"
KeptIds = Callable[[Delivery, ReceivedFile], Iterator[str]]


@dataclass(frozen=True)
class Comparison:
    """What was found: numbers of events; None where only the kept files could tell which they are.

    `source`: what the source holds. `late`: of that the client has in no file that counts. `deleted`: in one, and
    not in the source. `duplicated`: in two of them. `unknown`: why nobody can tell.
    """

    night: DeliveredNight
    source: IdDigest
    differs: bool
    late: int | None = 0
    deleted: int | None = 0
    duplicated: int | None = 0
    unknown: str | None = None


def compare_interval(
    cursor: Cursor[Any], delivery: Delivery, night: DeliveredNight, kept_ids: KeptIds
) -> Comparison:
    """Compare a night with the source: digests first, ids only where those differ.

    Args:
        cursor: an open snapshot of the source.
        delivery: the night's, whose statement reads the source.
        night: what the client has of it.
        kept_ids: yields the ids of a delivered file, or raises StagedGoneError.

    Raises:
        PermanentError: the statement cannot be run.
        psycopg.Error: the database breaks off.
    """
    query = query_settled(cursor, delivery)
    source, expected = read_id_digest(cursor, query), night.id_digest
    if night.unsettled:
        said = (
            f"{night.unsettled.file_name} is sent again, and that is not over, so that two versions are possible"
        )
        return Comparison(night, source, source != expected, None, None, None, said)
    if not night.is_filtered_as(delivery.destination):
        return Comparison(night, source, False, None, None, None, OTHER_FILTER)
    if source == expected:
        return Comparison(night, source, differs=False)
    if expected is None and source.rows == night.rows:
        said = "an older release delivered it, so that only the number of events is known"
        return Comparison(night, source, False, unknown=said)
    try:
        with open_id_sets() as sets:
            fill_sets(sets, cursor, query, delivery, night, kept_ids)
            late, deleted, duplicated = map(
                _count, (sets.list_late(), sets.list_deleted(), sets.list_duplicated())
            )
    except StagedGoneError as gone:
        return Comparison(night, source, True, None, None, None, str(gone))
    return Comparison(night, source, bool(late or deleted or duplicated), late, deleted, duplicated)


def fill_sets(
    sets: IdSets,
    cursor: Cursor[Any],
    query: EventsQuery,
    delivery: Delivery,
    night: DeliveredNight,
    kept_ids: KeptIds,
) -> None:
    """Fill sets with the ids that the source and the delivered files that count hold.

    Raises:
        StagedGoneError: such a file is not kept here.
    """
    for file in night.counted:
        sets.add_file(kept_ids(delivery, file))
    sets.add_source(read_ids(cursor, query))
    sets.index()


def _count(ids: Iterator[str]) -> int:
    return sum(1 for _ in ids)
