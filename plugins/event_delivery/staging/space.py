"""How large may a staged file grow, so that one client's huge day never fills the disk that all share?"""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass

from event_delivery.errors import PermanentError, RetryableError
from event_delivery.staging.area import name_setting

# Bytes between two looks at the disk: a smaller file may use up the reserve, so that usual nights go out.
LOOK_EVERY = 8 << 20
QUOTA, RESERVE = "EVENT_DELIVERY_STAGING_QUOTA", "EVENT_DELIVERY_STAGING_FREE"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_MOST_RESERVED, _RESERVED_SHARE = 1 << 30, 0.05
_SIZE = re.compile(r"(\d{1,18}) ?(?:([KMGT])(?:iB)?)?")
_POWERS = {None: 0, "K": 1, "M": 2, "G": 3, "T": 4}


@dataclass(frozen=True)
class Space:
    """What one staged file may take up.

    `file`: who wants it, for messages. `quota`: bytes at most, None: any. `share`: bytes at most of what was free.
    `reserve`: bytes that stay free, None: as much as is usual.
    """

    file: str
    fd: int
    quota: int | None
    share: int | None
    reserve: int | None

    def check_quota(self, size: int) -> None:
        """Refuse a file of so many bytes when that is more than one may have.

        Raises:
            PermanentError: trying again brings the same bytes.
        """
        if self.quota is not None and size > self.quota:
            raise PermanentError(
                f"{self.file}: more than {self.quota:,} bytes, the most that {QUOTA} allows one staged file. "
                "Nothing was delivered. If the day is really that large, raise it."
            )

    def look(self, size: int) -> None:
        """Look at the disk before a file grows to so many bytes.

        Raises:
            RetryableError: others would have no space left; it may come back.
        """
        if (free := read_free(self.fd, self.reserve)) is None:
            return
        cure = f"Free some, or set {name_setting()} to a larger disk."
        if free.beyond_reserve < 0:
            raise RetryableError(
                f"{self.file}: after {size:,} bytes only {free.bytes:,} are free on the staging area's disk, of "
                f"which {free.reserve:,} are kept for others ({RESERVE}). {cure}"
            )
        if self.share is not None and size > self.share:
            raise RetryableError(
                f"{self.file}: more than {self.share:,} bytes, half of what was free on the staging area's disk: "
                f"the delivery file needs as much again. {cure}"
            )


@dataclass(frozen=True)
class _Free:
    bytes: int
    reserve: int

    @property
    def beyond_reserve(self) -> int:
        return self.bytes - self.reserve


def allot_space(file: str, fd: int, doubles: bool) -> Space:
    """Return what a new staged file may take of the disk of an open folder.

    Args:
        file: who wants it, for messages.
        fd: the folder, open as long as the space is looked at.
        doubles: whether as much again is needed when this is written.

    Raises:
        PermanentError: a variable is no number of bytes.
    """
    quota, reserve = read_quota(), read_size(RESERVE)
    free = read_free(fd, reserve) if doubles else None
    return Space(file, fd, quota, max(LOOK_EVERY, free.beyond_reserve // 2) if free else None, reserve)


def read_quota() -> int | None:
    """Return how many bytes one staged file may have at most, None: any.

    Raises:
        PermanentError: the variable is no number of bytes.
    """
    return read_size(QUOTA)


def is_full(error: OSError) -> bool:
    """Tell whether a disk, or our user's quota there, is used up."""
    return error.errno in _FULL


def read_free(fd: int, reserve: int | None) -> _Free | None:
    """Return what is free on a disk; None where a file system does not tell."""
    disk = os.fstatvfs(fd)
    if not disk.f_blocks:
        return None
    usual = min(_MOST_RESERVED, int(disk.f_blocks * disk.f_frsize * _RESERVED_SHARE))
    return _Free(disk.f_bavail * disk.f_frsize, usual if reserve is None else reserve)


def read_size(variable: str) -> int | None:
    """Return the bytes that a variable says, None: nothing.

    Raises:
        PermanentError: it is no number of bytes.
    """
    text = os.environ.get(variable)
    if not text:
        return None
    if not (match := _SIZE.fullmatch(text.strip())):
        raise PermanentError(
            f"{variable}: found {text[:40]!r}, wanted a number of bytes such as 1000000 or 2 GiB."
        )
    return int(match[1]) * 1024 ** _POWERS[match[2]]
