"""Where do a split file's parts and its manifest lie, and by what does the ledger know them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from event_delivery.ledger.companions import Beside, CompanionPlace
from event_delivery.sftp import Server
from event_delivery.staging import Part
from event_delivery.upload.companion import Companion, name_companions


@dataclass(frozen=True)
class Places:
    """Those of the file of this name and sha256, on this server."""

    server: Server
    file_name: str
    sha256: str

    def place_part(self, part: Part) -> CompanionPlace:
        """Return where a part is to lie."""
        return self._place(part.name, part.sha256, part.number, part.bytes)

    def place_manifest(self, manifest: Companion) -> CompanionPlace:
        """Return where the manifest is to lie."""
        return self._place(manifest.name, manifest.file.sha256, None, manifest.file.bytes)

    def name_beside(self, but: Sequence[str]) -> Beside:
        """Return what names the manifest and all parts but these."""
        where = self.server.address, self.server.path("")
        return Beside(self.file_name, name_companions(self.file_name), but, *where)

    def _place(self, name: str, sha256: str, number: int | None, size: int | None) -> CompanionPlace:
        where = (self.server.address, self.server.path(name), self.file_name, number, size)
        return CompanionPlace(self.sha256, name, sha256, *where)
