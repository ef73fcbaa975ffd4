"""What is a client to do with a file, with one whose name came before, and with a supplement?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from event_delivery.destinations import Destination
from event_delivery.destinations.chosen_columns import Filter
from event_delivery.guide.columns import GuideColumn
from event_delivery.guide.section import Section


def tell_importing(destination: Destination, columns: Mapping[str, Sequence[GuideColumn]]) -> Section:
    """Return what to do with a file; `columns` by event type."""
    ids = {event: next((each.name for each in found if each.is_id), None) for event, found in columns.items()}
    sentences = [
        *_tell_again(destination),
        *_tell_ids(ids),
        *_tell_late(destination),
        *_tell_empty(destination),
        "A file with test in its name holds one example and no event of yours: keep it out of your data.",
    ]
    return Section("What to do with a file", sentences)


def tell_filters(destination: Destination) -> list[Section]:
    """Return which events a client gets, where that is not all of them."""
    told = {event: destination.filter_of(event) for event in destination.events}
    sentences = [f"{event}: {_tell_filter(only)}." for event, only in told.items() if only]
    if not sentences:
        return []
    return [Section("Which events come", ["As agreed with you, others than these are left out.", *sentences])]


def _tell_filter(only: Filter) -> str:
    wanted = []
    for column, values in only.items():
        listed = ", ".join("no value" if value is None else value for value in values)
        wanted.append(f"{column} is {listed}" if len(values) == 1 else f"{column} is one of {listed}")
    return ", and ".join(wanted)


def _tell_again(destination: Destination) -> Iterator[str]:
    supplements = destination.late_events == "supplement"
    late = ", and the supplements of that day that came before it" if supplements else ""
    if destination.split:
        yield (
            "A manifest whose name you know is that of a newer version of the same day: its parts, which may be "
            f"more or fewer, replace all that you loaded of that day{late}. With the same bytes it is the same "
            "day: nothing is to be done."
        )
        return
    yield (
        "A file whose name you know is a newer version of the same day: it replaces all that you loaded of "
        f"that day{late}. With the same bytes it is the same file: nothing is to be done."
    )
    yield "After a change of format or packing a day that is sent again has a name with another ending."


def _tell_ids(ids: Mapping[str, str | None]) -> Iterator[str]:
    if named := sorted({name for name in ids.values() if name}):
        yield (
            f"Events are told apart by {' or '.join(named)}: add those that you do not know, and overwrite "
            "those you know. Then files may be loaded in any order, and as often as you like. An event that a "
            "newer version of its day no longer has is gone: remove it, if no other file brought it."
        )
    for event in [event for event, name in ids.items() if name is None]:
        yield (
            f"The columns of {event} tell no event apart. So keep of each record from which file it came, and "
            "load whole files: two records that look the same are two events."
        )


def _tell_late(destination: Destination) -> Iterator[str]:
    until = f"up to {destination.late_window_days} days later"
    if destination.late_events == "supplement" and destination.late_window_days:
        yield (
            "An event that reaches us after its day's file was made comes in a supplement: a further file of "
            f"that day, {until}, with such events alone. A second supplement of a day has the next number. A "
            "day without late events has none."
        )
    elif destination.late_events == "redeliver" and destination.late_window_days:
        yield (
            f"When an event reaches us after its day's file was made, {until}, the whole day is sent again, "
            "under its name."
        )
    else:
        yield (
            "An event that reaches us after its day's file was made is not in it. It comes when the day is "
            "sent again; ask us for that by the file's name."
        )


def _tell_empty(destination: Destination) -> Iterator[str]:
    empty = _tell_nothing(destination)
    if destination.empty_day == "fail":
        yield (
            "Your days are never empty, as agreed with you: a day without events is taken for a failure of "
            "ours, and no file of it comes until we have looked at it."
        )
    elif destination.empty_day == "skip":
        yield (
            "A day without events has no file: that none came is no sign that one is late. Only a newer version "
            f"of a day of which you have a file may be without events: {empty}."
        )
    else:
        what = "one part" if destination.split else "a file"
        yield f"A day without events has {what} all the same, so that you know that nothing is late: {empty}."


def _tell_nothing(destination: Destination) -> str:
    packed = ", packed as always" if destination.compression != "none" or destination.encryption else ""
    if destination.format == "json":
        return f"[] and a line feed{packed}"
    if destination.format == "parquet":
        return f"a file with all columns and no row{packed}"
    if destination.format == "csv" and destination.csv.header:
        return f"the line of names alone{packed}"
    return f"a file without a line{packed}"
