"""Which events does a further file of a night hold: those that no other file of that night has brought?"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from event_delivery.completeness.comparison import KeptIds, fill_sets
from event_delivery.completeness.delivered import DeliveredNight, list_nights
from event_delivery.completeness.id_sets import open_id_sets
from event_delivery.completeness.kept_ids import read_kept_ids
from event_delivery.delivery import Delivery, night_of
from event_delivery.errors import PermanentError, RefusedError
from event_delivery.extract import extract_events
from event_delivery.ledger import open_ledger_reading
from event_delivery.limits import SUPPLEMENT_EVENTS
from event_delivery.schedule import date_of
from event_delivery.staging import Manifest, StagedGoneError, read_manifest, write_manifest

if TYPE_CHECKING:
    from psycopg import Cursor

    from event_delivery.extract.query import EventsQuery


def extract_supplement(delivery: Delivery, kept_ids: KeptIds = read_kept_ids) -> Manifest:
    """Stage the late events of a night: what the source holds of it, and no other file of it that counts.

    Raises:
        RefusedError: the night was not delivered, the supplement before it neither, one of them is sent again and
            that is not over, or nothing is late any more.
        PermanentError: what was delivered is not kept here, or more events are late than a supplement may hold;
            and as `extract_events`.
        RetryableError: as `extract_events`; the ledger cannot be reached.
    """
    night = _find_night(delivery)

    def choose(cursor: Cursor[Any], query: EventsQuery) -> Sequence[str]:
        with open_id_sets() as sets:
            try:
                fill_sets(sets, cursor, query, night_of(delivery), night, kept_ids)
            except StagedGoneError as gone:
                raise PermanentError(_explain_gone(delivery, gone)) from None
            late = list(itertools.islice(sets.list_late(), SUPPLEMENT_EVENTS + 1))
        return _check(delivery, late)

    staged = extract_events(delivery, accept_unready=True, choose=choose)
    return write_manifest(delivery, delivery.staged_name, replace(staged, beside=_name_files(night)))


def check_beside(delivery: Delivery) -> None:
    """Check that a supplement was made beside the files that the client has now.

    Raises:
        StagedGoneError: one of them was sent since, perhaps with the same events: it is to be made again.
        RefusedError: as `extract_supplement`.
    """
    if read_manifest(delivery, delivery.file_name).beside != _name_files(_find_night(delivery)):
        raise StagedGoneError(f"{_name(delivery)}: its day was delivered again since it was made.")


def _name_files(night: DeliveredNight) -> str:
    return " ".join(str(file.sha256) for file in night.counted)


def _find_night(delivery: Delivery) -> DeliveredNight:
    """Return the night with all its other supplements."""
    start, end = delivery.interval
    with open_ledger_reading() as ledger:
        nights = list_nights(ledger.read_received(delivery.destination.id, start, end))
    key = (delivery.event, delivery.interval)
    night = next((each for each in nights if (each.event, each.interval) == key), None)
    wanted = [f"supplement-{number}" for number in range(1, delivery.supplement)]
    found = {file.kind: file for file in night.supplements} if night else {}
    if night is None or any(kind not in found for kind in wanted):
        missing = "the night itself" if night is None else next(kind for kind in wanted if kind not in found)
        raise RefusedError(
            f"{_name(delivery)}: {missing} was not delivered. Deliver that first. Nothing was sent."
        )
    if not night.is_of(delivery.destination.company_id):
        raise RefusedError(
            f"{_name(delivery)}: the night holds events of another company_id than the YAML names now. "
            "Deliver the whole day again, if the client may have it. Nothing was sent."
        )
    others = tuple(file for file in night.supplements if file.kind != delivery.kind)
    beside = DeliveredNight(night.event, night.interval, night.night, others)
    if unsettled := beside.unsettled:
        raise RefusedError(
            f"{_name(delivery)}: {unsettled.file_name} is delivered again, and that is not over. "
            "Have it end first. Nothing was sent."
        )
    return beside


def _check(delivery: Delivery, late: list[str]) -> list[str]:
    if not late:
        raise RefusedError(f"{_name(delivery)}: the client has every event of that day. Nothing was sent.")
    if len(late) > SUPPLEMENT_EVENTS:
        raise PermanentError(
            f"{_name(delivery)}: more than {SUPPLEMENT_EVENTS:,} events are late, the most that a supplement may "
            "hold. Deliver the whole day again. Nothing was sent."
        )
    return late


def _explain_gone(delivery: Delivery, gone: StagedGoneError) -> str:
    return (
        f"{_name(delivery)}: what the client has of that day is not known here any more, so neither is what it "
        f"lacks: {gone} Deliver the whole day again, or set keep_days higher for the next time. Nothing was sent."
    )


def _name(delivery: Delivery) -> str:
    day = date_of(delivery.interval, delivery.destination.timezone)
    return f"{delivery.destination.id}, {delivery.event}, {day}, {delivery.kind}"
