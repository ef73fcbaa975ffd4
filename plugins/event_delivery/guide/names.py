"""What are a client's files called, and what does each part of a name say?"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from event_delivery.delivery import Delivery, delivery_of_test_file, supplement_of
from event_delivery.destinations import Destination
from event_delivery.destinations.file_name import fill_name, list_placeholders, name_part, split_ending, split_part
from event_delivery.guide.section import Section


def tell_names(night: Delivery, now: datetime) -> list[Section]:
    """Return the names of an event type's files, by the example of a night, and their parts."""
    what = "the first part of" if night.destination.split else "the file of"
    rows = [(f"{what} a day", name_example(night))]
    if night.destination.late_events == "supplement":
        rows.append(("its first supplement", name_example(supplement_of(night, 1))))
    rows.append(("a test file", name_example(delivery_of_test_file(night.destination, night.event, now))))
    told = [
        f"{night.event}, for example of {night.day:%Y-%m-%d}. One day has one name: when it is sent again, the "
        "file takes the older one's place.",
        _tell_day(night),
        *_tell_split(night.destination),
    ]
    parts = Section(f"Parts of a name: {night.event}", [], ("in the example", "is"), [*_list_parts(night)])
    return [Section(f"Names: {night.event}", told, ("what", "name"), rows), parts]


def name_example(delivery: Delivery) -> str:
    """Return what a file of a delivery is called; of a split one its first part."""
    if delivery.destination.split is None:
        return delivery.file_name
    return name_part(delivery.file_name, split_part(delivery.destination.file_name)[1], 1)


def _tell_split(destination: Destination) -> Iterator[str]:
    split = destination.split
    if split is None:
        return
    most = f"{split.rows:,} events" if split.rows else f"{split.bytes:,} bytes"
    before = (
        " before it is packed"
        if split.bytes and (destination.compression != "none" or destination.encryption)
        else ""
    )
    yield (
        f"A day comes in parts of at most {most} each{before}, numbered from 0001 in the order of its events, at "
        "least one. Each part is a whole file of its own, written and packed as this page says. How many there "
        "are, and which, the day's manifest says: see below."
    )


def _tell_day(night: Delivery) -> str:
    parts = list_placeholders(night.destination.file_name)
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
        "part": "0001",
    }
    told["part"] = "the number of the part"
    for _, part, spec, _ in string.Formatter().parse(destination.file_name):
        if part:
            yield fill_name(f"{{{part}:{spec}}}" if spec else f"{{{part}}}", values), told[part]
    tail = split_part(destination.file_name)[1]
    if destination.split and "part" not in list_placeholders(destination.file_name):
        yield f"{tail}0001", told["part"]
    yield split_ending(night.file_name)[1], "how it is written and packed"
