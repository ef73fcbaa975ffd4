"""What is transferred of a split file, of each part and its manifest, and what lies there from before?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from event_delivery.staging import Part
from event_delivery.upload.companion import Companion
from event_delivery.upload.preparation import Preparation
from event_delivery.upload.protocol import Reached, Transfer
from event_delivery.upload.transferred import name_on_its_way


def describe_manifest(transfer: Transfer, manifest: Companion, found: Reached | None, anew: bool) -> Transfer:
    """Return the transfer of a whole delivery as that of its manifest.

    `found`: how far this very manifest came; `anew`: that counts for nothing.
    """
    reached = transfer.reached if transfer.forgotten else found
    file = manifest.file
    return replace(
        transfer,
        local_path=Path(file.path),
        bytes=file.bytes,
        sha256=file.sha256,
        reached=None if anew else reached,
    )


def describe_part(
    preparation: Preparation, transfer: Transfer, part: Part, path: str, found: Reached | None
) -> Transfer:
    """Return a part's transfer: as that of its manifest, with what is known of its own steps."""
    temporary, leftovers = name_on_its_way(preparation, path, transfer.direct)
    return replace(
        transfer,
        local_path=Path(preparation.file.path),
        is_part=True,
        offset=part.offset,
        bytes=part.bytes,
        sha256=part.sha256,
        remote_path=path,
        temporary_path=temporary,
        leftover_paths=leftovers,
        reached=transfer.reached if transfer.forgotten else found,
    )
