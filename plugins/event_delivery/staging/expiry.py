"""When do staged files leave, so that nobody's data lies about for ever, and delivered ones `keep_days` later?

The maintenance DAG looks each day, also while every other DAG is paused. It runs on one machine, so each one that
stages looks besides, once an hour: it may have a disk of its own.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import stat
import time
from collections.abc import Sequence

from event_delivery.destinations.destination import DESTINATION_ID
from event_delivery.errors import DeliveryError, RetryableError
from event_delivery.limits import DAY, SWEEP_EVERY
from event_delivery.staging.ages import read_keep_days, read_staging_days
from event_delivery.staging.archive import is_kept
from event_delivery.staging.area import open_area, staging_root
from event_delivery.staging.folder import Folder, enter_folder, list_names
from event_delivery.staging.marker import SWEPT, is_delivery_key

_log = logging.getLogger(__name__)


def expire_staged(now: float | None = None) -> None:
    """Delete the deliveries that nobody touched for `EVENT_DELIVERY_STAGING_DAYS` (7), as far as they can be.

    A file that was delivered stays for its destination's `keep_days`.

    Args:
        now: seconds since the epoch.

    Raises:
        PermanentError: the days are no positive number, or the staging area is not ours; nothing is deleted.
        RetryableError: the staging area cannot be read.
    """
    now = time.time() if now is None else now
    oldest = now - read_staging_days() * DAY
    try:
        with open_area(make=False) as area:
            _write_down_sweep(area)
            for name in list_names(area):
                _expire_destination(area, name, oldest, now)
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


def _expire_destination(area: Folder, name: str, oldest: float, now: float) -> None:
    """Delete what is too old of one folder; a link, a file and what is not ours are let be."""
    if not DESTINATION_ID.fullmatch(name) or not _read_folder(area, name):
        return
    try:
        oldest_kept = now - read_keep_days(name) * DAY
        with enter_folder(area, name, make=False) as destination:
            for key in filter(is_delivery_key, list_names(destination)):
                _expire_delivery(destination, key, oldest, oldest_kept)
    except (DeliveryError, OSError) as error:
        _log.warning("What is old stays in %s. %s", area.path / name, error)


def _expire_delivery(destination: Folder, key: str, oldest: float, oldest_kept: float) -> None:
    """Delete what is staged of a delivery if nobody touched it since, and what is kept of it if that is older."""
    if not (found := _read_folder(destination, key)):
        return
    is_stale = found.st_mtime < oldest
    try:
        with enter_folder(destination, key, make=False) as folder:
            names = list_names(folder)
            leaving = [name for name in names if _is_leaving(folder, name, is_stale, oldest_kept)]
            if len(leaving) == len(names) and (is_stale or names):
                _delete(destination, key)
            else:
                _remove(folder, leaving)
    except (DeliveryError, OSError) as error:
        _log.warning("What is old stays in %s. %s", destination.path / key, error)


def _is_leaving(folder: Folder, name: str, is_stale: bool, oldest_kept: float) -> bool:
    if not is_kept(name):
        return is_stale
    return os.stat(name, dir_fd=folder.fd, follow_symlinks=False).st_mtime < oldest_kept


def _remove(folder: Folder, names: Sequence[str]) -> None:
    for name in names:
        with contextlib.suppress(IsADirectoryError):
            os.unlink(name, dir_fd=folder.fd)


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
