"""What do we do at a client's server, and what do we ask of the client?"""

from __future__ import annotations

import os
from collections.abc import Iterator

from event_delivery.destinations import Destination
from event_delivery.guide.section import Section
from event_delivery.limits import RETRIES
from event_delivery.schedule import retry_delay, retry_window
from event_delivery.sftp.refusals import SOURCE_ADDRESSES


def tell_retries() -> Section:
    """Return how often we try, and for how long."""
    waits = ", ".join(str(retry_delay(attempt)) for attempt in range(1, RETRIES + 1))
    return Section(
        "When your server cannot be reached",
        [
            f"We try again {RETRIES} times, after {waits} seconds, {retry_window():,} seconds in all. A "
            "connection has 60 seconds, an attempt 5 minutes. After that our operators are needed; no day is "
            "lost.",
        ],
    )


def tell_asked(destination: Destination) -> Section:
    """Return what we ask of the client, and where we write to it."""
    return Section("Your side", list(_list_asked(destination)))


def _list_asked(destination: Destination) -> Iterator[str]:
    yield (
        "Our user may write, rename and delete its own files in the folder, and ask for their size. We use "
        "SFTP only: no shell, no other command. Before its password or key changes or expires, send us the "
        "next one."
    )
    if addresses := os.environ.get(SOURCE_ADDRESSES):
        yield f"We come from {addresses}: let these through your firewall."
    if not destination.host_key:
        yield "Send us your server's host key, or its SHA-256 fingerprint, and tell us before it changes."
    else:
        yield "We accept only the host key that you gave us: tell us before it changes."
    if destination.encryption:
        yield "Send us your next OpenPGP key before the present one expires: no file goes out for one that has."
    if destination.robot:
        yield "You told us that a program of yours takes files as they appear: tell us when that ends."
    else:
        yield "Tell us when a program of yours begins to take files away as they appear."
    if destination.contact:
        yield f"What you have to know of a delivery we write to {destination.contact}."
