"""Which small file follows a client's file, to tell its programs that it is whole?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from event_delivery.delivery import Delivery
from event_delivery.destinations.packing import COMPANION_ENDINGS
from event_delivery.ledger import BoundedLedger
from event_delivery.ledger.companions import number_delivery
from event_delivery.ledger.schema_versions import note_schema_version
from event_delivery.schedule import write_instant
from event_delivery.staging import Manifest, list_parts, stage_file
from event_delivery.upload.preparation import Preparation

Kind = Literal["done", "checksum", "manifest"]
STAGED_NAME = "companion"


@dataclass(frozen=True)
class Companion:
    """A companion, staged: what it is called beside its file, and its own file."""

    name: str
    file: Manifest


@dataclass(frozen=True)
class Numbers:
    """What the ledger counts: the version of the columns, and the place of a delivery; None: it has none."""

    schema_version: int = 1
    sequence: int | None = None


def name_companions(file_name: str) -> list[str]:
    """Return what the companions of a file may be called."""
    return [file_name + ending for ending in COMPANION_ENDINGS.values()]


def stage_companion(preparation: Preparation, ledger: BoundedLedger) -> Companion | None:
    """Stage what follows a delivery's file; None: nothing does. The same file has the same companion.

    Raises:
        RetryableError: the staging area cannot be written.
        LedgerError: the ledger gave no answer.
    """
    delivery, name = preparation.delivery, preparation.attempt.file_name
    kind: Kind | Literal["none"] = "manifest" if preparation.file.parts else delivery.destination.companion
    if kind == "none":
        return None
    numbers = _number(preparation, ledger) if kind == "manifest" else Numbers()
    with stage_file(delivery, STAGED_NAME) as target:  # not its own: a staged file's manifest has that
        target.write(write_companion(kind, delivery, name, preparation.file, numbers))
    return Companion(name + COMPANION_ENDINGS[kind], target.manifest(0))


def _number(preparation: Preparation, ledger: BoundedLedger) -> Numbers:
    delivery, file = preparation.delivery, preparation.file
    version = ledger.ask(note_schema_version, delivery, file.columns, file.types)
    if delivery.kind == "test":
        return Numbers(version)
    return Numbers(version, ledger.ask(number_delivery, delivery, preparation.attempt))


def write_companion(kind: Kind, delivery: Delivery, name: str, file: Manifest, numbers: Numbers) -> bytes:
    """Return what follows a delivery's file, which is called so."""
    if kind == "done":
        return b""
    if kind == "checksum":
        return f"{file.sha256}  {name}\n".encode()
    described = _describe(delivery, name, file, numbers)
    return (json.dumps(described, ensure_ascii=False, indent=2) + "\n").encode()


def _describe(delivery: Delivery, name: str, file: Manifest, numbers: Numbers) -> dict[str, Any]:
    """Return what a manifest says; docs/files.md lists it."""
    told = {
        **({} if file.parts else {"file": name}),
        "event": delivery.event,
        "kind": delivery.kind,
        "interval_start": write_instant(delivery.interval_start),
        "interval_end": write_instant(delivery.interval_end),
        "rows": file.rows,
        "bytes": file.bytes,
        **_describe_content(name, file),
        "columns": list(file.columns),
        "schema_version": numbers.schema_version,
    }
    return told if numbers.sequence is None else told | {"sequence": numbers.sequence}


def _describe_content(name: str, file: Manifest) -> dict[str, Any]:
    """Return the checksum of a file, or of a split one its parts, in order."""
    if not file.parts:
        return {"sha256": file.sha256}
    parts = list_parts(file, name)
    told = ({"file": part.name, "rows": part.rows, "bytes": part.bytes, "sha256": part.sha256} for part in parts)
    return {"parts": [*told]}
