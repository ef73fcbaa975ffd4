"""Where does a client's file appear, and how does it know that it is whole?"""

from __future__ import annotations

from collections.abc import Iterator

from event_delivery.delivery import Delivery
from event_delivery.destinations import Destination
from event_delivery.guide.names import name_example
from event_delivery.guide.section import Section

_GROWS = (
    "It grows there, and after a broken attempt a part of it rests there until the next attempt overwrites "
    "it, up to an hour later, or for good after the last one."
)


def tell_place(night: Delivery) -> Section:
    """Return where a night's file comes, and by which names."""
    destination = night.destination
    where = f"into {destination.path}" if destination.path else "into the folder that your URL names"
    return Section("Where it comes", [f"We log in to your server by SFTP and write {where}.", *_tell_names(night)])


def _tell_names(night: Delivery) -> Iterator[str]:
    destination = night.destination
    if destination.upload_mode == "direct":
        yield f"A file is written directly under its final name. {_GROWS} {tell_wholeness(destination)}"
        return
    temporary = destination.temporary_name.path(name_example(night), 1)
    taken = "Take a day when its manifest is there, see below" if destination.split else "Take only that"
    yield (
        f"While a file is on its way it is called {temporary} (1 is the number of the attempt); when every "
        f"byte is there, it is renamed. What has its final name is whole. {taken}, and move or delete "
        "it as soon as you like. What a broken attempt leaves behind, the next one removes."
    )
    if destination.upload_mode == "auto":
        yield (
            "Should the test file show that your server lets nobody rename, we tell you, and a file is "
            f"written directly under its final name. {_GROWS}"
        )


def tell_wholeness(destination: Destination) -> str:
    """Return, of a file that is written directly, how one knows that all of it is there."""
    if destination.split:
        return "Take the parts of a day when its manifest is there: see below."
    if destination.companion != "none":
        return "Take it when what follows it is there: see below."
    if destination.compression != "none" or destination.encryption or destination.format == "parquet":
        return "So do not wait until its size rests: what is not whole cannot be opened. Try again later."
    if destination.format == "json":
        return "So do not wait until its size rests: it is whole when it ends with ] and a line feed."
    return (
        "So do not wait until its size rests: a part of it looks like a whole one. Ask us for another way, "
        "such as a checksum that follows the file."
    )
