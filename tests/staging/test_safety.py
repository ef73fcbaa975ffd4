"""Is nothing read, written or deleted outside the staging area, whoever planted what?"""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from event_delivery.errors import DeliveryError, PermanentError
from event_delivery.extract.events import expire_staged_hourly
from event_delivery.staging import (
    Column,
    StagedGoneError,
    check_staged,
    expire_staged,
    keep_columns,
    read_kept_columns,
    read_manifest,
    read_staged,
    stage_file,
    staging_folder,
    write_manifest,
)

DAY, NOBODY = 86_400, 65534
MARKER = ".nightly-sftp-events-staging"
KEY = "nightly-courseCompletion-2026-03-08T050000Z-0abc123"


@pytest.fixture
def as_root(give_up):
    """What another user has planted can be made by root alone: nobody else gives a file away."""
    if os.geteuid():
        give_up("not run here: a file of another user (run the tests as root)")


def stage(delivery, name="events.csv", content=b"abc"):
    with stage_file(delivery, name) as file:
        file.write(content)
    return write_manifest(delivery, name, file.manifest(1))


def age(path: Path, days: float = 30) -> Path:
    os.utime(path, (time.time() - days * DAY,) * 2, follow_symlinks=False)
    return path


def make_old(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "events.csv").write_bytes(b"x")
    return age(folder)


@pytest.fixture
def elsewhere(tmp_path) -> Path:
    """Other people's folder, which looks like ours in all but its place."""
    make_old(tmp_path / "elsewhere" / KEY)
    return tmp_path / "elsewhere"


def test_a_new_staging_area_is_marked_and_private(staging_area, delivery):
    """Missing or empty, it becomes ours, for our user's eyes only."""
    stage(delivery)
    assert (staging_area / MARKER).is_file()
    paths = [staging_area, *staging_area.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o700, 0o600}


def test_an_area_of_an_earlier_release_is_adopted(staging_area, delivery):
    """It has no marker, and holds only our names; what it holds is kept and expires."""
    manifest = stage(delivery)
    (staging_area / MARKER).unlink()
    old = make_old(staging_area / "beta" / KEY)
    (staging_area / ".swept").touch()
    (staging_area / ".columns").mkdir()
    (staging_area / "lost+found").mkdir()
    expire_staged()
    assert (staging_area / MARKER).is_file()
    assert not old.exists()
    assert check_staged(delivery, "events.csv").sha256 == manifest.sha256


@pytest.mark.parametrize(
    "foreign", ["payroll.xlsx", "acme/report.txt", "acme/quarters/q1.txt", ".ssh/id", f"{KEY}/events.csv"]
)
def test_a_folder_in_use_is_neither_written_to_nor_deleted_from(staging_area, delivery, foreign):
    """The variable may name it by mistake; the error says what was found, and what to do."""
    (staging_area / foreign).parent.mkdir(parents=True)
    (staging_area / foreign).write_text("ours")
    old = make_old(staging_area / "other" / KEY)
    before = sorted(staging_area.rglob("*"))
    wanted = r"EVENT_DELIVERY_STAGING: .* holds '.*', which this package has not staged.*a folder of its own"
    for act in (lambda: stage(delivery), expire_staged):
        with pytest.raises(PermanentError, match=wanted):
            act()
    assert old.exists()
    assert sorted(staging_area.rglob("*")) == before


def test_a_marker_that_is_a_link_marks_nothing(staging_area, delivery, tmp_path):
    """Whoever plants it makes no folder ours."""
    (tmp_path / "marker").touch()
    staging_area.mkdir(mode=0o700)
    (staging_area / MARKER).symlink_to(tmp_path / "marker")
    with pytest.raises(PermanentError, match="is no file of user"):
        stage(delivery)


