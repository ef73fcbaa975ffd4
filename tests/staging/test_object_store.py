"""Is an object store as good as a folder: nothing half there, nothing served that was removed?

Each test is two machines with scratch areas of their own, and one store: a folder, and a real S3 where that is
installed (docs/object-store.md).
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from event_delivery.errors import PermanentError, RetryableError
from event_delivery.staging import (
    Column,
    StagedGoneError,
    check_staged,
    expire_staged,
    find_kept,
    find_kept_of_night,
    keep_columns,
    keep_delivered,
    open_staged,
    read_kept,
    read_kept_columns,
    read_manifest,
    read_staged,
    stage_file,
    walk_kept,
    write_manifest,
)
from event_delivery.staging.__main__ import main as expire_main
from event_delivery.staging.store import open_store
from event_delivery.staging.store_probe import probe_store

NIGHT = datetime.now(UTC) - timedelta(hours=1)


def stage(delivery, content=b"abc", name=None):
    name = name or delivery.file_name
    with stage_file(delivery, name) as file:
        file.write(content)
    return write_manifest(delivery, name, file.manifest(1, columns=["id"]))


def keys(folder=""):
    return [each.key for each in open_store().list_objects(folder)]


def read(manifest):
    with read_staged(manifest) as file:
        return file.read()


def test_what_one_machine_stages_another_reads(machines, delivery):
    """The manifest leads to the file, which is fetched, private, and proven."""
    staged = stage(delivery)
    machines.move()
    found = read_manifest(delivery, delivery.file_name)
    assert replace(found, path="", columns=(), types=(), parts=()) == replace(
        staged, path="", columns=(), types=(), parts=()
    )
    assert read(found) == b"abc"
    assert Path(found.path).is_relative_to(machines.scratch)
    assert Path(found.path).stat().st_mode & 0o777 == 0o600
    check_staged(delivery, delivery.file_name)
    with open_staged(Path(found.path)) as file:
        assert file.read() == b"abc"


def test_a_probe_leaves_nothing_behind(machines, delivery):
    """Nor does it touch what is staged, or stand among the destinations."""
    staged = stage(delivery)
    before = keys()
    probe_store(open_store())
    assert keys() == before
    assert read(staged) == b"abc"


def test_airflow_is_told_the_key(machines, delivery):
    """A path of one worker's disk means nothing on another."""
    staged = stage(delivery)
    name = f"{delivery.file_name}.{staged.sha256}"
    assert staged.summarize()["path"] == f"staged/acme/{delivery.key}/{name}"
    assert keys() == sorted([staged.stored, f"staged/acme/{delivery.key}/{delivery.file_name}.manifest.json"])


def test_no_event_and_many_blocks_come_through(machines, delivery, monkeypatch):
    """From nothing to more than one block."""
    monkeypatch.setattr("event_delivery.staging.fetching.STORE_BLOCK_BYTES", 1000)
    contents = [b"", b"x" * 1000, os.urandom(4321)]
    for content in contents:
        stage(delivery, content)
        machines.move()
        assert read(read_manifest(delivery, delivery.file_name)) == content


