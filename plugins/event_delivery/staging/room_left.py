"""How much room is left on the staging area's disk: for now, and for the night ahead?"""

from __future__ import annotations

import os

from event_delivery.errors import RetryableError
from event_delivery.staging.area import name_setting, staging_root
from event_delivery.staging.space import QUOTA, RESERVE, Space, read_free, read_size


def describe_shortage() -> str | None:
    """Return that less than twice the reserve is free on the staging area's disk, in one sentence; None: more is.

    Raises:
        PermanentError: a variable is no number of bytes.
    """
    reserve = read_size(RESERVE)
    try:
        fd = os.open(staging_root(), os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return None  # nothing was staged here yet
    try:
        free = read_free(fd, reserve)
    finally:
        os.close(fd)
    if free is None or free.beyond_reserve >= free.reserve:
        return None
    return (
        f"{free.bytes:,} bytes are free on the staging area's disk, of which {free.reserve:,} are kept for small "
        f"files ({RESERVE})."
    )


def check_room(fd: int, needed: int, largest: int) -> None:
    """Check that a night fits on an open folder's disk: `needed` bytes in all, `largest` in one staged file.

    Raises:
        PermanentError: the largest file is more than one may have, or a variable is no number of bytes.
        RetryableError: there is not enough room now.
    """
    quota, reserve = read_size(QUOTA), read_size(RESERVE)
    Space("The largest file of the last days", fd, quota, None, reserve).check_quota(largest)
    free = read_free(fd, reserve)
    if free and free.beyond_reserve < needed:
        cure = f"Free some, or set {name_setting()} to a larger disk."
        raise RetryableError(
            f"The staging area's disk has {free.bytes:,} bytes free, of which {free.reserve:,} are kept for "
            f"others ({RESERVE}), and tonight needs some {needed:,}. {cure}"
        )
