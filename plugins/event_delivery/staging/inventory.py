"""Which deliveries lie in the staging area?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from event_delivery.destinations.destination import DESTINATION_ID
from event_delivery.errors import DeliveryError
from event_delivery.staging.area import open_area
from event_delivery.staging.folder import Folder, enter_folder, list_names
from event_delivery.staging.kept_file import KeptFile, list_kept
from event_delivery.staging.marker import is_delivery_key
from event_delivery.staging.store import open_store
from event_delivery.staging.stored_inventory import walk_stored
from event_delivery.staging.stored_kept import list_stored_kept


@dataclass(frozen=True)
class DeliveryFolder:
    """The open folder of a delivery; `key` is its name, of which `Delivery.key` tells the parts."""

    destination: str
    key: str
    folder: Folder


def walk_deliveries(skip: Callable[[str, str], None]) -> Iterator[DeliveryFolder]:
    """Yield the folder of every delivery, open for as long as it is looked at.

    Args:
        skip: is told path and reason of a folder that is passed over, since it is not ours or cannot be read.

    Raises:
        PermanentError: the staging area is not ours.
        RetryableError: it cannot be opened.
    """
    try:
        with open_area(make=False) as area:
            for name in filter(DESTINATION_ID.fullmatch, list_names(area)):
                yield from _walk_destination(area, name, skip)
    except FileNotFoundError:
        return


def walk_kept(skip: Callable[[str, str], None]) -> Iterator[tuple[str, str, list[KeptFile]]]:
    """Yield destination, key and kept files of every delivery that has some, where they are kept; as above."""
    if store := open_store():
        for delivery in walk_stored(store):
            if kept := list_stored_kept(store, delivery.destination, delivery.key):
                yield delivery.destination, delivery.key, kept
        return
    for each in walk_deliveries(skip):
        if kept := list_kept(each.folder):
            yield each.destination, each.key, kept


def _walk_destination(area: Folder, name: str, skip: Callable[[str, str], None]) -> Iterator[DeliveryFolder]:
    with _entering(area, name, skip) as destination:
        if destination is None:
            return
        for key in filter(is_delivery_key, list_names(destination)):
            with _entering(destination, key, skip) as folder:
                if folder:
                    yield DeliveryFolder(name, key, folder)


@contextmanager
def _entering(parent: Folder, name: str, skip: Callable[[str, str], None]) -> Iterator[Folder | None]:
    with ExitStack() as stack:
        folder = None
        try:
            folder = stack.enter_context(enter_folder(parent, name, make=False))
        except FileNotFoundError:
            pass  # it has just expired
        except (DeliveryError, OSError) as error:
            skip(str(parent.path / name), str(error))
        yield folder
