"""Is what was delivered kept byte for byte, and given back only when it is that?"""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from event_delivery.delivery import delivery_of_test_file
from event_delivery.staging import (
    StagedGoneError,
    find_kept,
    keep_delivered,
    read_kept,
    stage_file,
    staging_folder,
    write_manifest,
)

NIGHT = datetime(2026, 3, 10, 6, 0, 5, tzinfo=UTC)


def stage(delivery, content=b"abc"):
    with stage_file(delivery, delivery.file_name) as file:
        file.write(content)
    return write_manifest(delivery, delivery.file_name, file.manifest(1, columns=["id"]))


def read(delivery, sha256):
    with read_kept(delivery, sha256) as file:
        return file.read()


def kept_names(delivery):
    return sorted(path.name for path in staging_folder(delivery).glob("kept-*"))


def test_a_delivered_file_is_kept_with_what_it_was(staging_area, delivery):
    """Bytes, counts, name, remote path and moment are found again; nobody else may read it."""
    manifest = stage(delivery)
    keep_delivered(delivery, manifest, "as-recorded.json", "/in/as-recorded.json", NIGHT)
    [kept] = find_kept(delivery)
    assert (kept.file_name, kept.remote_path) == ("as-recorded.json", "/in/as-recorded.json")
    assert (kept.delivered_at, kept.day, kept.format) == (NIGHT, "2026-03-09", "json")
    assert (kept.manifest.rows, kept.manifest.bytes, kept.manifest.sha256) == (1, 3, manifest.sha256)
    assert (list(kept.manifest.columns), kept.manifest.company_id) == (["id"], delivery.destination.company_id)
    assert read(delivery, manifest.sha256) == b"abc"
    assert {path.stat().st_mode & 0o777 for path in staging_folder(delivery).iterdir()} == {0o600}


def test_what_is_staged_later_leaves_the_kept_file_as_it_is(staging_area, delivery):
    """A redelivery with late events replaces the staged file, and both that the client has had are kept."""
    first = stage(delivery)
    keep_delivered(delivery, first, delivery.file_name, at=NIGHT)
    second = stage(delivery, b"abcd")
    keep_delivered(delivery, second, delivery.file_name, at=NIGHT + timedelta(hours=9))
    assert [kept.manifest.sha256 for kept in find_kept(delivery)] == [second.sha256, first.sha256]
    assert (read(delivery, first.sha256), read(delivery, second.sha256)) == (b"abc", b"abcd")


def test_a_kept_file_costs_no_second_copy(staging_area, delivery):
    """It is the staged file under a second name."""
    manifest = stage(delivery)
    keep_delivered(delivery, manifest, delivery.file_name)
    assert Path(manifest.path).stat().st_nlink == 2


def test_the_same_bytes_delivered_again_are_kept_once_from_then_on(staging_area, delivery):
    """What lies beside them under their name goes along."""
    manifest = stage(delivery)
    keep_delivered(delivery, manifest, delivery.file_name, at=NIGHT)
    [kept] = find_kept(delivery)
    Path(f"{kept.manifest.path}.ids").write_bytes(b"ids")
    keep_delivered(delivery, manifest, delivery.file_name, at=NIGHT + timedelta(days=3))
    keep_delivered(delivery, manifest, delivery.file_name, at=NIGHT + timedelta(days=3))
    [kept] = find_kept(delivery)
    assert kept.delivered_at == NIGHT + timedelta(days=3)
    assert len(kept_names(delivery)) == 3
    assert Path(f"{kept.manifest.path}.ids").read_bytes() == b"ids"


def test_without_hard_links_the_staged_file_itself_is_kept(staging_area, delivery, monkeypatch):
    """Such a file system has the bytes once all the same; a clear stages them again."""

    def refuse(*_args, **_kwargs):
        raise PermissionError(1, "Operation not permitted")

    manifest = stage(delivery)
    monkeypatch.setattr(os, "link", refuse)
    keep_delivered(delivery, manifest, delivery.file_name)
    assert read(delivery, manifest.sha256) == b"abc"
    assert not Path(manifest.path).exists()


def test_test_files_and_destinations_without_days_are_not_kept(staging_area, delivery):
    """`keep_days: 0` keeps nothing."""
    none = replace(delivery, destination=delivery.destination.model_copy(update={"keep_days": 0}))
    sample = delivery_of_test_file(delivery.destination, delivery.event, NIGHT)
    for each in (none, sample):
        keep_delivered(each, stage(each), each.file_name)
        assert find_kept(each) == []


def test_what_hinders_keeping_is_said_and_fails_nothing(staging_area, delivery, caplog):
    """The file is delivered: a missing or exchanged staged file is a warning."""
    manifest = stage(delivery)
    stage(delivery, b"longer")
    with caplog.at_level(logging.WARNING):
        keep_delivered(delivery, manifest, "acme.json")
        Path(manifest.path).unlink()
        keep_delivered(delivery, manifest, "acme.json")
        keep_delivered(replace(delivery, interval_end=None), manifest, "beta.json")
    assert find_kept(delivery) == []
    assert "beta.json is delivered, and not kept for 30 days: Unexpected " in caplog.text
    assert "acme.json is delivered, and not kept for 30 days: " in caplog.text
    assert "is not the file that was sent" in caplog.text
    assert "No such file" in caplog.text


def test_other_bytes_than_were_delivered_are_never_given_back(staging_area, delivery):
    """A damaged file, a link in its place and one that was never kept are told apart from the right one."""
    manifest = stage(delivery)
    keep_delivered(delivery, manifest, delivery.file_name)
    path = Path(find_kept(delivery)[0].manifest.path)
    path.write_bytes(b"abd")
    with pytest.raises(StagedGoneError, match="is not what was staged"):
        read(delivery, manifest.sha256)
    path.rename(staging_area / "elsewhere")
    path.symlink_to(staging_area / "elsewhere")
    with pytest.raises(StagedGoneError, match="is no file of user"):
        read(delivery, manifest.sha256)
    with pytest.raises(
        StagedGoneError, match=r"acme, courseCompletion of 2026-03-09: no delivered file of sha256"
    ):
        read(delivery, "0" * 64)


def test_a_kept_file_without_its_manifest_is_not_found(staging_area, delivery):
    """Of which company and format it was, nobody can tell."""
    manifest = stage(delivery)
    keep_delivered(delivery, manifest, delivery.file_name)
    (staging_folder(delivery) / f"{kept_names(delivery)[0]}.json").write_text("[]")
    assert find_kept(delivery) == []


def test_where_nothing_is_staged_nothing_is_kept(staging_area, delivery):
    """Looking makes no folder."""
    assert find_kept(delivery) == []
    assert not staging_area.exists()
