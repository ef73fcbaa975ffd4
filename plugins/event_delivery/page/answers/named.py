"""Which deliveries are called by a date, and which of them is meant?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from event_delivery.destinations import AnyDestination
from event_delivery.page.answers.cells import Judged, judge_nights
from event_delivery.page.answers.days import Calendar
from event_delivery.page.answers.states import RANK
from event_delivery.page.sources.knowledge import gather_knowledge
from event_delivery.schedule import Interval, LocalDay, interval_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def read_named(session: Session, destination: AnyDestination, day: date, now: datetime) -> list[Judged]:
    """Return the nightly deliveries of all event types that are called by a date, each with its state."""
    known = gather_knowledge(session, [destination], day, day, now)
    return judge_nights(destination, known, Calendar(day, day), now)


def choose_named(named: Sequence[Judged], asked: Interval | None) -> Judged | None:
    """Return the delivery of an interval, or the worst where none is given; None where there is none."""
    of_interval = [each for each in named if asked in (None, each[0].interval)]
    return min(of_interval, key=_rank, default=None)


def choose_interval(
    named: Sequence[Judged], destination: AnyDestination, day: date, asked: Interval | None
) -> Interval:
    """Return the interval that an action is about: the one that it asks for, else today's local day of its date.

    Where only deliveries of other zones are called by the date, the worst of them.

    Raises:
        ValueError: nothing that the page knows of this day has the interval that was asked for.
    """
    if asked and not choose_named(named, asked):
        raise ValueError(f"Nothing is known about a delivery of {asked} that is called {day}.")
    local = interval_of(LocalDay(day, destination.schedule.timezone))
    made = [each for each in named if each[0].was_begun]
    if asked or not made or any(night.interval == local for night, _ in made):
        return asked or local
    return min(made, key=_rank)[0].interval


def _rank(judged: Judged) -> int:
    return RANK[judged[1]["state"]]
