"""When does a client's file come, and what do its clock changes do to it?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from event_delivery.destinations import EVENT_TYPES, Destination
from event_delivery.guide.section import Section
from event_delivery.schedule import LocalDay, last_day_before

_YEAR = 366
_DAY_HOURS = 24


def tell_time(destination: Destination, now: datetime) -> Section:
    """Return when a file comes, with the clock changes of the year from `now` on."""
    return Section("When a file comes", [*_tell_nights(destination), *_tell_changes(destination, now)])


def _tell_nights(destination: Destination) -> Iterator[str]:
    at, zone = f"{destination.deliver_at:%H:%M}", destination.timezone
    yield (
        f"Every day at {at} in {zone} the file of the day before is made and sent: on Friday the file of "
        f"Thursday, with every event from Thursday 00:00 up to, but not including, Friday 00:00 in {zone}. It "
        "is there seconds to minutes later."
    )
    if after := destination.schedule.starts_after:
        yield f"Your own start is {after} (hours, minutes, seconds) after {at}, the same every night."
    if _waits_for_source(destination):
        yield f"When our own data is not complete by then, the file waits {destination.wait_for_source} at most."
    yield "A day that could not be sent does not hold up the next one: a later day may arrive first."


def _waits_for_source(destination: Destination) -> bool:
    asked = any(EVENT_TYPES[event].readiness.exists() for event in destination.events)
    return asked and bool(destination.source_wait)


def _tell_changes(destination: Destination, now: datetime) -> Iterator[str]:
    zone = destination.timezone
    day, days = last_day_before(now, zone), list[LocalDay]()
    while len(days) < _YEAR:
        day = day.next
        days.append(day)
    changes = [f"{each.date} has {hours:g} hours" for each in days if (hours := _count_hours(each)) != _DAY_HOURS]
    if changes:
        yield f"Where clocks change, a day is shorter or longer, its file holds all of it: {', '.join(changes)}."
    for each in days:
        yield from _tell_due(destination, each)


def _count_hours(day: LocalDay) -> float:
    return (day.end - day.start) / timedelta(hours=1)


def _tell_due(destination: Destination, day: LocalDay) -> Iterator[str]:
    """Yield what a clock change does to the time of delivery on the day after a day."""
    at, zone = destination.deliver_at, ZoneInfo(destination.timezone)
    due = day.due(at).astimezone(zone)
    if due.time() != at:
        yield f"On {due.date()} there is no {at:%H:%M}: the file comes at {due:%H:%M}."
    elif due.utcoffset() != due.replace(fold=1).utcoffset():
        yield f"On {due.date()} it is {at:%H:%M} twice: the file comes at the first."
