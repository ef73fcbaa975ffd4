"""When do staged files leave, so that nobody's data lies about for ever?

The maintenance DAG looks each day, also while every other DAG is paused. It runs on one machine, so each one that
stages looks besides, once an hour: it may have a disk of its own.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import shutil
import stat
import time

from event_delivery.destinations.destination import DESTINATION_ID
from event_delivery.errors import DeliveryError, PermanentError, RetryableError
from event_delivery.limits import DAY, STAGING_DAYS, SWEEP_EVERY
from event_delivery.staging.area import open_area, staging_root
from event_delivery.staging.folder import Folder, enter_folder, list_names
from event_delivery.staging.marker import SWEPT, is_delivery_key

DAYS = "EVENT_DELIVERY_STAGING_DAYS"
_log = logging.getLogger(__name__)


def expire_staged(now: float | None = None) -> None:
    """Delete the deliveries that nobody touched for `EVENT_DELIVERY_STAGING_DAYS` (7), as far as they can be.

    Args:
        now: seconds since the epoch.

    Raises:
        PermanentError: the days are no positive number, or the staging area is not ours; nothing is deleted.
        RetryableError: the staging area cannot be read.
    """
    oldest = (time.time() if now is None else now) - read_staging_days() * DAY
    try:
        with open_area(make=False) as area:
            _write_down_sweep(area)
            for name in list_names(area):
                _expire_destination(area, name, oldest)
    except FileNotFoundError:
        return
    except OSError as error:
        raise RetryableError(f"Cannot read the staging area {staging_root()}: {error.strerror}") from error


def expire_staged_hourly() -> None:
    """Do the same if nobody did for an hour; what hinders it is said in the log, and stops no delivery."""
    try:
        with open_area(make=False) as area:
            if _is_just_swept(area):
                return
        expire_staged()
    except FileNotFoundError:
        return
    except (DeliveryError, OSError) as error:
        _log.warning("What is old stays in the staging area. %s", error)


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


def _expire_destination(area: Folder, name: str, oldest: float) -> None:
    """Delete what is too old of one folder; a link, a file and what is not ours are let be."""
    if not DESTINATION_ID.fullmatch(name) or not _read_folder(area, name):
        return
    try:
        with enter_folder(area, name, make=False) as destination:
            for key in filter(is_delivery_key, list_names(destination)):
                found = _read_folder(destination, key)
                if found and found.st_mtime < oldest:
                    _delete(destination, key)
    except (DeliveryError, OSError) as error:
        _log.warning("What is old stays in %s. %s", area.path / name, error)


def _delete(destination: Folder, key: str) -> None:
    shutil.rmtree(key, ignore_errors=True, dir_fd=destination.fd)
    if _read_folder(destination, key):
        _log.warning("%s is to be deleted and cannot be, at least not all of it.", destination.path / key)


def _read_folder(parent: Folder, name: str) -> os.stat_result | None:
    """Return what is known of a folder; None where the name is a link's or a file's, or gone."""
    with contextlib.suppress(OSError):
        found = os.stat(name, dir_fd=parent.fd, follow_symlinks=False)
        return found if stat.S_ISDIR(found.st_mode) else None
    return None


def _is_just_swept(area: Folder) -> bool:
    try:
        found = os.stat(SWEPT, dir_fd=area.fd, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return 0 <= time.time() - found.st_mtime < SWEEP_EVERY


def _write_down_sweep(area: Folder) -> None:
    """Keep when this was, as a file's time; a link of that name is not followed."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        fd = os.open(SWEPT, flags, 0o600, dir_fd=area.fd)
        os.utime(fd)
        os.close(fd)
    except OSError as error:
        _log.warning("%s cannot be written: %s", area.path / SWEPT, error.strerror)
