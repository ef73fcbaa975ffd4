"""What time is it in a history? Everything that asks Airflow or this package is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

import pytest

START = datetime(2026, 3, 5, 12, 0, 17, tzinfo=UTC)  # three days before New York changes its clocks


class Clock:
    """The instant of a history, which only moves forward."""

    def __init__(self) -> None:
        self.now = START

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@contextmanager
def telling(clock: Clock) -> Iterator[None]:
    """Replace what tells the time.

    Of Airflow `timezone.utcnow` (the scheduler's, the runs' and the tasks' clock); of this package the `datetime`
    of the timetable, of the check of a run and of our command. The databases keep their own clocks, which decide
    nothing here.
    """
    from airflow._shared.timezones import timezone

    from event_delivery.completeness import __main__ as completeness
    from event_delivery.orchestration import run_delivery, timetable

    class Told(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return clock.now.astimezone(tz)  # type: ignore[return-value]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "utcnow", lambda: clock.now)
        for module in (run_delivery, timetable, completeness):
            patch.setattr(module, "datetime", Told)
        yield