@pytest.mark.usefixtures("as_root")
@pytest.mark.parametrize("mode", [0o700, 0o2777])
def test_a_folder_of_another_user_is_refused_and_a_folder_within_is_made(
    staging_area, delivery, monkeypatch, mode
):
    """Kubernetes' volumes belong to root: a folder of our own within them is made with the right owner."""
    staging_area.mkdir()
    staging_area.chmod(mode)
    os.chown(staging_area, NOBODY, NOBODY)
    with pytest.raises(PermanentError, match=f"belongs to user {NOBODY}.*such as {staging_area}/staging"):
        stage(delivery)
    assert list(staging_area.iterdir()) == []
    monkeypatch.setenv("EVENT_DELIVERY_STAGING", str(staging_area / "staging"))
    stage(delivery)
    assert (staging_area / "staging").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_everybody_may_write_to_is_refused(staging_area, delivery):
    """Anything may lie there already."""
    staging_area.mkdir()
    staging_area.chmod(0o777)
    with pytest.raises(PermanentError, match=r"everybody may write to .*mode 0777.*chmod 700"):
        stage(delivery)


def test_rights_that_a_group_was_given_are_taken_away(staging_area, delivery):
    """Kubernetes gives a volume's group the right to write with each start of a pod."""
    manifest = stage(delivery)
    folders = [staging_area, staging_folder(delivery).parent, staging_folder(delivery)]
    for folder in folders:
        folder.chmod(0o2775)
    assert check_staged(delivery, "events.csv").sha256 == manifest.sha256
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}


@pytest.mark.usefixtures("as_root")
def test_what_another_user_has_planted_is_not_read(staging_area, delivery):
    """It is taken as gone, and staged again."""
    manifest = stage(delivery)
    os.chown(manifest.path, NOBODY, NOBODY)
    with pytest.raises(StagedGoneError, match="is no file of user"):
        check_staged(delivery, "events.csv")
    stage(delivery)
    assert check_staged(delivery, "events.csv").sha256 == manifest.sha256


@pytest.mark.parametrize("plant", ["link", "dangling link", "fifo"])
def test_nothing_planted_is_written_through_read_or_waited_for(staging_area, delivery, tmp_path, plant):
    """Under a staged file's name, the manifest's, or the one that earlier releases wrote to first."""
    (tmp_path / "victim").write_bytes(b"abc")
    folder = staging_folder(delivery)
    planted = ["events.csv", "events.csv.manifest.json", f".events.csv.{os.getpid()}.part"]
    for name in planted:
        if plant == "fifo":
            os.mkfifo(folder / name)
        else:
            (folder / name).symlink_to(tmp_path / ("victim" if plant == "link" else "nowhere"))
    with pytest.raises(StagedGoneError):
        check_staged(delivery, "events.csv")
    manifest = stage(delivery, content=b"new")
    with read_staged(manifest) as file:
        assert file.read() == b"new"
    assert (tmp_path / "victim").read_bytes() == b"abc"
    assert not (tmp_path / "nowhere").exists()
    assert sorted(path.name for path in folder.iterdir()) == sorted(planted[:2])


@pytest.mark.parametrize("level", ["acme", "key", ".columns"])
def test_a_link_in_place_of_a_folder_is_refused(staging_area, delivery, elsewhere, level):
    """No component below the staging area may lead out of it."""
    folder = staging_folder(delivery)
    link = {"acme": folder.parent, "key": folder, ".columns": staging_area / ".columns"}[level]
    shutil.rmtree(link, ignore_errors=True)
    link.symlink_to(elsewhere)
    act = (
        (lambda: keep_columns("a", [Column("id", "", "uuid")])) if level == ".columns" else lambda: stage(delivery)
    )
    with pytest.raises(PermanentError, match=r"is a link or a file, wanted a folder: remove it"):
        act()
    assert read_kept_columns("a") == []
    assert [path.name for path in elsewhere.iterdir()] == [KEY]


def test_a_manifest_leads_to_no_file_but_the_deliverys_own(staging_area, delivery, tmp_path):
    """Else one that was planted would send any file that we can read."""
    manifest = stage(delivery)
    (tmp_path / "secret").write_bytes(b"abc")
    planted = json.dumps(vars(manifest) | {"path": str(tmp_path / "secret")})
    Path(manifest.path + ".manifest.json").write_text(planted)
    assert read_manifest(delivery, "events.csv").path == manifest.path
    for path in (str(tmp_path / "secret"), f"{staging_area}/../secret", f"{staging_area}/acme/../../secret"):
        with pytest.raises(StagedGoneError), read_staged(replace(manifest, path=path)):
            pass


