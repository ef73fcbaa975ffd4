"""When do staged files leave, so that nobody's data lies about for ever?

The maintenance DAG looks each day, also while every other DAG is paused. It runs on one machine, so each one that
stages looks besides, once an hour: it may have a disk of its own.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from event_delivery.destinations.destination import DESTINATION_ID
from event_delivery.errors import DeliveryError, RetryableError
from event_delivery.limits import DAY
from event_delivery.staging.area import open_area, staging_root
from event_delivery.staging.folder import Folder, enter_folder, list_names
from event_delivery.staging.keep_limit import read_keep_limit
from event_delivery.staging.lifetimes import read_area_days, read_lifetimes, read_staging_days
from event_delivery.staging.marker import is_delivery_key
from event_delivery.staging.outlived import Lifetimes, Outlived, find_outlived
from event_delivery.staging.removal import delete_files, delete_folder, read_folder
from event_delivery.staging.store import open_store
from event_delivery.staging.stored_expiry import expire_stored
from event_delivery.staging.sweep_mark import is_just_swept, write_down_sweep

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Sweep:
    now: float
    staging_days: float
    dry_run: bool


def expire_staged(now: float | None = None, dry_run: bool = False) -> list[Outlived]:
    """Delete what has outlived its days, as far as it can be; returns the files.

    What was staged leaves when nobody touched its delivery for `EVENT_DELIVERY_STAGING_DAYS` (7), a kept file
    after the `keep_days` of its destination, by today's YAML, or those of the instance, if they are fewer.

    Args:
        now: seconds since the epoch.
        dry_run: only tell which files that would be.

    Raises:
        PermanentError: the days are no number that counts, or the staging area is not ours; nothing is deleted.
        RetryableError: the staging area cannot be read.
    """
    read_keep_limit()
    now = time.time() if now is None else now
    store, days = open_store(), read_staging_days()
    stored = expire_stored(store, days, now, dry_run) if store else []
    return stored + _expire_area(_Sweep(now, read_area_days(), dry_run))


def _expire_area(sweep: _Sweep) -> list[Outlived]:
    """Delete what has outlived its days in this machine's folder; raises as `expire_staged`."""
    try:
        with open_area(make=False) as area:
            if not sweep.dry_run:
                write_down_sweep(area)
            return [each for name in list_names(area) for each in _expire_destination(area, name, sweep)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RetryableError(f"Cannot read the staging area {staging_root()}: {error.strerror}") from error


def expire_staged_hourly() -> None:
    """Do the same for this machine's folder if nobody did for an hour.

    What hinders it is said in the log, and stops no delivery. Of an object store the maintenance DAG takes care.
    """
    try:
        with open_area(make=False) as area:
            if is_just_swept(area):
                return
        read_keep_limit()
        _expire_area(_Sweep(time.time(), read_area_days(), dry_run=False))
    except FileNotFoundError:
        return
    except (DeliveryError, OSError) as error:
        _log.warning("What is old stays in the staging area. %s", error)


def _expire_destination(area: Folder, name: str, sweep: _Sweep) -> list[Outlived]:
    """Delete what is too old of one folder; a link, a file and what is not ours are let be."""
    outlived: list[Outlived] = []
    if not DESTINATION_ID.fullmatch(name) or not read_folder(area, name):
        return outlived
    try:
        lifetimes = read_lifetimes(name, sweep.staging_days)
        with enter_folder(area, name, make=False) as destination:
            for key in filter(is_delivery_key, list_names(destination)):
                outlived += _expire_delivery(destination, key, lifetimes, sweep)
    except (DeliveryError, OSError) as error:
        _log.warning("What is old stays in %s. %s", area.path / name, error)
    return outlived


def _expire_delivery(destination: Folder, key: str, lifetimes: Lifetimes, sweep: _Sweep) -> list[Outlived]:
    if not (found := read_folder(destination, key)):
        return []
    with enter_folder(destination, key, make=False) as folder:
        names = list_names(folder)
        place = (destination.path.name, key)
        outlived = find_outlived(place, names, found.st_mtime, lifetimes, sweep.now)
        is_stale = sweep.now - found.st_mtime > lifetimes.staged * DAY
        is_over = is_stale and len(outlived) == len(names)
        if outlived and not (is_over or sweep.dry_run):
            delete_files(folder, [each.name for each in outlived], found.st_mtime_ns)
    if is_over and not sweep.dry_run:
        delete_folder(destination, key)
    return outlived
