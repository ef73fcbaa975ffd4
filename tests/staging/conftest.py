"""Machines with scratch areas of their own, and one object store: a folder, or a real S3."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest


@dataclass
class Machines:
    """Two machines, of which this process is one at a time."""

    folder: Path
    environment: pytest.MonkeyPatch
    scratch: Path = Path()

    def move(self, name: str = "second") -> None:
        """Go on as the other machine."""
        self.scratch = self.folder / name
        self.environment.setenv("EVENT_DELIVERY_SCRATCH", str(self.scratch))

    def move_back(self) -> None:
        """Go on as the first machine."""
        self.move("first")


@pytest.fixture(params=["file", "s3"])
def machines(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machines:
    """Two machines and an empty store: a folder, or a prefix of a real S3's bucket."""
    url = f"file://{tmp_path}/store"
    if request.param == "s3":
        url = f"s3://staging_s3@{request.getfixturevalue('s3').bucket}/{uuid4().hex}"
    monkeypatch.setenv("EVENT_DELIVERY_STAGING", url)
    machines = Machines(tmp_path, monkeypatch)
    machines.move_back()
    return machines
