"""Where is the staging area, and is it ours?"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.object_store import is_url
from event_delivery.staging.folder import Folder, enter_folder, make_private
from event_delivery.staging.marker import claim_folder

STAGING, SCRATCH = "EVENT_DELIVERY_STAGING", "EVENT_DELIVERY_SCRATCH"
_ROOT = 0


def staging_root() -> Path:
    """Return the staging area: `EVENT_DELIVERY_STAGING`, else `$AIRFLOW_HOME/staging`.

    Where that is an object store's URL, it is the machine's scratch area: `EVENT_DELIVERY_SCRATCH`, else as above.
    """
    home = os.environ.get("AIRFLOW_HOME") or str(Path.home() / "airflow")
    return Path(os.environ.get(name_setting()) or f"{home}/staging")


def name_setting() -> str:
    """Return the variable that names this machine's folder, for messages."""
    return SCRATCH if staging_url() else STAGING


def staging_url() -> str | None:
    """Return the URL of the object store that takes the staging area's place, or None."""
    named = os.environ.get(STAGING, "")
    return named if is_url(named) else None


@contextmanager
def open_area(make: bool = True) -> Iterator[Folder]:
    """Open the staging area (0700), made when missing; it is ours, or nothing is touched.

    Raises:
        FileNotFoundError: it is missing and shall not be made.
        PermanentError: it is another user's, everybody may write there, or it holds what is not ours.
        RetryableError: it cannot be made or opened.
    """
    path = staging_root()
    fd = _open_root(path, make)
    try:
        _check_owner(path, os.fstat(fd))
        claim_folder(Folder(fd, path))
        make_private(fd, path)
        yield Folder(fd, path)
    finally:
        os.close(fd)


@contextmanager
def open_delivery_folder(delivery: Delivery, make: bool = True) -> Iterator[Folder]:
    """Open the folder (0700) of one delivery; raises as `open_area` and `enter_folder` do."""
    with (
        open_area(make) as area,
        enter_folder(area, delivery.destination.id, make) as destination,
        enter_folder(destination, delivery.key, make) as folder,
    ):
        yield folder


def staging_folder(delivery: Delivery) -> Path:
    """Return the path of the folder (0700) of one delivery, made when missing."""
    with open_delivery_folder(delivery) as folder:
        return folder.path


def _open_root(path: Path, make: bool) -> int:
    try:
        if make:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.is_symlink() and path.lstat().st_uid not in (_ROOT, os.geteuid()):
            raise PermanentError(f"{name_setting()}: {path} is a link that another user has made: remove it.")
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        if not make:
            raise
        raise RetryableError(f"Cannot make the staging folder {path}: what it leads to is not there.") from None
    except OSError as error:
        raise RetryableError(f"Cannot make the staging folder {path}: {error.strerror}") from error


def _check_owner(path: Path, found: os.stat_result) -> None:
    """Refuse what somebody else controls; what only a group may do besides is taken away later."""
    if found.st_uid != os.geteuid():
        raise PermanentError(
            f"{name_setting()}: {path} belongs to user {found.st_uid}, this is user {os.geteuid()}. Name "
            f"a new folder within it, such as {path}/staging: it is made for this user alone."
        )
    if found.st_mode & stat.S_IWOTH:
        mode = stat.S_IMODE(found.st_mode)
        raise PermanentError(
            f"{name_setting()}: everybody may write to {path} (mode {mode:04o}), wanted 0700. Look at what "
            "lies there, then: chmod 700."
        )
