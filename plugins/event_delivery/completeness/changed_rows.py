"""How many delivered events stand otherwise in the source now?

Same rows make the same bytes. So the day is written once more from the source, into a hash and no file: where that
is the delivered file's, or that of the events that were packed into it, nothing was changed. Else the rows are
compared with those of the kept files.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from event_delivery.completeness.delivered import DeliveredNight
from event_delivery.completeness.kept_ids import read_kept_rows
from event_delivery.completeness.row_sets import open_row_sets
from event_delivery.delivery import Delivery
from event_delivery.extract.copying import read_copied
from event_delivery.extract.ids import split_lines
from event_delivery.extract.query import EventsQuery
from event_delivery.extract.settled import query_settled
from event_delivery.formats.reading import read_rows
from event_delivery.staging import StagedGoneError

if TYPE_CHECKING:
    from psycopg import Cursor

_UNSETTLED = "a file of the day is sent again, and that is not over"
_OTHER_COMPANY = "it was delivered for another company_id"
_OTHER_FORMATS = "its files are of several formats"
_NOBODY_NOTED = "an older release delivered it, which did not note by which statement"
_SHAPED = "its file is written as the client wants it, and its rows are not compared one by one"
_OTHER_RECIPE = "the statement or its columns were edited since"


@dataclass(frozen=True)
class Changed:
    """Number of delivered events that stand otherwise in the source; None: nobody can tell, and `why`."""

    count: int | None
    why: str | None = None


def count_changed(cursor: Cursor[Any], delivery: Delivery, night: DeliveredNight) -> Changed:
    """Count the events of a night that were changed at the source since their delivery; late ones are none.

    Reads the day from the source once, and once more where it is not byte for byte what was delivered.

    Args:
        cursor: an open snapshot of the source.
        delivery: the night's, whose statement reads the source.
        night: what the client has of it.

    Raises:
        PermanentError: the statement cannot be run, or an event cannot be written.
        psycopg.Error: the database breaks off.
    """
    shapes = {(file.format, file.shape) for file in night.counted}
    if refusal := _refuse(delivery, night, {format for format, _ in shapes}):
        return Changed(None, refusal)
    if len(shapes) > 1:
        return Changed(None, _OTHER_FORMATS)
    [(format, shape)] = shapes
    query = query_settled(cursor, replace(delivery, destination=delivery.destination.made_as(str(format), shape)))
    if len(night.counted) == 1 and _hash_day(cursor, query) == (night.night.plain_sha256 or night.night.sha256):
        return Changed(0)
    if doubt := _doubt_recipe(night, query):
        return Changed(None, doubt)
    if not query.delivery.destination.has_plain_rows:
        return Changed(None, _SHAPED)
    try:
        return Changed(_compare_rows(cursor, query, delivery, night))
    except StagedGoneError as gone:
        return Changed(None, str(gone).removesuffix("."))


def _refuse(delivery: Delivery, night: DeliveredNight, formats: set[str | None]) -> str | None:
    if night.unsettled:
        return _UNSETTLED
    if not night.is_of(delivery.destination.company_id):
        return _OTHER_COMPANY
    if None in formats:
        return _NOBODY_NOTED
    return _OTHER_FORMATS if len(formats) > 1 else None


def _doubt_recipe(night: DeliveredNight, query: EventsQuery) -> str | None:
    recipes = {file.recipe for file in night.counted}
    if recipes == {query.recipe}:
        return None
    return _NOBODY_NOTED if None in recipes else _OTHER_RECIPE


def _hash_day(cursor: Cursor[Any], query: EventsQuery) -> str:
    """Return the sha256 of the events that the day would be now, before they are packed."""
    digest = hashlib.sha256()
    with read_copied(cursor, query) as blocks:
        for block in blocks:
            digest.update(block)
    return digest.hexdigest()


def _compare_rows(cursor: Cursor[Any], query: EventsQuery, delivery: Delivery, night: DeliveredNight) -> int:
    with open_row_sets() as sets:
        for file in night.counted:
            sets.add_file(read_kept_rows(delivery, file))
        with read_copied(cursor, query) as blocks:
            sets.add_source(read_rows(split_lines(blocks), query.delivery.destination.format))
        return sets.count_changed()
