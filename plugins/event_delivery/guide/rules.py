"""What is a client to do with its files, and what do we do at its server?"""

from __future__ import annotations

import os
from collections.abc import Iterator

from event_delivery.destinations import Destination
from event_delivery.guide.section import Section
from event_delivery.limits import RETRIES
from event_delivery.schedule import retry_delay, retry_window
from event_delivery.sftp.refusals import SOURCE_ADDRESSES


def tell_importing(destination: Destination) -> Section:
    """Return what to do with a file, with one whose name came before, and with a supplement."""
    supplements = destination.late_events == "supplement"
    besides = ", and the supplements of that day that came before it" if supplements else ""
    sentences = [
        "A name that you know is a newer version of the same day: it replaces what you loaded of that "
        f"day{besides}.",
        _tell_ids(destination),
    ]
    if supplements:
        sentences.append("A supplement holds only events that reached us after their day's file was made.")
    if destination.empty_day == "send":
        sentences.append("A day without events has a file without events, so that you know that nothing is late.")
    if destination.empty_day == "skip":
        sentences.append("A day without events has no file: that none came is no sign that one is late.")
    sentences.append(
        "A file with test in its name holds one example and no event of yours: keep it out of your data."
    )
    return Section("What to do with a file", sentences)


def _tell_ids(destination: Destination) -> str:
    chosen = [destination.columns_of(event) for event in destination.events]
    if all(not columns or any(each.column == "id" for each in columns) for columns in chosen):
        return (
            "Add events whose id you do not know, and overwrite those you know: then files may be loaded in any "
            "order, and as often as you like."
        )
    return "Nothing in the file tells events apart: keep what each file brought, so that you can replace it."


def tell_retries() -> Section:
    """Return how often we try, and for how long."""
    waits = ", ".join(str(retry_delay(attempt)) for attempt in range(1, RETRIES + 1))
    return Section(
        "When your server cannot be reached",
        [
            f"We try again {RETRIES} times, after {waits} seconds, {retry_window():,} seconds in all. A "
            "connection has 60 seconds, a transfer 5 minutes. After that our operators are needed: "
            "no day is lost.",
        ],
    )


def tell_contact(destination: Destination) -> Section:
    """Return what we ask of the client, and where we write to it."""
    return Section("Your side", list(_tell_asked(destination)))


def _tell_asked(destination: Destination) -> Iterator[str]:
    if addresses := os.environ.get(SOURCE_ADDRESSES):
        yield f"We come from {addresses}: let these through your firewall."
    if not destination.host_key:
        yield "Send us your server's host key, or its SHA-256 fingerprint, and tell us before it changes."
    else:
        yield "We accept only the host key that you gave us: tell us before it changes."
    if destination.contact:
        yield f"What you have to know of a delivery we write to {destination.contact}."
