"""Can one client's huge day fill the disk that all share?"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from event_delivery.errors import PermanentError, RetryableError
from event_delivery.staging import stage_file, staging_folder

BLOCK = bytes(1 << 20)
DELIVERY_FILE = "events-of-acme.csv"


def stage(delivery, name: str, blocks: int) -> None:
    with stage_file(delivery, name) as file:
        for _ in range(blocks):
            file.write(BLOCK)


@pytest.fixture
def small_disk(tmp_path, monkeypatch, give_up) -> Iterator[Path]:
    """A disk of 32 MiB, really full at its end: to mount one takes root's rights."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "staging", str(disk)], check=False)
    if mounted.returncode:
        give_up("not run here: a disk that runs full (run the tests as root)")
    monkeypatch.setenv("EVENT_DELIVERY_STAGING", str(disk / "staging"))
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_file_larger_than_the_quota_is_refused_for_good(staging_area, delivery, monkeypatch):
    """The same bytes would come again; nothing is left of them."""
    monkeypatch.setenv("EVENT_DELIVERY_STAGING_QUOTA", "2 MiB")
    stage(delivery, DELIVERY_FILE, 2)
    wanted = rf"acme, staged file {DELIVERY_FILE}: more than 2,097,152 bytes.*EVENT_DELIVERY_STAGING_QUOTA"
    with pytest.raises(PermanentError, match=wanted):
        stage(delivery, DELIVERY_FILE, 3)
    [kept] = staging_folder(delivery).iterdir()
    assert kept.stat().st_size == 2 << 20


@pytest.mark.parametrize("variable", ["EVENT_DELIVERY_STAGING_QUOTA", "EVENT_DELIVERY_STAGING_FREE"])
@pytest.mark.parametrize("text", ["-1", "much", "1.5", "2 XB", "nan"])
def test_what_is_no_number_of_bytes_is_refused(staging_area, delivery, monkeypatch, variable, text):
    """A limit that nobody can read is none."""
    monkeypatch.setenv(variable, text)
    with pytest.raises(PermanentError, match=f"{variable}: found '{text}', wanted a number of bytes"):
        stage(delivery, DELIVERY_FILE, 1)


def test_a_huge_file_ends_before_the_space_that_is_kept_for_others(staging_area, delivery, monkeypatch):
    """Small ones still find room in the reserve; time may help the huge one."""
    monkeypatch.setenv("EVENT_DELIVERY_STAGING_FREE", "900000T")
    wanted = r"acme, staged file .*: after 8,388,608 bytes only .* are free .*EVENT_DELIVERY_STAGING_FREE"
    with pytest.raises(RetryableError, match=wanted):
        stage(delivery, DELIVERY_FILE, 8)
    assert list(staging_folder(delivery).iterdir()) == []
    stage(delivery, DELIVERY_FILE, 7)


def test_a_huge_day_leaves_a_full_disk_to_nobody(small_disk, delivery):
    """Staged events take half of what is free, a delivery file all but the reserve (by itself a twentieth)."""
    with pytest.raises(RetryableError, match="half of what was free on the staging area's disk"):
        stage(delivery, delivery.staged_name, 40)
    with pytest.raises(RetryableError, match=r"1,677,721 are kept for others \(EVENT_DELIVERY_STAGING_FREE\)"):
        stage(delivery, DELIVERY_FILE, 40)
    assert os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize > 31 << 20


def test_a_full_disk_is_told_as_such(small_disk, delivery, monkeypatch):
    """Where no space is kept for others; what was written of the file is removed."""
    monkeypatch.setenv("EVENT_DELIVERY_STAGING_FREE", "0")
    with pytest.raises(RetryableError, match=r"acme, staged file .*: the disk of .* is full \(No space left"):
        stage(delivery, DELIVERY_FILE, 40)
    assert list(staging_folder(delivery).iterdir()) == []
