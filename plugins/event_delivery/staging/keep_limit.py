"""For how many days may this instance keep delivered files, whatever a destination says?"""

from __future__ import annotations

import os

from event_delivery.errors import PermanentError
from event_delivery.limits import MAX_KEEP_DAYS

KEEP_DAYS_MAX = "EVENT_DELIVERY_KEEP_DAYS_MAX"


def limit_keep_days(days: int | None) -> int | None:
    """Return for how many days files are kept of a destination that says `days`; None: nobody can tell.

    Where the instance has a limit, it holds for what nobody can tell, too.

    Raises:
        PermanentError: `EVENT_DELIVERY_KEEP_DAYS_MAX` is no number that counts.
    """
    limit = read_keep_limit()
    if limit is None:
        return days
    return limit if days is None else min(days, limit)


def keeps_none(days: int) -> bool:
    """Tell whether nothing is kept of a destination that says `days`; a limit that is none takes nothing away."""
    try:
        return limit_keep_days(days) == 0
    except PermanentError:
        return days == 0


def read_keep_limit() -> int | None:
    """Return the most days for which delivered files are kept, or None: each destination says it alone.

    Raises:
        PermanentError: `EVENT_DELIVERY_KEEP_DAYS_MAX` is no number that counts.
    """
    text = os.environ.get(KEEP_DAYS_MAX, "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_KEEP_DAYS)) and int(text) <= MAX_KEEP_DAYS:
        return int(text)
    raise PermanentError(
        f"{KEEP_DAYS_MAX}: found {text[:40]!r}, wanted a whole number of days from 0 to {MAX_KEEP_DAYS}. "
        "Nothing was deleted."
    )
