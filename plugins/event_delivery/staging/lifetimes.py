"""For how many days may the files of a destination lie there?"""

from __future__ import annotations

import logging
import math
import os

from event_delivery.destinations import read_keep_days
from event_delivery.errors import PermanentError
from event_delivery.limits import SCRATCH_DAYS, STAGING_DAYS
from event_delivery.staging.area import staging_url
from event_delivery.staging.keep_limit import limit_keep_days
from event_delivery.staging.outlived import Lifetimes

DAYS = "EVENT_DELIVERY_STAGING_DAYS"
_log = logging.getLogger(__name__)


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


def read_area_days() -> float:
    """Return for how many days files lie untouched in this machine's folder; raises as `read_staging_days`.

    Where an object store has them, the folder holds copies alone, which need not outlive a night.
    """
    days = read_staging_days()
    return min(days, SCRATCH_DAYS) if staging_url() else days


def read_lifetimes(destination: str, staged: float) -> Lifetimes:
    """Return for how long the files of a destination stay, of which staged ones have so many days."""
    days = limit_keep_days(read_keep_days(destination))
    if days is None:
        _log.warning(
            "Delivered files of %s stay: for how many days cannot be read from its YAML file.", destination
        )
    return Lifetimes(staged, days)
