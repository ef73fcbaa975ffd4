"""Which events does a further file of a night hold: those that no other file of that night has brought?"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from event_delivery.completeness.beside import Beside, find_beside, name_supplement, refuse_supplement
from event_delivery.completeness.comparison import KeptIds, fill_sets
from event_delivery.completeness.forgotten import is_brought_as_kept
from event_delivery.completeness.id_sets import open_id_sets
from event_delivery.completeness.kept_ids import read_kept_ids
from event_delivery.completeness.numbering import name_next
from event_delivery.delivery import Delivery, night_of
from event_delivery.errors import PermanentError
from event_delivery.extract import extract_events
from event_delivery.limits import SUPPLEMENT_EVENTS
from event_delivery.staging import Manifest, StagedGoneError, read_manifest, write_manifest

if TYPE_CHECKING:
    from psycopg import Cursor

    from event_delivery.extract.query import EventsQuery


def extract_supplement(delivery: Delivery, kept_ids: KeptIds = read_kept_ids) -> Manifest:
    """Stage the late events of a night: what the source holds of it, and no other file of it that counts.

    Raises:
        RefusedError: the night was not delivered, the supplement before it neither, one of them is sent again and
            that is not over, a later one came or the whole day did, or nothing is late any more.
        PermanentError: what was delivered is not kept here, or more events are late than a supplement may hold;
            and as `extract_events`.
        RetryableError: as `extract_events`; the ledger cannot be reached.
    """
    beside = find_beside(delivery)

    def choose(cursor: Cursor[Any], query: EventsQuery) -> Sequence[str]:
        with open_id_sets() as sets:
            try:
                fill_sets(sets, cursor, query, night_of(delivery), beside.night, kept_ids)
            except StagedGoneError as gone:
                raise PermanentError(_explain_gone(delivery, gone)) from None
            late = list(itertools.islice(sets.list_late(), SUPPLEMENT_EVENTS + 1))
        if beside.again:
            _require_same(delivery, late, beside, kept_ids)
        return _check(delivery, late, beside)

    staged = extract_events(delivery, accept_unready=True, choose=choose)
    return write_manifest(delivery, delivery.staged_name, replace(staged, beside=beside.names))


def check_beside(delivery: Delivery) -> None:
    """Check that a supplement was made beside the files that the client has now.

    Raises:
        StagedGoneError: one of them was sent since, perhaps with the same events: it is to be made again.
        RefusedError: as `extract_supplement`.
    """
    if read_manifest(delivery, delivery.file_name).beside != find_beside(delivery).names:
        raise StagedGoneError(f"{name_supplement(delivery)}: its day was delivered again since it was made.")


def _require_same(delivery: Delivery, late: list[str], beside: Beside, kept_ids: KeptIds) -> None:
    """Refuse to send a supplement again behind later ones, but with the very events that it had."""
    try:
        is_same = beside.again is not None and set(late) == set(kept_ids(delivery, beside.again))
    except StagedGoneError:
        is_same = False
    if not is_same:
        raise refuse_supplement(
            delivery, f"later ones came, and it would not hold what it held. {name_next(beside.numbers)}"
        )


def _check(delivery: Delivery, late: list[str], beside: Beside) -> list[str]:
    if not late and not is_brought_as_kept(delivery, beside.names):
        raise refuse_supplement(delivery, "the client has every event of that day.")
    if len(late) > SUPPLEMENT_EVENTS:
        raise PermanentError(
            f"{name_supplement(delivery)}: more than {SUPPLEMENT_EVENTS:,} events are late, the most that a "
            "supplement may hold. Deliver the whole day again. Nothing was sent."
        )
    return late


def _explain_gone(delivery: Delivery, gone: StagedGoneError) -> str:
    return (
        f"{name_supplement(delivery)}: what the client has of that day is not known here any more, so neither is "
        f"what it lacks: {gone} Deliver the whole day again, or set keep_days higher for the next time. Nothing "
        "was sent."
    )
