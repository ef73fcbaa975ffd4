"""What does one task tell the next of a staged file?"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

from event_delivery.delivery import Delivery
from event_delivery.staging.proven_file import StagedGoneError, open_staged
from event_delivery.staging.staged_file import Manifest, path_of_staged, stage_file


def write_manifest(delivery: Delivery, name: str, manifest: Manifest) -> Manifest:
    """Record a staged file, of the delivery's company, as fit for the next task; returns the manifest."""
    manifest = replace(manifest, company_id=str(delivery.destination.company_id))
    with stage_file(delivery, _name_manifest(name)) as file:
        file.write(json.dumps(asdict(manifest)).encode())
    return manifest


def read_manifest(delivery: Delivery, name: str) -> Manifest:
    """Return what an earlier task recorded; the file is the delivery's own, whatever path was recorded.

    Raises:
        StagedGoneError: nothing is recorded: not staged yet, expired, or on another worker; or it is no manifest;
            or it is of another company than the destination's YAML names now.
    """
    path = path_of_staged(delivery, _name_manifest(name))
    try:
        with open_staged(path) as file:
            manifest = Manifest(**json.loads(file.read()))
    except (ValueError, TypeError):
        raise StagedGoneError(f"{path} is no manifest that this release wrote.") from None
    company = str(delivery.destination.company_id)
    if manifest.company_id not in ("", company):
        raise StagedGoneError(f"{manifest.path} holds events of company {manifest.company_id}, wanted {company}.")
    return replace(manifest, path=str(path_of_staged(delivery, name)))


def check_staged(delivery: Delivery, name: str) -> Manifest:
    """Return what an earlier task recorded of a file, if that lies there with all its bytes.

    Raises:
        StagedGoneError: nothing is recorded, or the file is not there or of another size.
    """
    manifest = read_manifest(delivery, name)
    with open_staged(Path(manifest.path)) as file:
        found = os.fstat(file.fileno()).st_size
    if found != manifest.bytes:
        raise StagedGoneError(f"{manifest.path} has {found} bytes, wanted {manifest.bytes}.")
    return manifest


def _name_manifest(name: str) -> str:
    return f"{name}.manifest.json"
