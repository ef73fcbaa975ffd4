"""How does a destination's file begin, and what is said of that?"""

from __future__ import annotations

from collections.abc import Iterator

from event_delivery.delivery import Delivery
from event_delivery.page.answers.shapes.preview import Preview
from event_delivery.preview.first_events import FirstEvents, read_first_events

_LINE_ENDS = {"lf": "LF", "crlf": "CR LF"}


def read_preview(delivery: Delivery, masked: bool, may_show: bool) -> Preview:
    """Return how a delivery's file would begin now.

    Raises:
        PermanentError, RetryableError: as `read_first_events`.
    """
    found = read_first_events(delivery, masked)
    return {
        "file_name": delivery.file_name,
        "day": str(delivery.day.date()) if delivery.kind != "test" else None,
        "text": found.text,
        "notes": list(_list_notes(delivery, found)),
        "masked": list(found.masked),
        "may_show": may_show,
    }


def _list_notes(delivery: Delivery, found: FirstEvents) -> Iterator[str]:
    destination = delivery.destination
    yield _count(delivery, found)
    if found.cut:
        yield "Its end is cut off: too long to be shown."
    if destination.format == "csv":
        yield f"Written in {destination.csv.encoding}, each line ends with {_LINE_ENDS[destination.csv.line_end]}."
    packing = (destination.compression, "OpenPGP" if destination.encryption else "none")
    if packed := [each for each in packing if each != "none"]:
        yield f"Packed afterwards: {', then '.join(packed)}."
    if found.unready:
        yield found.unready


def _count(delivery: Delivery, found: FirstEvents) -> str:
    if delivery.kind == "test":
        return "The test file: it holds the sample, and nobody's data."
    if found.more:
        return f"The first {found.events} events of more, as the source has them now."
    if found.events:
        return f"{found.events} {'event' if found.events == 1 else 'events'}, as the source has them now."
    kept = {"send": "a file without events is sent", "skip": "nothing is sent", "fail": "the upload fails"}
    return f"No event: of such a day {kept[delivery.destination.empty_day]}."
