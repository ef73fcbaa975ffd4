"""How does a staged file get a second name, so that bytes that are final are neither read nor written again?

Nothing changes a staged file in place: each name is given to a new one (`private_file`).
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path

from event_delivery.delivery import Delivery
from event_delivery.errors import RetryableError
from event_delivery.staging.area import open_delivery_folder
from event_delivery.staging.folder import Folder, NotOursError, is_our_file
from event_delivery.staging.gone import StagedGoneError, explain_gone
from event_delivery.staging.private_file import name_partial
from event_delivery.staging.proven_file import BLOCK_BYTES, read_staged
from event_delivery.staging.staged_file import Manifest, path_of_staged, stage_file
from event_delivery.staging.store import open_store
from event_delivery.staging.stored_manifests import copy_stored


def name_again(delivery: Delivery, manifest: Manifest, name: str) -> Manifest:
    """Give the staged file of a delivery a second name; what had that name is replaced.

    Returns what is known of it then. Where a file system knows no hard links it is copied, and proven on the way.
    An object store copies it within: whoever fetches it proves it.

    Raises:
        StagedGoneError: it is not there, is no file of ours, or has another size than the manifest says.
        RetryableError: the staging area cannot be written.
    """
    if store := open_store():
        return copy_stored(store, delivery, name, manifest)
    path = path_of_staged(delivery, name)
    try:
        with open_delivery_folder(delivery, make=False) as folder:
            _check_size(folder, manifest)
            is_named = _link(folder, Path(manifest.path).name, name)
    except FileNotFoundError:
        raise explain_gone(manifest.path) from None
    except NotOursError as refusal:
        raise StagedGoneError(str(refusal)) from None
    except OSError as error:
        raise RetryableError(f"Cannot write {path}: {error.strerror}") from error
    if not is_named:
        _copy(delivery, manifest, name)
    return replace(manifest, path=str(path))


def _check_size(folder: Folder, manifest: Manifest) -> None:
    name = Path(manifest.path).name
    if not is_our_file(folder, name):
        raise StagedGoneError(f"{manifest.path} is no file of user {os.geteuid()}.")
    found = os.stat(name, dir_fd=folder.fd, follow_symlinks=False).st_size
    if found != manifest.bytes:
        raise StagedGoneError(f"{manifest.path} is not what was staged: {found} bytes, wanted {manifest.bytes}.")


def _link(folder: Folder, staged: str, name: str) -> bool:
    """Tell whether the file system has given the name; a link to the same file would not be renamed over it."""
    partial = name_partial()
    try:
        os.link(staged, partial, src_dir_fd=folder.fd, dst_dir_fd=folder.fd, follow_symlinks=False)
    except FileNotFoundError:
        raise
    except OSError:
        return False
    try:
        os.rename(partial, name, src_dir_fd=folder.fd, dst_dir_fd=folder.fd)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial, dir_fd=folder.fd)
    return True


def _copy(delivery: Delivery, manifest: Manifest, name: str) -> None:
    with read_staged(manifest) as source, stage_file(delivery, name) as target:
        while block := source.read(BLOCK_BYTES):
            target.write(block)
