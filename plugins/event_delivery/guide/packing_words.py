"""How is a client told how its files are packed, and what follows them?"""

from __future__ import annotations

from collections.abc import Iterator

from event_delivery.destinations import Destination


def tell_packing(destination: Destination) -> Iterator[str]:
    """Yield sentences."""
    packed = {"gzip": "The file is compressed by gzip.", "zip": "The file is the one member of a ZIP archive."}
    yield packed.get(destination.compression, "The file is not compressed.")
    if destination.encryption is None:
        yield "It is not encrypted; the connection is."
        return
    signed = " and signed with ours" if destination.encryption.sign_with else ""
    yield (
        f"It is encrypted with OpenPGP for the key that you gave us{signed}: gpg --decrypt opens it. "
        f"Tell us before your key expires."
    )


def tell_companion(destination: Destination) -> Iterator[str]:
    """Yield sentences."""
    behind = "It comes when its file has its final name and is whole, and leaves before that file is replaced."
    if destination.companion == "none":
        is_direct = destination.upload_mode == "direct"
        yield "Nothing." if is_direct else "Nothing: a file is whole when it has its final name."
    elif destination.companion == "done":
        yield f"An empty file, called as the file with .done behind it. {behind}"
    elif destination.companion == "checksum":
        yield f"Its checksum, called as the file with .sha256 behind it: sha256sum --check reads it. {behind}"
    else:
        yield f"A manifest, called as the file with .manifest.json behind it. {behind}"
        yield (
            "It is JSON with file, event, kind (nightly, supplement-1, test), interval_start, "
            "interval_end, rows, bytes, sha256, columns, schema_version (another number when columns "
            "change) and sequence (deliveries are numbered; a gap is one that is still to come)."
        )
