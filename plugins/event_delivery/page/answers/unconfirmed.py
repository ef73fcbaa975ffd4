"""Does a delivery wait for a person to say what became of it?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from event_delivery.destinations import AnyDestination
from event_delivery.page.answers.cells import Judged
from event_delivery.page.answers.latest_test_file import describe_test_file
from event_delivery.page.sources.knowledge import gather_knowledge
from event_delivery.schedule import Interval

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def has_unconfirmed_night(named: Sequence[Judged], interval: Interval) -> bool:
    """Tell whether an interval has an unconfirmed delivery, and no run of it is under way."""
    return any(night.interval == interval and cell["state"] == "unconfirmed" for night, cell in named)


def has_unconfirmed_test_file(session: Session, destination: AnyDestination, now: datetime) -> bool:
    """Tell whether the latest test file is unconfirmed, and none is under way."""
    known = gather_knowledge(session, [destination], now.date(), now.date(), now)
    return describe_test_file(destination.id, known)["state"] == "unconfirmed"
