"""How is a client told how its files are packed, and what follows them?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from event_delivery.delivery import Delivery
from event_delivery.destinations import Destination
from event_delivery.destinations.packing import COMPANION_ENDINGS
from event_delivery.guide.section import Section
from event_delivery.schedule import write_instant

_COMES = (
    "It comes when its file has its final name and is whole, whatever file that is, and is removed before "
    "another file takes that name: it never stands beside a file that it does not belong to. Wait for it."
)


_ENDS = (
    "It comes last, when each part has its final name and is whole, and is removed before any of them is replaced "
    "or removed. So a day is whole when its manifest is there. Take the parts that it names, when you see it, and "
    "no others: what no manifest names belongs to no day."
)


def tell_packing(destination: Destination) -> Iterator[str]:
    """Yield sentences."""
    packed = {
        "gzip": "The file is compressed by gzip.",
        "zip": "The file is the one member of a ZIP archive, called as the archive without .zip.",
    }
    if destination.format == "parquet":
        yield "Its columns are compressed within the file, by Snappy, which every reader of Parquet knows."
    else:
        yield packed.get(destination.compression, "The file is not compressed.")
    if destination.encryption is None:
        yield "It is not encrypted; the connection is."
        return
    signed = ", and signed with ours" if destination.encryption.sign_with else ""
    armored = " It is text (ASCII armor)." if destination.encryption.armor else ""
    yield f"It is encrypted with OpenPGP for the key that you gave us{signed}: gpg --decrypt opens it.{armored}"


def tell_companion(night: Delivery) -> Section:
    """Return what follows a file, by the example of a night's."""
    destination, title = night.destination, "What follows the file"
    if destination.companion == "none":
        whole = "" if destination.upload_mode == "direct" else " A file is whole when it has its final name."
        return Section(title, [f"Nothing.{whole}"])
    name = night.file_name + COMPANION_ENDINGS[destination.companion]
    if destination.split:
        what = f"A manifest, here {name}: a JSON object in UTF-8 that names all parts of the day."
        return Section(title, [what, _ENDS], ("name", "for example", ""), [*_list_keys(night)])
    what = {
        "done": f"An empty file, here {name}.",
        "checksum": f"Its checksum, here {name}: one line, the sha256 in hexadecimal digits, two spaces and "
        "the file's name, as sha256sum --check reads it.",
        "manifest": f"A manifest, here {name}: a JSON object in UTF-8 that holds these.",
    }[destination.companion]
    if destination.companion != "manifest":
        return Section(title, [what, _COMES])
    return Section(title, [what, _COMES], ("name", "for example", ""), [*_list_keys(night)])


def _list_keys(night: Delivery) -> Iterator[Sequence[str]]:
    more = ", supplement-1 and so on" if night.destination.late_events == "supplement" else ""
    is_split = night.destination.split is not None
    if not is_split:
        yield "file", night.file_name, "the name of its file"
    yield "event", night.event, "the kind of event"
    yield "kind", "nightly", f"or test{more}"
    yield "interval_start", write_instant(night.interval_start), "the first instant of the day, in UTC"
    yield "interval_end", write_instant(night.interval_end), "the first instant that no longer belongs to it"
    yield "rows", "1", f"how many events {'all parts hold' if is_split else 'the file holds'}"
    yield "bytes", "512", "the sum of their sizes" if is_split else "its size, as it lies there"
    if is_split:
        yield (
            "parts",
            "a list",
            "of each part, in order, its file (the name), rows, bytes and sha256, as it lies there",
        )
    else:
        yield "sha256", "64 hexadecimal digits", "its checksum, as it lies there"
    yield "columns", "a list", "the names of the columns, in order"
    yield "schema_version", "1", "another number when columns change"
    yield "sequence", "1", "in the order in which they were first made: a gap is still to come; a test has none"
