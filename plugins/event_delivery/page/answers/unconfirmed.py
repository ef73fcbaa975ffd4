"""Does a delivery wait for a person to say what became of it?"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from event_delivery.destinations import AnyDestination
from event_delivery.page.answers.cells import list_cells
from event_delivery.page.answers.days import Calendar
from event_delivery.page.answers.latest_test_file import describe_test_file
from event_delivery.page.sources.knowledge import gather_knowledge

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def has_unconfirmed_night(session: Session, destination: AnyDestination, day: date, now: datetime) -> bool:
    """Tell whether a day has an unconfirmed delivery, and no run of it is under way."""
    known = gather_knowledge(session, [destination], day, day)
    cells = list_cells(destination, known, Calendar(day, day), now)
    return any(cell["state"] == "unconfirmed" for cell in cells)


def has_unconfirmed_test_file(session: Session, destination: AnyDestination, now: datetime) -> bool:
    """Tell whether the latest test file is unconfirmed, and none is under way."""
    known = gather_knowledge(session, [destination], now.date(), now.date())
    return describe_test_file(destination.id, known)["state"] == "unconfirmed"
