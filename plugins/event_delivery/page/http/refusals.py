"""What is refused, because it could only fail or a person has to decide first?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from fastapi import HTTPException

from event_delivery.destinations import AnyDestination, Destination
from event_delivery.page.answers.cells import Judged
from event_delivery.page.answers.days import check_range, list_days
from event_delivery.page.answers.unconfirmed import has_unconfirmed_night, has_unconfirmed_test_file
from event_delivery.page.sources.metadata import open_metadata
from event_delivery.page.sources.setup import read_setup
from event_delivery.schedule import Interval, LocalDay, interval_of, refuse_interval

_DAYS_NAMED = 7


def refuse_unready(destination: AnyDestination) -> None:
    """Raise HTTPException 409 for a destination that is quarantined or disabled."""
    if not require_valid(destination).enabled:
        raise HTTPException(409, f"{destination.id} is disabled: its file says `enabled: false`.")


def require_valid(destination: AnyDestination) -> Destination:
    """Return a destination whose file is right; raises HTTPException 409 for one that is quarantined."""
    setup = read_setup(destination)
    if setup.destination is None:
        raise HTTPException(409, f"{destination.id} is quarantined, mend its file first: {setup.problem}")
    return setup.destination


def refuse_event(destination: AnyDestination, event: str | None) -> None:
    """Raise HTTPException 409 for an event type that a destination does not deliver."""
    if event is not None and event not in read_setup(destination).events:
        raise HTTPException(409, f"{event} is none of the event types of {destination.id}.")


def refuse_undeliverable(destination: AnyDestination, interval: Interval) -> None:
    """Raise HTTPException 422 for an interval that is not over, or lies before `start_date`."""
    if refusal := _refuse(destination, interval):
        raise HTTPException(422, f"{destination.id}: {refusal}")


def refuse_days(destination: AnyDestination, first: date, last: date) -> None:
    """Raise HTTPException 422 for a range that is none, or holds days that cannot be delivered, naming them."""
    try:
        check_range(first, last)
    except ValueError as error:
        raise HTTPException(422, str(error)) from None
    days = [LocalDay(day, destination.schedule.timezone) for day in list_days(first, last)]
    refusals = {day.date: _refuse(destination, interval_of(day)) for day in days if day.start < day.end}
    refused = {day: refusal for day, refusal in refusals.items() if refusal}
    if refused:
        said = " ".join(refused[day] for day in dict.fromkeys([min(refused), max(refused)]))
        raise HTTPException(422, f"{destination.id}: nothing was started for {_name_days(list(refused))}. {said}")


def refuse_undecided(named: Sequence[Judged], interval: Interval, day: date) -> None:
    """Raise HTTPException 409 for a delivery of which a person has to say first what became of it."""
    if has_unconfirmed_night(named, interval):
        raise HTTPException(
            409,
            f"Nobody can tell whether {name_delivery(day)} arrived. Decide first: "
            "a robot takes files there, or the file is sent again.",
        )


def refuse_decided(named: Sequence[Judged], interval: Interval, day: date) -> None:
    """Raise HTTPException 409 where there is nothing to decide."""
    if not has_unconfirmed_night(named, interval):
        raise HTTPException(409, f"There is nothing to decide: {name_delivery(day)} is not unconfirmed.")


def refuse_decided_test_file(destination: AnyDestination) -> None:
    """Do the same for the latest test file."""
    with open_metadata() as session:
        if not has_unconfirmed_test_file(session, destination, datetime.now(UTC)):
            raise HTTPException(409, f"There is nothing to decide: {name_delivery(None)} is not unconfirmed.")


def refuse_foreign(destination: AnyDestination, interval: Interval, day: date) -> None:
    """Raise HTTPException 409 for what no new run of a day would carry: another zone's day, or a part of one."""
    if interval == interval_of(LocalDay(day, destination.schedule.timezone)):
        return
    raise HTTPException(
        409,
        f"A new run of {day} would not carry {interval}, but that whole day of {destination.schedule.timezone}. "
        "Set `timezone` back for the time of this action, or, if the client may get some events twice, trigger a "
        "run with allow_overlap.",
    )


def name_delivery(day: date | None) -> str:
    """Return how a sentence names the file of a day, or the latest test file."""
    return f"the file of {day}" if day else "the latest test file"


def _refuse(destination: AnyDestination, interval: Interval) -> str | None:
    right = read_setup(destination).destination
    start_date = right.start_date if right else None
    return refuse_interval(interval, destination.schedule.timezone, start_date, datetime.now(UTC))


def _name_days(days: Sequence[date]) -> str:
    if len(days) <= _DAYS_NAMED:
        return ", ".join(map(str, days))
    return f"{len(days)} days from {days[0]} to {days[-1]}"
