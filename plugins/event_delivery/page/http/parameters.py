"""Which dates, instants and names may be asked for? At the ends of the calendar no time zone can be worked out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,250}\z")]  # of a destination, a DAG, an event type
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
Instant = Annotated[
    AwareDatetime, Field(ge=datetime(1999, 12, 31, tzinfo=UTC), le=datetime(2200, 1, 2, tzinfo=UTC))
]
