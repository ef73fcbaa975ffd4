"""Which files will soon take longer than an upload may?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from event_delivery.destinations import Destination

if TYPE_CHECKING:
    from psycopg import Connection


@dataclass(frozen=True)
class Forecast:
    """A destination whose file outgrows the limit of an upload, and when, in one sentence."""

    destination: str
    told: str


def read_forecasts(
    _connection: Connection[Any], _destinations: Sequence[Destination], _now: datetime
) -> list[Forecast]:
    """Return the destinations whose files outgrow the limit; nothing forecasts them yet.

    The one place where a forecast is given to the watch.
    """
    return []
