"""Which dates and instants may be asked for? At the ends of the calendar no time zone can be worked out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
Instant = Annotated[
    AwareDatetime, Field(ge=datetime(1999, 12, 31, tzinfo=UTC), le=datetime(2200, 1, 2, tzinfo=UTC))
]