@pytest.mark.parametrize("text", ["[", "[]", '{"surprise": 1}', '"x"', "\xff"])
def test_what_is_no_manifest_is_taken_as_gone(staging_area, delivery, text):
    """It is written again with what it describes."""
    manifest = stage(delivery)
    Path(manifest.path + ".manifest.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(StagedGoneError, match="is no manifest"):
        read_manifest(delivery, "events.csv")


def test_expiry_follows_no_link(staging_area, delivery, elsewhere):
    """Neither at the first level nor at the second, nor within a delivery: other people's files stay."""
    stage(delivery)
    (staging_area / "partner").symlink_to(elsewhere)
    (staging_area / "acme" / KEY).symlink_to(elsewhere / KEY)
    age(staging_area / "acme" / KEY)
    old = make_old(staging_area / "beta" / KEY)
    (old / "link").symlink_to(elsewhere)
    age(old)
    expire_staged()
    assert (elsewhere / KEY / "events.csv").exists()
    assert not old.exists()


def test_expiry_deletes_only_what_we_have_staged(staging_area, delivery):
    """A folder that somebody put into the staging area is nobody's delivery."""
    stage(delivery)
    kept = make_old(staging_area / "acme" / "quarterly report")
    expire_staged()
    assert kept.exists()


def test_what_cannot_be_deleted_does_not_end_the_sweep(staging_area, delivery, monkeypatch, caplog):
    """A dangling link, a file in a folder's place, a folder that stays: the next one is looked at all the same."""
    stage(delivery)
    (staging_area / "a_link").symlink_to("nowhere")
    (staging_area / "b_file").touch()
    (staging_area / "beta").mkdir()
    (staging_area / "beta" / KEY).symlink_to("nowhere")
    stuck, old = make_old(staging_area / "gamma" / KEY), make_old(staging_area / "zeta" / KEY)
    real = shutil.rmtree

    def refuse_gamma(name, **how):
        if Path(f"/proc/self/fd/{how['dir_fd']}").readlink().name != "gamma":
            real(name, **how)

    monkeypatch.setattr(shutil, "rmtree", refuse_gamma)
    expire_staged()
    assert stuck.exists()
    assert not old.exists()
    assert f"{stuck} is to be deleted and cannot be" in caplog.text


@pytest.mark.parametrize("days", ["0", "-1", "nan", "inf", "-inf", "a week", "7d"])
def test_days_that_are_none_delete_nothing(staging_area, delivery, monkeypatch, days, caplog):
    """The error names the variable; a night goes on, and says so in its log."""
    monkeypatch.setenv("EVENT_DELIVERY_STAGING_DAYS", days)
    stage(delivery)
    old = make_old(staging_area / "beta" / KEY)
    with pytest.raises(
        PermanentError, match=f"EVENT_DELIVERY_STAGING_DAYS: found '{days}', wanted a number of days"
    ):
        expire_staged()
    expire_staged_hourly()
    assert "EVENT_DELIVERY_STAGING_DAYS: found" in caplog.text
    assert old.exists()


def test_a_machine_that_stages_looks_once_an_hour(staging_area, delivery):
    """With disks of their own, the maintenance clears away that of one machine alone."""
    stage(delivery)
    expire_staged_hourly()
    old = make_old(staging_area / "beta" / KEY)
    expire_staged_hourly()
    assert old.exists()
    age(staging_area / ".swept", days=0.1)
    expire_staged_hourly()
    assert not old.exists()


def test_nothing_is_made_where_there_is_nothing_to_expire(staging_area):
    """The maintenance may run where nothing is ever staged."""
    expire_staged()
    expire_staged_hourly()
    assert not staging_area.exists()


def test_a_link_to_the_staging_area_may_be_ours(staging_area, delivery, tmp_path):
    """Administrators move folders to larger disks."""
    (tmp_path / "large disk").mkdir(mode=0o700)
    staging_area.symlink_to(tmp_path / "large disk")
    assert stage(delivery).path.startswith(str(staging_area))


@pytest.mark.usefixtures("as_root")
def test_a_link_to_the_staging_area_that_another_made_is_refused(staging_area, delivery, tmp_path):
    """It would choose where clients' data lies."""
    (tmp_path / "chosen").mkdir(mode=0o700)
    staging_area.symlink_to(tmp_path / "chosen")
    os.chown(staging_area, NOBODY, NOBODY, follow_symlinks=False)
    with pytest.raises(DeliveryError, match="is a link that another user has made"):
        stage(delivery)
