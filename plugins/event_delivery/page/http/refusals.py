"""What is refused, because it could only fail or a person has to decide first?"""

from __future__ import annotations

from datetime import UTC, date, datetime

from fastapi import HTTPException

from event_delivery.destinations import AnyDestination
from event_delivery.page.answers.unconfirmed import has_unconfirmed_night, has_unconfirmed_test_file
from event_delivery.page.sources.metadata import open_metadata
from event_delivery.page.sources.setup import read_setup


def refuse_unready(destination: AnyDestination) -> None:
    """Raise HTTPException 409 for a destination that is quarantined or disabled."""
    setup = read_setup(destination)
    if setup.problem:
        raise HTTPException(409, f"{destination.id} is quarantined, mend its file first: {setup.problem}")
    if not setup.enabled:
        raise HTTPException(409, f"{destination.id} is disabled: its file says `enabled: false`.")


def refuse_undecided(destination: AnyDestination, day: date) -> None:
    """Raise HTTPException 409 for a day of which a person has to say first what became of it."""
    if _is_unconfirmed(destination, day):
        raise HTTPException(
            409,
            f"Nobody can tell whether {name_delivery(day)} arrived. Decide first: "
            "a robot takes files there, or the file is sent again.",
        )


def refuse_decided(destination: AnyDestination, day: date | None) -> None:
    """Raise HTTPException 409 where there is nothing to decide; without a day for the latest test file."""
    if not _is_unconfirmed(destination, day):
        raise HTTPException(409, f"There is nothing to decide: {name_delivery(day)} is not unconfirmed.")


def name_delivery(day: date | None) -> str:
    """Return how a sentence names the file of a day, or the latest test file."""
    return f"the file of {day}" if day else "the latest test file"


def _is_unconfirmed(destination: AnyDestination, day: date | None) -> bool:
    now = datetime.now(UTC)
    with open_metadata() as session:
        if day is None:
            return has_unconfirmed_test_file(session, destination, now)
        return has_unconfirmed_night(session, destination, day, now)
