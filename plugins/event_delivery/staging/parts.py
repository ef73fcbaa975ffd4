"""Where in a staged file do the parts lie that a client gets of it, one behind the other?"""

from __future__ import annotations

from dataclasses import dataclass

from event_delivery.destinations.file_name import name_part
from event_delivery.staging.gone import StagedGoneError
from event_delivery.staging.staged_file import Manifest


@dataclass(frozen=True)
class Part:
    """One part of a split file, a whole file of its own: number from 1, place and size in bytes."""

    number: int
    name: str
    offset: int
    rows: int
    bytes: int
    sha256: str


def list_parts(manifest: Manifest, file_name: str) -> list[Part]:
    """Return the parts of a split file, which is called so, in order; none: it is not split.

    Raises:
        StagedGoneError: they are not all of the file, so no manifest of ours says that.
    """
    parts, offset = list[Part](), 0
    for number, (rows, size, sha256) in enumerate(manifest.parts, 1):
        name = name_part(file_name, manifest.part_tail, number)
        parts.append(Part(number, name, offset, rows, size, sha256))
        offset += size
    if parts and (offset, sum(part.rows for part in parts)) != (manifest.bytes, manifest.rows):
        raise StagedGoneError(f"{manifest.path} has {manifest.bytes} bytes, its parts {offset}.")
    return parts
