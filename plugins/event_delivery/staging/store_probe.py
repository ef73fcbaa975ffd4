"""Does the object store take a file tonight: can one small object be put, read and deleted there?

How full a store is, S3 has no question for; that one is full already, a put tells.
"""

from __future__ import annotations

import secrets

from event_delivery.errors import RetryableError
from event_delivery.object_store import Bucket
from event_delivery.staging.store import STAGED

PROBED = f"{STAGED}/.preflight"  # no destination's name; the bucket's lifecycle rule takes what a cut left there
_SIZE = 4096


def probe_store(store: Bucket) -> None:
    """List what is staged, then put an object of 4 kB, read it and delete it.

    Raises:
        RetryableError: the store is full, denied, gone, gives no answer, or gives back something else.
    """
    store.list_folders(STAGED)
    key, content = f"{PROBED}/{secrets.token_hex(8)}", secrets.token_bytes(_SIZE)
    store.write(key, content)
    try:
        found = store.read_block(key, 0, _SIZE)
    except FileNotFoundError:
        found = b""
    store.delete([key])
    if found != content:
        raise RetryableError(
            f"EVENT_DELIVERY_STAGING: {store.address} does not give back what was put there ({key}). Look at the "
            "store, and at what stands before it."
        )
