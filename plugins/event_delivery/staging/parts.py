"""Where in a staged file do the parts lie that a client gets of it, one behind the other?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from event_delivery.destinations.file_name import name_part
from event_delivery.staging.gone import StagedGoneError
from event_delivery.staging.staged_file import Manifest

_TAIL, _SHA256 = re.compile(r"[A-Za-z0-9_.,+=@()~ -]{1,150}"), re.compile(r"[0-9a-f]{64}")


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

    Others may write to an object store, too: names become paths on the client's server.

    Raises:
        StagedGoneError: they are not the whole file, or have other names, so no manifest of ours says that.
    """
    parts, offset = list[Part](), 0
    for number, (rows, size, sha256) in enumerate(manifest.parts, 1):
        name = name_part(file_name, manifest.part_tail, number)
        parts.append(Part(number, name, offset, rows, size, sha256))
        offset += size
    is_all = (offset, sum(part.rows for part in parts)) == (manifest.bytes, manifest.rows)
    is_ours = _TAIL.fullmatch(manifest.part_tail) and all(map(_is_ours, parts))
    if parts and not (is_all and is_ours):
        raise StagedGoneError(f"{manifest.path} is not what the parts are that are noted of it.")
    return parts


def _is_ours(part: Part) -> bool:
    return part.rows >= 0 and part.bytes >= 0 and _SHA256.fullmatch(part.sha256) is not None
