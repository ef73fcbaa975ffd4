"""Machines with scratch areas of their own, and one store: a folder, and a real S3 where one is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest

from local_servers.s3_server import S3Server, find_weed, make_bucket, running_s3

HAS_S3 = find_weed() is not None and importlib.util.find_spec("s3fs") is not None


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A real S3 with a bucket."""
    with TemporaryDirectory(prefix="s3-") as folder, running_s3(Path(folder)) as server:
        make_bucket(server)
        yield server


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """A real S3, known to Airflow as `staging_s3`, whose user has the least rights."""
    monkeypatch.setenv("AIRFLOW_CONN_STAGING_S3", s3_server.connection_uri())
    return s3_server


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


@pytest.fixture(params=["file", *(["s3"] if HAS_S3 else [])])
def machines(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machines:
    """Two machines and an empty store: a folder, or a prefix of a real S3's bucket."""
    url = f"file://{tmp_path}/store"
    if request.param == "s3":
        url = f"s3://staging_s3@{request.getfixturevalue('s3').bucket}/{uuid4().hex}"
    monkeypatch.setenv("EVENT_DELIVERY_STAGING", url)
    machines = Machines(tmp_path, monkeypatch)
    machines.move_back()
    return machines
