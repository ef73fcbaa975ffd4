"""When was the staging area last looked through?"""

from __future__ import annotations

import logging
import os
import time

from event_delivery.limits import SWEEP_EVERY
from event_delivery.staging.folder import Folder
from event_delivery.staging.marker import SWEPT

_log = logging.getLogger(__name__)


def is_just_swept(area: Folder) -> bool:
    """Tell whether it was within the last hour."""
    try:
        found = os.stat(SWEPT, dir_fd=area.fd, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return 0 <= time.time() - found.st_mtime < SWEEP_EVERY


def write_down_sweep(area: Folder) -> None:
    """Keep when this was, as a file's time; a link of that name is not followed."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        fd = os.open(SWEPT, flags, 0o600, dir_fd=area.fd)
        os.utime(fd)
        os.close(fd)
    except OSError as error:
        _log.warning("%s cannot be written: %s", area.path / SWEPT, error.strerror)
