"""What are a client's files called, and what does each part of a name say?"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from event_delivery.delivery import Delivery, delivery_of_test_file, supplement_of
from event_delivery.destinations.file_name import fill_name, list_parts, split_ending
from event_delivery.guide.section import Section


def tell_names(night: Delivery, now: datetime) -> list[Section]:
    """Return the names of an event type's files, by the example of a night, and their parts."""
    rows = [("the file of a day", night.file_name)]
    if night.destination.late_events == "supplement":
        rows.append(("its first supplement", supplement_of(night, 1).file_name))
    rows.append(("a test file", delivery_of_test_file(night.destination, night.event, now).file_name))
    told = [
        f"{night.event}, for example of {night.day:%Y-%m-%d}. One day has one name: when it is sent again, the "
        "file takes the older one's place.",
        _tell_day(night),
    ]
    parts = Section(f"Parts of a name: {night.event}", [], ("in the example", "is"), [*_list_parts(night)])
    return [Section(f"Names: {night.event}", told, ("what", "name"), rows), parts]


def _tell_day(night: Delivery) -> str:
    parts = list_parts(night.destination.file_name)
    if "day" in parts:
        return "The date in the name is the day of the events."
    if "due" in parts:
        return (
            f"The instant in the name is when the file was due, in UTC. Read in {night.destination.timezone}, "
            "the day of the events is the one before it."
        )
    return "The name does not tell the day of the events: its last part is all that differs."


def _list_parts(night: Delivery) -> Iterator[Sequence[str]]:
    destination, told = night.destination, {}
    more = ", -supplement-1 and so on in a supplement" if destination.late_events == "supplement" else ""
    told["event"] = f"the kind of event; behind it -test in a test file{more}"
    told["transfer_id"] = "the number of your destination, always the same"
    told["day"] = f"the day of the events in {destination.timezone}"
    told["due"] = (
        f"when it was due, in UTC: {destination.deliver_at:%H:%M} in {destination.timezone} on the next day"
    )
    told["suffix"] = "seven letters and digits that belong to this file for ever"
    values: dict[str, str | datetime] = {
        "event": night.event_type.file_prefix,
        "transfer_id": str(destination.transfer_id),
        "day": night.day,
        "due": night.due.astimezone(UTC),
        "suffix": night.suffix,
    }
    for _, part, spec, _ in string.Formatter().parse(destination.file_name):
        if part:
            yield fill_name(f"{{{part}:{spec}}}" if spec else f"{{{part}}}", values), told[part]
    yield split_ending(night.file_name)[1], "how it is written and packed"
