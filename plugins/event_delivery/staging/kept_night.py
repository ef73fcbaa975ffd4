"""Which files are kept of a night and of all its supplements?"""

from __future__ import annotations

from event_delivery.delivery import Delivery, night_of, parse_key, read_supplement, supplement_of
from event_delivery.staging.archive import find_kept
from event_delivery.staging.area import open_area
from event_delivery.staging.folder import enter_folder, list_names
from event_delivery.staging.kept_file import KeptFile


def find_kept_of_night(delivery: Delivery) -> dict[int, list[KeptFile]]:
    """Return the kept files of a night, number 0, and of its supplements, by their numbers, the last ones first.

    Raises:
        PermanentError: the staging area is not ours.
        RetryableError: it cannot be opened.
    """
    night = night_of(delivery)
    found = {0: find_kept(night)}
    try:
        with open_area(make=False) as area, enter_folder(area, night.destination.id, make=False) as folder:
            names = set(list_names(folder))
    except FileNotFoundError:
        return found
    for key in filter(None, map(parse_key, names)):
        supplement = supplement_of(night, read_supplement(key.kind))
        if supplement.supplement and supplement.key in names:
            found[supplement.supplement] = find_kept(supplement)
    return found
