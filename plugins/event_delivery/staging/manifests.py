"""What does one task tell the next of a staged file?"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

from event_delivery.delivery import Delivery
from event_delivery.staging.fetching import fetch_staged
from event_delivery.staging.gone import StagedGoneError
from event_delivery.staging.outdated import forget_others, forget_others_stored
from event_delivery.staging.proven_file import open_staged
from event_delivery.staging.staged_file import Manifest, describe_file, path_of_staged, stage_file
from event_delivery.staging.store import MANIFEST, open_store
from event_delivery.staging.stored_manifests import read_stored_manifest, write_stored_manifest


def write_manifest(delivery: Delivery, name: str, manifest: Manifest) -> Manifest:
    """Record a staged file, of the delivery's company, as fit for the next task; returns the manifest.

    What was staged under names that its destination gives no more counts for nothing from now on.

    Into an object store the file itself goes here, and what is known of it after it.

    Raises:
        RetryableError: it cannot be written, or the store does not take it.
    """
    manifest = replace(manifest, company_id=str(delivery.destination.company_id))
    names = (name, delivery.staged_name, delivery.file_name)
    if store := open_store():
        forget_others_stored(store, delivery, names)
        return write_stored_manifest(store, delivery, name, manifest)
    forget_others(delivery, names)
    with stage_file(delivery, _name_manifest(name)) as file:
        file.write(json.dumps(describe_file(manifest)).encode())
    return manifest


def read_manifest(delivery: Delivery, name: str) -> Manifest:
    """Return what an earlier task recorded; the file is the delivery's own, whatever path was recorded.

    Raises:
        StagedGoneError: nothing is recorded: not staged yet, expired, or on another worker; or it is no manifest;
            or it is of another company than the destination's YAML names now.
    """
    store = open_store()
    manifest = read_stored_manifest(store, delivery, name) if store else _read_local(delivery, name)
    company = str(delivery.destination.company_id)
    if manifest.company_id not in ("", company):
        raise StagedGoneError(f"{manifest.path} holds events of company {manifest.company_id}, wanted {company}.")
    return manifest


def check_staged(delivery: Delivery, name: str) -> Manifest:
    """Return what an earlier task recorded of a file, if that lies there with all its bytes; it is fetched.

    Raises:
        StagedGoneError: nothing is recorded, or the file is not there or of another size.
    """
    manifest = read_manifest(delivery, name)
    fetch_staged(manifest)
    with open_staged(Path(manifest.path)) as file:
        found = os.fstat(file.fileno()).st_size
    if found != manifest.bytes:
        raise StagedGoneError(f"{manifest.path} has {found} bytes, wanted {manifest.bytes}.")
    return manifest


def _read_local(delivery: Delivery, name: str) -> Manifest:
    path = path_of_staged(delivery, _name_manifest(name))
    try:
        with open_staged(path) as file:
            manifest = Manifest(**json.loads(file.read()))
    except (ValueError, TypeError):
        raise StagedGoneError(f"{path} is no manifest that this release wrote.") from None
    return replace(manifest, path=str(path_of_staged(delivery, name)))


def _name_manifest(name: str) -> str:
    return f"{name}{MANIFEST}"
