"""Which objects of the object store hold a text, and how do they leave?"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

from event_delivery.erasure.blocks import Blocks
from event_delivery.erasure.found import Found
from event_delivery.erasure.packed_text import is_in_packed
from event_delivery.erasure.sought_text import SoughtText
from event_delivery.errors import DeliveryError
from event_delivery.object_store import Bucket, Stored
from event_delivery.staging.fetching import read_blocks
from event_delivery.staging.store import MANIFEST, STAGED
from event_delivery.staging.stored_inventory import order_for_removal, walk_stored
from event_delivery.staging.stored_kept import list_keys, list_stored_kept


def search_store(
    store: Bucket, sought: SoughtText, skip: Callable[[str, str], None], count: Callable[[int], None]
) -> Iterator[Found]:
    """Yield the objects of each delivery that hold a text, by their keys; memory stays flat.

    Args:
        store: the object store.
        sought: the text.
        skip: is told path and reason of an object that cannot be read.
        count: is told of how many objects were looked at.

    Raises:
        RetryableError: the store cannot be listed.
    """
    for delivery in walk_stored(store):
        count(len(delivery.objects))
        keys = tuple(each.key for each in delivery.objects if _holds(store, each, sought, skip))
        if keys:
            kept = list_stored_kept(store, delivery.destination, delivery.key)
            received = tuple(each for each in kept if each.manifest.stored in keys)
            yield Found(delivery.destination, delivery.key, str(store.address), keys, received, stored=True)


def remove_stored(store: Bucket, found: Found) -> list[str]:
    """Delete such objects with what leads to them, which goes first; returns the paths of those that are left."""
    beside = (key for name in found.names for key in _list_beside(name))
    try:
        store.delete(order_for_removal({*found.names, *beside}))
    except DeliveryError as error:
        return [f"{found.path}/{key}: {error}" for key in found.names]
    return []


def _list_beside(key: str) -> tuple[str, ...]:
    """Return the keys of what leads to a file or tells its ids: its name without the sha256, or another ending."""
    if key.startswith(f"{STAGED}/"):
        return (f"{key.rpartition('.')[0]}{MANIFEST}",)
    return list_keys(key)


def _holds(store: Bucket, stored: Stored, sought: SoughtText, skip: Callable[[str, str], None]) -> bool:
    try:
        return is_in_packed(sought, io.BufferedReader(Blocks(read_blocks(store, stored.key, stored.bytes))))
    except FileNotFoundError:
        return False  # it has just expired
    except DeliveryError as error:
        skip(f"{store.address}/{stored.key}", str(error))
        return False
