"""What does one task tell the next of a staged file?"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

from event_delivery.delivery import Delivery
from event_delivery.staging.area import staging_folder
from event_delivery.staging.staged_file import Manifest, StagedGoneError, explain_gone, stage_file


def write_manifest(delivery: Delivery, name: str, manifest: Manifest) -> Manifest:
    """Record a staged file, of the delivery's company, as fit for the next task; returns the manifest."""
    manifest = replace(manifest, company_id=str(delivery.destination.company_id))
    with stage_file(delivery, f"{name}.manifest.json") as file:
        file.write(json.dumps(asdict(manifest)).encode())
    return manifest


def read_manifest(delivery: Delivery, name: str) -> Manifest:
    """Return what an earlier task recorded.

    Raises:
        StagedGoneError: nothing is recorded: not staged yet, expired, or on another worker; or it is of another
            company than the destination's YAML names now.
    """
    path = staging_folder(delivery) / f"{name}.manifest.json"
    try:
        fields = json.loads(path.read_text())
    except FileNotFoundError:
        raise explain_gone(str(path)) from None
    manifest, company = Manifest(**fields), str(delivery.destination.company_id)
    if manifest.company_id not in ("", company):
        raise StagedGoneError(f"{manifest.path} holds events of company {manifest.company_id}, wanted {company}.")
    return manifest


def check_staged(delivery: Delivery, name: str) -> Manifest:
    """Return what an earlier task recorded of a file, if that lies there with all its bytes.

    Raises:
        StagedGoneError: nothing is recorded, or the file is not there or of another size.
    """
    manifest = read_manifest(delivery, name)
    path = Path(manifest.path)
    if not path.is_file():
        raise explain_gone(manifest.path)
    if path.stat().st_size != manifest.bytes:
        raise StagedGoneError(f"{path} has {path.stat().st_size} bytes, wanted {manifest.bytes}.")
    return manifest
