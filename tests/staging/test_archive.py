"""What was delivered is kept for `keep_days`, whatever becomes of what is staged, and then goes."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest

from event_delivery.delivery import Delivery
from event_delivery.staging import (
    Manifest,
    StagedGoneError,
    expire_staged,
    keep_delivered,
    read_kept,
    stage_file,
    staging_folder,
)
from event_delivery.staging import archive as archive_module

DAY = 86_400


def stage(delivery: Delivery, content: bytes) -> Manifest:
    """Stage a delivery file."""
    with stage_file(delivery, delivery.file_name) as file:
        file.write(content)
    return file.manifest(1)


def read(delivery: Delivery, manifest: Manifest) -> bytes:
    with read_kept(delivery, manifest.sha256) as file:
        return file.read()


def age(folder: Path, days: float) -> None:
    """Let a folder and its files be as old as that."""
    for path in [*folder.iterdir(), folder]:
        os.utime(path, (time.time() - days * DAY,) * 2)


@pytest.fixture
def destinations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with acme's YAML, which says nothing of how long files are kept."""
    folder = tmp_path / "destinations"
    folder.mkdir()
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))
    write(folder)
    return folder


def write(folder: Path, more: str = "") -> None:
    (folder / "acme.yaml").write_text(f"client: Acme\ncompany_id: 3aabdfb8-3891-5011-ad35-8e2351c5fdaf\n{more}")


def test_what_was_delivered_survives_what_is_staged_anew(staging_area, delivery):
    """A redelivery that never comes to its end has changed nothing of what the client has."""
    first = stage(delivery, b"first")
    keep_delivered(delivery, first)
    stage(delivery, b"second")
    assert read(delivery, first) == b"first"


def test_a_redelivery_takes_the_place_of_what_was_kept(staging_area, delivery):
    """One file is kept of a delivery: the one that the client has."""
    first = stage(delivery, b"first")
    keep_delivered(delivery, first)
    second = stage(delivery, b"second")
    keep_delivered(delivery, second)
    assert read(delivery, second) == b"second"
    with pytest.raises(StagedGoneError):
        read(delivery, first)
    names = [path.name for path in staging_folder(delivery).iterdir() if path.name != delivery.file_name]
    assert [name[:5] for name in names] == ["kept-"]


@pytest.mark.parametrize("links", [True, False])
def test_a_kept_file_is_for_our_eyes_only(staging_area, delivery, monkeypatch, links):
    """Also on a disk that knows no second names: then it is a copy."""
    if not links:

        def refuse(*args: object, **kwargs: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(archive_module.os, "link", refuse)
    manifest = stage(delivery, b"content")
    keep_delivered(delivery, manifest)
    keep_delivered(delivery, manifest)
    (kept,) = staging_folder(delivery).glob("kept-*")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert read(delivery, manifest) == b"content"
    assert not list(staging_folder(delivery).glob(".*"))


def test_a_kept_file_that_is_another_one_is_not_read(staging_area, delivery):
    """Its sha256 is proven each time."""
    manifest = stage(delivery, b"content")
    keep_delivered(delivery, manifest)
    (kept,) = staging_folder(delivery).glob("kept-*")
    kept.write_bytes(b"other")
    with pytest.raises(StagedGoneError, match="is not what was staged"):
        read(delivery, manifest)


def test_a_delivered_file_outlives_what_was_staged_with_it(staging_area, delivery, destinations):
    """What was staged goes after a week, the delivered file after 30 days, and its folder with it."""
    manifest = stage(delivery, b"content")
    keep_delivered(delivery, manifest)
    folder = staging_folder(delivery)
    age(folder, 29)
    expire_staged()
    assert [path.name[:5] for path in folder.iterdir()] == ["kept-"]
    assert read(delivery, manifest) == b"content"
    expire_staged(now=time.time() + 2 * DAY)
    assert not folder.exists()


CASES = [
    ("keep_days: 90", 89, True),
    ("keep_days: 90", 91, False),
    ("keep_days: 0", 1, False),
    ("keep_days: 2", 3, False),
]


@pytest.mark.parametrize(("fields", "days", "stays"), CASES)
def test_each_destination_says_how_long(staging_area, delivery, destinations, fields, days, stays):
    """By its YAML as it is today, also for what was delivered before."""
    write(destinations, fields)
    keep_delivered(delivery, stage(delivery, b"content"))
    age(staging_folder(delivery), days)
    folder = staging_area / "acme" / delivery.key
    expire_staged()
    assert bool(list(folder.glob("kept-*"))) == stays


def test_what_is_being_delivered_stays_when_an_old_kept_file_goes(staging_area, delivery, destinations):
    """The day is being delivered again: only what it replaces is too old."""
    write(destinations, "keep_days: 1")
    keep_delivered(delivery, stage(delivery, b"first"))
    folder = staging_folder(delivery)
    (kept,) = folder.glob("kept-*")
    os.utime(kept, (time.time() - 3 * DAY,) * 2)
    stage(delivery, b"second")
    expire_staged()
    assert [path.name for path in folder.iterdir()] == [delivery.file_name]


def test_a_mistake_in_the_yaml_deletes_nothing_that_was_kept(staging_area, delivery, destinations):
    """A quarantined destination's archive waits for its cure; a removed destination's goes after 30 days."""
    keep_delivered(delivery, stage(delivery, b"content"))
    folder = staging_folder(delivery)
    age(folder, 300)
    (destinations / "acme.yaml").write_text("client: [")
    expire_staged()
    assert list(folder.glob("kept-*"))
    (destinations / "acme.yaml").unlink()
    expire_staged()
    assert not folder.exists()


def test_supplements_are_kept_beside_their_night(staging_area, delivery, destinations):
    """Each in the folder of its own delivery, which is one of ours to expire."""
    supplement = replace(delivery, kind="supplement-12")
    manifest = stage(supplement, b"late")
    keep_delivered(supplement, manifest)
    assert read(supplement, manifest) == b"late"
    age(staging_folder(supplement), 31)
    expire_staged()
    assert not (staging_area / "acme" / supplement.key).exists()
