"""How do files leave the staging area, so that no link leads elsewhere?"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import stat

from event_delivery.staging.folder import Folder

_log = logging.getLogger(__name__)


def delete_files(folder: Folder, names: list[str], touched: int) -> None:
    """Delete files of a folder that others stay in; it counts as untouched by that."""
    for name in names:
        try:
            os.unlink(name, dir_fd=folder.fd)
        except FileNotFoundError:
            continue
        except OSError:
            delete_folder(folder, name)
    os.utime(folder.fd, ns=(touched, touched))


def delete_folder(parent: Folder, name: str) -> None:
    """Delete a folder with all that is in it, as far as it can be; what stays is named in the log."""
    shutil.rmtree(name, ignore_errors=True, dir_fd=parent.fd)
    if read_folder(parent, name):
        _log.warning("%s is to be deleted and cannot be, at least not all of it.", parent.path / name)


def read_folder(parent: Folder, name: str) -> os.stat_result | None:
    """Return what is known of a folder; None where the name is a link's or a file's, or gone."""
    with contextlib.suppress(OSError):
        found = os.stat(name, dir_fd=parent.fd, follow_symlinks=False)
        return found if stat.S_ISDIR(found.st_mode) else None
    return None
