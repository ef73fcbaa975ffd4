"""What is known of a kept file, and which ones lie in a delivery's folder?"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from event_delivery.errors import DeliveryError
from event_delivery.staging.folder import Folder, list_names, open_file
from event_delivery.staging.kept_name import KeptName, parse_kept_name
from event_delivery.staging.private_file import write_private
from event_delivery.staging.staged_file import Manifest, describe_file

MANIFEST_ENDING, IDS_ENDING = ".json", ".ids"


@dataclass(frozen=True)
class KeptFile:
    """A delivered file that is kept; `manifest.path` is where, `file_name` and `remote_path` what the client has.

    `day`: the date by which people call its interval. `delivered_at`: the last time, if it was more than once.
    `rehearsal`: it went to our own server, and no client has it.
    """

    manifest: Manifest
    client: str
    event: str
    day: str
    format: str
    file_name: str
    remote_path: str
    delivered_at: datetime
    rehearsal: bool = False

    @property
    def name(self) -> KeptName:
        """Its name in the delivery's folder."""
        return KeptName(self.delivered_at, self.manifest.sha256)


def list_kept(folder: Folder) -> list[KeptFile]:
    """Return the kept files of a delivery's open folder, the last delivered first."""
    parsed = filter(None, map(parse_kept_name, list_names(folder)))
    names = sorted((name for name, ending in parsed if not ending), reverse=True)
    return [kept for kept in (_read(folder, name) for name in names) if kept]


def write_kept_manifest(folder: Folder, kept: KeptFile) -> None:
    """Write down beside a kept file what is known of it; raises OSError."""
    with write_private(folder, f"{kept.name}{MANIFEST_ENDING}") as file:
        file.write(describe_kept(kept))


def describe_kept(kept: KeptFile) -> bytes:
    """Return what is written down of a kept file."""
    told = {"delivered_at": kept.delivered_at.isoformat(), "manifest": describe_file(kept.manifest)}
    return json.dumps(asdict(kept) | told).encode()


def _read(folder: Folder, name: KeptName) -> KeptFile | None:
    """Return what is known of a kept file; None where its manifest is gone, or another release's."""
    try:
        with open_file(folder, f"{name}{MANIFEST_ENDING}") as file:
            fields = json.loads(file.read())
        manifest = replace(Manifest(**fields.pop("manifest")), path=str(folder.path / str(name)))
        return KeptFile(**fields | {"manifest": manifest, "delivered_at": name.delivered_at})
    except (OSError, DeliveryError, ValueError, TypeError, KeyError):
        return None
