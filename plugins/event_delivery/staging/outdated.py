"""What was staged of a delivery under other names counts no more once its events are staged or written anew.

Else an edit of its file's format or name that is taken back would have an upload find the file of an older run.
The files themselves stay until they expire: another run may be reading one.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection

from event_delivery.delivery import Delivery
from event_delivery.errors import RetryableError
from event_delivery.object_store import Bucket
from event_delivery.staging.area import open_delivery_folder
from event_delivery.staging.folder import list_names
from event_delivery.staging.store import MANIFEST, key_of_manifest


def forget_others(delivery: Delivery, names: Collection[str]) -> None:
    """Forget what was staged of a delivery in its folder under other names; raises RetryableError."""
    current = {f"{name}{MANIFEST}" for name in names}
    with open_delivery_folder(delivery) as folder:
        for found in list_names(folder):
            if not found.endswith(MANIFEST) or found in current:
                continue
            try:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(found, dir_fd=folder.fd)
            except OSError as error:
                raise RetryableError(f"Cannot remove {folder.path / found}: {error.strerror}") from error


def forget_others_stored(store: Bucket, delivery: Delivery, names: Collection[str]) -> None:
    """Forget what was put into the store of a delivery under other names; raises RetryableError."""
    current = {key_of_manifest(delivery, name) for name in names}
    keys = [each.key for each in store.list_objects(key_of_manifest(delivery, "").rpartition("/")[0])]
    store.delete(key for key in keys if key.endswith(MANIFEST) and key not in current)
