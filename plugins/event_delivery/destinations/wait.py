"""How long is a wait such as `30m` or `2h`?"""

from __future__ import annotations

import re
from datetime import timedelta

from event_delivery.limits import LONGEST_SOURCE_WAIT

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}
_HOURS = LONGEST_SOURCE_WAIT // _UNITS["h"]


def check_wait(value: object) -> str:
    """Return a wait as it is written; ValueError says what is wanted."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,3}[mh]", value):
        raise ValueError(f"wanted minutes or hours, such as 30m or 2h, at most {_HOURS}h")
    if length_of_wait(value) > LONGEST_SOURCE_WAIT:
        raise ValueError(f"wanted at most {_HOURS}h: the night's upload may take hours, too")
    return value


def length_of_wait(wait: str) -> timedelta:
    """Return how long a wait is."""
    return int(wait[:-1]) * _UNITS[wait[-1]]
