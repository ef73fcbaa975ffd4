"""How long is a wait such as `30m` or `2h`?"""

from __future__ import annotations

import re
from datetime import timedelta

from event_delivery.limits import LONGEST_SOURCE_WAIT, LONGEST_VERIFY_AFTER

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1)}
_HOURS = LONGEST_SOURCE_WAIT // _UNITS["h"]


def check_wait(value: object) -> str:
    """Return a wait as it is written; ValueError says what is wanted."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,3}[mh]", value):
        raise ValueError(f"wanted minutes or hours, such as 30m or 2h, at most {_HOURS}h")
    if length_of_wait(value) > LONGEST_SOURCE_WAIT:
        raise ValueError(f"wanted at most {_HOURS}h: the night's upload may take hours, too")
    return value


def check_age(value: object) -> str:
    """Return the age from which a file is looked at again, as it is written; ValueError says what is wanted."""
    longest = LONGEST_VERIFY_AFTER // _UNITS["h"]
    is_age = isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}[mh]", value)
    if not is_age or length_of_wait(str(value)) > LONGEST_VERIFY_AFTER:
        raise ValueError(f"wanted minutes or hours, such as 24h, at most {longest}h; 0h: not at all")
    return str(value)


def length_of_wait(wait: str) -> timedelta:
    """Return how long a wait is."""
    return int(wait[:-1]) * _UNITS[wait[-1]]
