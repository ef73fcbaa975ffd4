"""How does a day's file begin, as text for a person, without a byte of it being kept?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.extract.copying import read_copied
from event_delivery.extract.first_events import count_up_to, limit_time, mask_values, take_first
from event_delivery.extract.query import EventsQuery
from event_delivery.extract.readiness import ask_source
from event_delivery.extract.sample_file import read_sample
from event_delivery.extract.sample_query import query_sample
from event_delivery.extract.settled import query_settled
from event_delivery.extract.snapshot import open_snapshot
from event_delivery.formats.text import read_text, write_text
from event_delivery.limits import PREVIEW_BYTES, PREVIEW_EVENTS, PREVIEW_STATEMENT

if TYPE_CHECKING:
    from psycopg import Cursor

_TEXTS = ("csv", "json", "ndjson")


@dataclass(frozen=True)
class Bounds:
    """At most so many events, bytes of the file, and seconds a statement."""

    events: int = PREVIEW_EVENTS
    bytes: int = PREVIEW_BYTES
    seconds: float = PREVIEW_STATEMENT


@dataclass(frozen=True)
class FirstEvents:
    """The file that a delivery would be, had it only these events, before it is packed.

    `more`: the delivery has more events. `cut`: the text lacks its end. `masked`: columns without their values.
    `unready`: why the source is not complete for the interval, else empty.
    """

    text: str
    events: int
    more: bool = False
    cut: bool = False
    masked: tuple[str, ...] = ()
    unready: str = ""


def read_first_events(delivery: Delivery, masked: bool, bounds: Bounds | None = None) -> FirstEvents:
    """Return how a delivery's file begins; of a test file, which holds nobody's data, nothing is masked.

    Raises:
        PermanentError: as `query_settled`; a value cannot be written so; or the file is no text.
        RetryableError: the source cannot be reached, or takes too long.
    """
    import psycopg

    bounds = bounds or Bounds()
    if delivery.destination.format not in _TEXTS:
        raise PermanentError(
            f"{delivery.destination.id}: a file of format: {delivery.destination.format} is no text to be shown: "
            f"python -m event_delivery.preview {delivery.destination.id} --output FILE writes all of it."
        )
    with open_snapshot() as cursor:
        limit_time(cursor, bounds.seconds)
        try:
            query = query_settled(cursor, delivery)
            return _read_sample(cursor, query) if delivery.kind == "test" else _read(cursor, query, masked, bounds)
        except psycopg.errors.QueryCanceled:
            raise RetryableError(
                f"The source did not show these events within {bounds.seconds:.0f} s: "
                "python -m event_delivery.preview waits for as long as it takes."
            ) from None


def _read(cursor: Cursor[Any], query: EventsQuery, masked: bool, bounds: Bounds) -> FirstEvents:
    unready = ask_source(cursor, query.delivery) or ""
    there = count_up_to(cursor, query, bounds.events + 1)
    query, hidden = take_first(query, bounds.events), list[str]()
    if masked:
        query, hidden = mask_values(query)
    text, cut = _write(cursor, query, bounds.bytes)
    events, more = min(there, bounds.events), there > bounds.events
    return FirstEvents(text, events, more, cut, tuple(hidden), unready)


def _read_sample(cursor: Cursor[Any], query: EventsQuery) -> FirstEvents:
    sample = query_sample(cursor, query, read_sample(query.delivery.event_type.sample))
    text, cut = _write(cursor, sample, PREVIEW_BYTES)
    return FirstEvents(text, 1, cut=cut)


def _write(cursor: Cursor[Any], query: EventsQuery, most: int) -> tuple[str, bool]:
    """Return the file as text, and whether its end is cut off: at most a block beyond `most` bytes is read."""
    delivery, content = query.delivery, bytearray()
    is_csv = delivery.destination.format == "csv"
    with read_copied(cursor, query) as blocks:
        for block in write_text(delivery, query.titles, blocks) if is_csv else blocks:
            content += block
            if len(content) > most:
                break
    encoding = delivery.destination.csv.encoding if is_csv else "utf-8"
    return read_text(encoding, bytes(content[:most])), len(content) > most
