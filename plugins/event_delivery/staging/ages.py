"""How long does what is staged stay, and how long what was delivered?"""

from __future__ import annotations

import math
import os

from event_delivery.destinations import QuarantinedDestination, find_destination
from event_delivery.errors import PermanentError
from event_delivery.limits import KEEP_DAYS, STAGING_DAYS

DAYS = "EVENT_DELIVERY_STAGING_DAYS"


def read_staging_days() -> float:
    """Return for how many days staged files are kept after they were last touched.

    Raises:
        PermanentError: `EVENT_DELIVERY_STAGING_DAYS` is no positive number.
    """
    text = os.environ.get(DAYS) or str(STAGING_DAYS)
    try:
        days = float(text)
    except ValueError:
        days = math.nan
    if not (math.isfinite(days) and days > 0):
        raise PermanentError(f"{DAYS}: found {text[:40]!r}, wanted a number of days above 0. Nothing was deleted.")
    return days


def read_keep_days(destination_id: str) -> float:
    """Return for how many days a destination's delivered files are kept.

    A file with a mistake takes nothing away that a right one keeps; where there is none, the built-in days count.
    """
    found = find_destination(destination_id)
    if isinstance(found, QuarantinedDestination):
        return math.inf
    return found.keep_days if found else KEEP_DAYS
