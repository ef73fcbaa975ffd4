"""Do staged events stay whole, private and for a while only?"""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from event_delivery.staging import (
    StagedGoneError,
    expire_staged,
    read_manifest,
    read_staged,
    stage_file,
    staging_folder,
    write_manifest,
)


def test_a_failed_write_leaves_nothing(staging_area, delivery):
    """A file appears whole or not at all."""

    def write_half() -> None:
        with stage_file(delivery, "events.csv") as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert list(staging_folder(delivery).iterdir()) == []


def test_a_manifest_describes_what_was_written(staging_area, delivery):
    """Bytes and checksum of the file, read back from the manifest."""
    with stage_file(delivery, "events.csv") as file:
        file.write(b"ab")
        file.write(b"c")
    write_manifest(delivery, "events.csv", file.manifest(1))
    manifest = read_manifest(delivery, "events.csv")
    assert (manifest.bytes, manifest.rows) == (3, 1)
    with read_staged(manifest) as source:
        assert source.read() == b"abc"


def test_an_expired_file_is_named_with_what_to_do(staging_area, delivery):
    """Its own error lets the task that misses it stage it again."""
    with pytest.raises(StagedGoneError, match="it has expired or lies on another worker"):
        read_manifest(delivery, "events.csv")


def test_what_was_staged_of_another_company_is_gone(staging_area, delivery):
    """A corrected company_id reaches a file that waits for its upload, too."""
    with stage_file(delivery, "events.csv") as file:
        file.write(b"ab")
    write_manifest(delivery, "events.csv", file.manifest(1))
    corrected = delivery.destination.model_copy(update={"company_id": "another"})
    with pytest.raises(StagedGoneError, match="holds events of company .*, wanted another"):
        read_manifest(replace(delivery, destination=corrected), "events.csv")


def test_old_deliveries_expire(staging_area, delivery, monkeypatch):
    """After the days of EVENT_DELIVERY_STAGING_DAYS nothing personal is left."""
    monkeypatch.setenv("EVENT_DELIVERY_STAGING_DAYS", "2")
    folder = staging_folder(delivery)
    (folder / "events.csv").write_bytes(b"x")
    os.utime(folder, (time.time() - 1.9 * 86_400,) * 2)
    expire_staged()
    assert folder.exists()
    os.utime(folder, (time.time() - 2.1 * 86_400,) * 2)
    expire_staged(now=time.time() + 3601)
    assert not folder.exists()


def test_airflow_is_told_counts_and_a_checksum_and_nothing_of_what_is_staged(staging_area, delivery):
    """A task's result is read by every viewer: no title, no column, no company."""
    with stage_file(delivery, "events.csv") as file:
        file.write(b"abc")
    manifest = file.manifest(1, profile={"top_titles": {"Safety": 1}}, columns=["id"], company_id="acme")
    path = str(staging_folder(delivery) / "events.csv")
    assert manifest.summarize() == {"path": path, "rows": 1, "bytes": 3, "sha256": manifest.sha256}
