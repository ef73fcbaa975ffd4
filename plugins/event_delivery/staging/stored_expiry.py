"""When do files leave the object store?"""

from __future__ import annotations

import logging

from event_delivery.errors import DeliveryError
from event_delivery.object_store import Bucket
from event_delivery.staging.lifetimes import read_lifetimes
from event_delivery.staging.outlived import Outlived, find_outlived
from event_delivery.staging.store import KEPT, STAGED
from event_delivery.staging.stored_inventory import StoredDelivery, order_for_removal, walk_stored

_log = logging.getLogger(__name__)


def expire_stored(store: Bucket, days: float, now: float, dry_run: bool) -> list[Outlived]:
    """Delete what has outlived its days in the object store, as far as it can be; returns the files.

    What was staged leaves when nothing of its delivery was put for so many days, a kept file by the moment in its
    name, as in a folder.

    Raises:
        RetryableError: the store cannot be listed.
    """
    return [each for delivery in walk_stored(store) for each in _expire(store, delivery, days, now, dry_run)]


def _expire(store: Bucket, delivery: StoredDelivery, days: float, now: float, dry_run: bool) -> list[Outlived]:
    keys = {each.key.rpartition("/")[2]: each.key for each in delivery.objects}
    staged = [each.modified for each in delivery.objects if each.key.startswith(f"{STAGED}/")]
    place = (delivery.destination, delivery.key)
    try:
        lifetimes = read_lifetimes(delivery.destination, days)
        outlived = find_outlived(place, list(keys), max(staged, default=now), lifetimes, now)
        if not dry_run:
            store.delete(order_for_removal(keys[each.name] for each in outlived))
    except DeliveryError as error:
        _log.warning("What is old stays in %s. %s", f"{store.address}/{KEPT}/{'/'.join(place)}", error)
        return []
    return outlived
