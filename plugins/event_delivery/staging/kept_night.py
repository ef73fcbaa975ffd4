"""Which files are kept of a night and of all its supplements?"""

from __future__ import annotations

from event_delivery.delivery import Delivery, night_of, parse_key, read_supplement, supplement_of
from event_delivery.staging.archive import find_kept
from event_delivery.staging.area import open_area
from event_delivery.staging.folder import enter_folder, list_names
from event_delivery.staging.kept_file import KeptFile
from event_delivery.staging.store import KEPT, open_store


def find_kept_of_night(delivery: Delivery) -> dict[int, list[KeptFile]]:
    """Return the kept files of a night, number 0, and of its supplements in order, each the last ones first.

    Raises:
        PermanentError: the staging area is not ours.
        RetryableError: it cannot be opened.
    """
    night = night_of(delivery)
    found = {0: find_kept(night)}
    names = _list_deliveries(night.destination.id)
    numbers = {read_supplement(key.kind) for key in map(parse_key, names) if key}
    for number in sorted(filter(None, numbers)):
        supplement = supplement_of(night, number)
        if supplement.key in names:
            found[number] = find_kept(supplement)
    return found


def _list_deliveries(destination: str) -> set[str]:
    if store := open_store():
        return set(store.list_folders(f"{KEPT}/{destination}"))
    try:
        with open_area(make=False) as area, enter_folder(area, destination, make=False) as folder:
            return set(list_names(folder))
    except FileNotFoundError:
        return set()