def test_killed_between_file_and_manifest_it_is_staged_again(machines, delivery, monkeypatch):
    """Nothing leads to it until it is whole, and then it is the same object."""
    bucket = type(open_store())
    with monkeypatch.context() as patch:
        patch.setattr(bucket, "write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            stage(delivery)
    machines.move()
    with pytest.raises(StagedGoneError, match="is not there"):
        read_manifest(delivery, delivery.file_name)
    assert len(keys()) == 1
    stage(delivery)
    assert len(keys()) == 2


def test_two_workers_that_stage_other_bytes_do_not_fight(machines, delivery):
    """Each file has its key, and the last manifest counts, also where the one before has a file of that size."""
    first = stage(delivery, b"abc")
    machines.move()
    second = stage(delivery, b"xyz")
    machines.move_back()
    assert read(read_manifest(delivery, delivery.file_name)) == b"xyz"
    assert read(first) == b"abc"
    assert {first.stored, second.stored} < set(keys())


@pytest.mark.parametrize("content", [b"ab", b"abX", b""])
def test_what_was_changed_in_the_store_is_gone(machines, delivery, content):
    """A truncated or changed object is staged again, and the new one has its place."""
    staged = stage(delivery)
    open_store().write(staged.stored, content)
    machines.move()
    with pytest.raises(StagedGoneError, match="is not what was staged"):
        check_staged(delivery, delivery.file_name)
    assert not [path for path in machines.scratch.rglob("*") if path.is_file() and not path.name.startswith(".")]
    stage(delivery)
    machines.move()
    assert read(read_manifest(delivery, delivery.file_name)) == b"abc"


@pytest.mark.parametrize(
    "change", [{"sha256": "../../outside"}, {"sha256": None}, {"bytes": "3"}, {"bytes": -1}, {"unknown": 1}]
)
def test_a_manifest_that_is_none_of_ours_leads_nowhere(machines, delivery, change):
    """Others may write to a bucket: what they say becomes no path."""
    stage(delivery)
    key = f"staged/acme/{delivery.key}/{delivery.file_name}.manifest.json"
    fields = json.loads(open_store().read_block(key, 0, 10_000))
    open_store().write(key, json.dumps(fields | change).encode())
    with pytest.raises(StagedGoneError, match="is no manifest that this release wrote"):
        read_manifest(delivery, delivery.file_name)


def test_what_is_damaged_in_the_scratch_area_is_fetched_again(machines, delivery):
    """Whoever reads it proves it."""
    staged = stage(delivery)
    Path(staged.path).write_bytes(b"xyz")
    with pytest.raises(RetryableError, match="has other bytes, and was removed. The next try fetches it again"):
        read(staged)
    assert read(staged) == b"abc"


def test_what_expired_in_the_store_is_not_served_from_a_scratch_area(machines, delivery):
    """The bucket is the truth."""
    stage(delivery)
    machines.move()
    check_staged(delivery, delivery.file_name)
    machines.move_back()
    assert len(expire_staged(now=time.time() + 8 * 86_400)) >= 2
    assert keys() == []
    machines.move()
    with pytest.raises(StagedGoneError):
        check_staged(delivery, delivery.file_name)


def test_expiry_names_what_it_would_delete_and_leaves_what_is_not_ours(machines, delivery, capsys):
    """With a dry run nothing leaves; another's object below the prefix never does."""
    stage(delivery)
    open_store().write("staged/acme/notes/x.txt", b"theirs")
    open_store().write("other/acme/x.txt", b"theirs")
    later = time.time() + 8 * 86_400
    named = expire_staged(now=later, dry_run=True)
    assert delivery.file_name in "\n".join(map(str, named))
    assert len(keys()) == 4
    assert expire_main(["expire", "--dry-run", "--ahead", "8"]) == 0
    assert f"acme, {delivery.key}/{delivery.file_name}.manifest.json" in capsys.readouterr().out
    expire_staged(now=later)
    assert keys() == ["other/acme/x.txt", "staged/acme/notes/x.txt"]


def test_nothing_leaves_before_its_days(machines, delivery, monkeypatch):
    """EVENT_DELIVERY_STAGING_DAYS counts in the store, a day in the scratch area."""
    monkeypatch.setenv("EVENT_DELIVERY_STAGING_DAYS", "2")
    staged = stage(delivery)
    expire_staged(now=time.time() + 1.5 * 86_400)
    assert len(keys()) == 2
    assert not Path(staged.path).exists()
    assert read(read_manifest(delivery, delivery.file_name)) == b"abc"
    expire_staged(now=time.time() + 2.5 * 86_400)
    assert keys() == []


def test_a_delivered_file_is_kept_and_given_back_elsewhere(machines, delivery):
    """Bytes, counts, name, remote path and moment, from any machine."""
    staged = stage(delivery)
    keep_delivered(delivery, staged, "as-recorded.json", "/in/as-recorded.json", NIGHT)
    machines.move()
    [kept] = find_kept(delivery)
    assert (kept.file_name, kept.remote_path, kept.delivered_at) == (
        "as-recorded.json",
        "/in/as-recorded.json",
        NIGHT,
    )
    assert (kept.manifest.rows, kept.manifest.bytes, kept.manifest.sha256) == (1, 3, staged.sha256)
    with read_kept(delivery, staged.sha256) as file:
        assert file.read() == b"abc"
    assert find_kept_of_night(delivery) == {0: [kept]}
    assert list(walk_kept(lambda *_: None)) == [("acme", delivery.key, [kept])]
    with pytest.raises(StagedGoneError, match="no delivered file of sha256"), read_kept(delivery, "0" * 64):
        pass


def test_the_same_bytes_delivered_again_are_kept_once(machines, delivery):
    """Under their new moment; other bytes are kept besides."""
    staged = stage(delivery)
    keep_delivered(delivery, staged, delivery.file_name, at=NIGHT)
    keep_delivered(delivery, staged, delivery.file_name, at=NIGHT + timedelta(minutes=3))
    keep_delivered(delivery, staged, delivery.file_name, at=NIGHT + timedelta(minutes=3))
    other = stage(delivery, b"abcd")
    keep_delivered(delivery, other, delivery.file_name, at=NIGHT + timedelta(minutes=5))
    assert [kept.manifest.sha256 for kept in find_kept(delivery)] == [other.sha256, staged.sha256]
    assert len(keys("kept")) == 4


def test_a_rehearsal_does_not_rename_what_a_client_has(machines, delivery):
    """That would be forgotten."""
    staged = stage(delivery)
    keep_delivered(delivery, staged, delivery.file_name, at=NIGHT)
    keep_delivered(delivery, staged, delivery.file_name, at=NIGHT + timedelta(minutes=3), rehearsal=True)
    [kept] = find_kept(delivery)
    assert (kept.delivered_at, kept.rehearsal) == (NIGHT, False)


def test_kept_files_leave_after_keep_days_and_outlive_what_was_staged(machines, delivery):
    """By the moment in the name, and what leads to them first."""
    keep_delivered(delivery, stage(delivery), delivery.file_name, at=NIGHT)
    expire_staged(now=time.time() + 29 * 86_400)
    assert [key.split("/")[0] for key in keys()] == ["kept", "kept"]
    expire_staged(now=time.time() + 31 * 86_400)
    assert keys() == []


def test_what_cannot_be_kept_is_said_and_fails_nothing(machines, delivery, caplog):
    """The file is delivered."""
    staged = stage(delivery)
    open_store().delete([staged.stored])
    keep_delivered(delivery, staged, "acme.json", at=NIGHT)
    assert "acme.json is delivered, and not kept for 30 days: " in caplog.text
    assert "is not there: it has expired or was removed" in caplog.text
    assert find_kept(delivery) == []


def test_the_columns_of_an_event_type_are_known_everywhere(machines, delivery):
    """A test file made on another machine has the night's columns."""
    assert read_kept_columns("courseCompletion") == []
    columns = [Column("id", "uuid", "uuid")]
    keep_columns("courseCompletion", columns)
    machines.move()
    assert read_kept_columns("courseCompletion") == columns
    keep_columns("courseCompletion", columns)
    assert keys() == ["columns/courseCompletion.json"]


def test_a_connection_that_is_missing_is_named(machines, delivery, monkeypatch):
    """Airflow's own file systems would take the machine's credentials instead, and say so at debug level."""
    monkeypatch.setenv("EVENT_DELIVERY_STAGING", "s3://no_such_connection@bucket/prefix")
    with pytest.raises(PermanentError, match="Connection 'no_such_connection', which EVENT_DELIVERY_STAGING"):
        read_manifest(delivery, delivery.file_name)


def test_a_store_whose_packages_are_missing_says_which(machines, delivery, monkeypatch):
    """The default install has none of them."""
    monkeypatch.setenv("EVENT_DELIVERY_STAGING", "gs://bucket/prefix")
    with pytest.raises(PermanentError, match=r"packages for gs:// are not installed here.*gcsfs"):
        stage(delivery)


def test_a_folder_that_cannot_be_written_is_a_retryable_error(machines, delivery, tmp_path, monkeypatch):
    """With the store and what to do."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EVENT_DELIVERY_STAGING", f"file://{tmp_path}/file/store")
    with pytest.raises(RetryableError, match=rf"EVENT_DELIVERY_STAGING: file://{tmp_path}/file/store fails"):
        stage(delivery)
