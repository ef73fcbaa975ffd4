"""Does a kept file stay for its destination's days, and not one more, whatever becomes of all around it?"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from event_delivery.destinations import read_keep_days
from event_delivery.errors import PermanentError
from event_delivery.staging import (
    expire_staged,
    expire_staged_hourly,
    find_kept,
    keep_delivered,
    stage_file,
    staging_folder,
    write_manifest,
)
from event_delivery.staging.__main__ import main

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = 86_400


@pytest.fixture
def yaml_folder(tmp_path, monkeypatch) -> Path:
    """The folder of destination files, with acme's, which says nothing of days."""
    folder = tmp_path / "destinations"
    folder.mkdir()
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))
    write_yaml(folder)
    return folder


def write_yaml(folder: Path, line: str = "") -> None:
    (folder / "acme.yaml").write_text(f"client: Acme\ncompany_id: 1\n{line}\n")


def keep(delivery, days_ago: float, content=b"abc"):
    """Stage and keep a file that was delivered so long before NOW; returns the delivery's folder."""
    with stage_file(delivery, delivery.file_name) as file:
        file.write(content)
    manifest = write_manifest(delivery, delivery.file_name, file.manifest(1))
    keep_delivered(delivery, manifest, delivery.file_name, at=NOW - timedelta(days=days_ago))
    folder = staging_folder(delivery)
    touch(folder, days_ago)
    return folder


def touch(folder: Path, days_ago: float) -> None:
    os.utime(folder, (NOW.timestamp() - days_ago * DAY,) * 2)


def expire(after_days: float = 0, **options):
    return expire_staged(NOW.timestamp() + after_days * DAY, **options)


def kept_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("kept-*"))


def test_a_kept_file_outlives_what_was_staged_and_leaves_after_its_days(staging_area, delivery, yaml_folder):
    """After 7 days the staged files go, after 30 the kept one and its folder."""
    folder = keep(delivery, days_ago=0)
    expire(after_days=6.9)
    assert len(list(folder.iterdir())) == 4
    expire(after_days=7.1)
    assert sorted(folder.iterdir()) == kept_in(folder)
    assert len(kept_in(folder)) == 2
    expire(after_days=29.9)
    assert len(find_kept(delivery)) == 1
    expire(after_days=30.1)
    assert not folder.exists()


def test_days_below_the_staging_areas_count_for_kept_files_alone(staging_area, delivery, yaml_folder):
    """Both hold: the kept file goes after 2 days, what was staged after 7 as ever."""
    write_yaml(yaml_folder, "keep_days: 2")
    folder = keep(delivery, days_ago=3)
    expire()
    assert kept_in(folder) == []
    assert sorted(path.name for path in folder.iterdir()) == [
        delivery.file_name,
        f"{delivery.file_name}.manifest.json",
    ]
    expire(after_days=3.9)
    assert folder.exists()
    expire(after_days=4.1)
    assert not folder.exists()


def test_a_touch_keeps_no_kept_file_alive(staging_area, delivery, yaml_folder):
    """Neither a newer time of the file nor a redelivery of other bytes counts for what was delivered before."""
    folder = keep(delivery, days_ago=31)
    for path in folder.iterdir():
        os.utime(path)
    keep(delivery, days_ago=1, content=b"abcd")
    expire()
    [kept] = find_kept(delivery)
    assert kept.manifest.bytes == 4
    assert len(kept_in(folder)) == 2


@pytest.mark.parametrize(
    "acme, defaults, days",
    [
        ("client: Acme\nkeep_days: 90", "", 90),
        ("client: Acme\nkeep_days: 0", "keep_days: 9", 0),
        ("client: Acme", "keep_days: 9", 9),
        ("formatt: csv\nkeep_days: 90", "keep_days: 9", 90),
        ("keep_days: many", "keep_days: 9", None),
        ("keep_days: true", "keep_days: -1", None),
        (None, "keep_days: 9", 9),
        (None, None, 30),
        ("client: [", "", None),
        ("client: Acme", "- list", None),
    ],
)
def test_for_how_long_is_read_from_todays_files(tmp_path, acme, defaults, days):
    """Quarantined, by what its file says all the same; gone, by the instance's default; wrong: nobody can tell."""
    for name, text in (("acme", acme), ("_defaults", defaults)):
        if text is not None:
            (tmp_path / f"{name}.yaml").write_text(text)
    assert read_keep_days("acme", tmp_path) == days


def test_without_the_folder_of_destinations_nobody_knows(tmp_path):
    """A folder that is not mounted is no reason to delete."""
    assert read_keep_days("acme", tmp_path / "none") is None


@pytest.mark.parametrize(("said", "limit", "leaves_after"), [("keep_days: 90", 10, 10), ("keep_days: 5", 10, 5)])
def test_an_instance_bounds_the_days(staging_area, delivery, yaml_folder, monkeypatch, said, limit, leaves_after):
    """Whatever a YAML says; what will go is named before."""
    monkeypatch.setenv("EVENT_DELIVERY_KEEP_DAYS_MAX", str(limit))
    write_yaml(yaml_folder, said)
    folder = keep(delivery, days_ago=0)
    expire(after_days=leaves_after - 0.1)
    assert len(kept_in(folder)) == 2
    named = expire(after_days=leaves_after + 0.1, dry_run=True)
    assert {each.name for each in named} >= {path.name for path in kept_in(folder)}
    expire(after_days=leaves_after + 0.1)
    assert kept_in(folder) == []


def test_the_bound_holds_where_the_yaml_cannot_be_read(staging_area, delivery, yaml_folder, monkeypatch):
    """Without one, such a file stays until somebody mends the YAML."""
    folder = keep(delivery, days_ago=11)
    write_yaml(yaml_folder, "keep_days: many")
    expire()
    assert len(kept_in(folder)) == 2
    monkeypatch.setenv("EVENT_DELIVERY_KEEP_DAYS_MAX", "10")
    expire()
    assert kept_in(folder) == []


@pytest.mark.parametrize("limit", ["-1", "many", "1.5", "99999", "²"])
def test_a_bound_that_is_none_deletes_nothing(staging_area, delivery, yaml_folder, monkeypatch, limit):
    """And keeps what is delivered meanwhile: what is removed too early is gone for good."""
    monkeypatch.setenv("EVENT_DELIVERY_KEEP_DAYS_MAX", limit)
    folder = keep(delivery, days_ago=31)
    assert len(kept_in(folder)) == 2
    with pytest.raises(PermanentError, match="EVENT_DELIVERY_KEEP_DAYS_MAX: found .* Nothing was deleted"):
        expire()
    assert len(kept_in(folder)) == 2


def test_an_instance_may_keep_nothing(staging_area, delivery, yaml_folder, monkeypatch):
    """A bound of 0."""
    monkeypatch.setenv("EVENT_DELIVERY_KEEP_DAYS_MAX", "0")
    assert kept_in(keep(delivery, days_ago=0)) == []


def test_an_edit_of_the_yaml_counts_at_once(staging_area, delivery, yaml_folder):
    """Longer days save a file that would have left; a destination that is gone has the default's."""
    write_yaml(yaml_folder, "keep_days: 365")
    folder = keep(delivery, days_ago=31)
    expire()
    assert len(kept_in(folder)) == 2
    (yaml_folder / "acme.yaml").unlink()
    expire()
    assert not folder.exists()


def test_where_the_days_cannot_be_read_kept_files_stay(staging_area, delivery, yaml_folder, caplog):
    """A slip in a YAML file must not delete what cannot be had again; what was staged leaves."""
    (yaml_folder / "acme.yaml").write_text("client: [")
    folder = keep(delivery, days_ago=31)
    expire()
    assert sorted(folder.iterdir()) == kept_in(folder)
    assert "Delivered files of acme stay: for how many days cannot be read" in caplog.text


def test_a_dry_run_names_what_the_next_one_deletes(staging_area, delivery, yaml_folder):
    """Destination, file and age, and nothing is deleted by it."""
    folder = keep(delivery, days_ago=31)
    before = sorted(folder.iterdir())
    outlived = expire(dry_run=True)
    assert sorted(folder.iterdir()) == before
    shown = "\n".join(map(str, outlived))
    assert f"acme, {folder.name}/{delivery.file_name}: 31.0 days untouched" in shown
    assert f"acme, {folder.name}/{kept_in(folder)[0].name}: 31.0 days since it was delivered" in shown
    assert expire() == outlived
    assert not folder.exists()


def test_a_link_in_the_place_of_a_kept_file_leads_nowhere(staging_area, delivery, yaml_folder, tmp_path):
    """The link goes, what it leads to stays; so does a folder of such a name."""
    folder = keep(delivery, days_ago=31)
    (tmp_path / "precious").write_text("x")
    path, manifest = kept_in(folder)
    path.unlink()
    path.symlink_to(tmp_path / "precious")
    manifest.unlink()
    manifest.mkdir()
    (manifest / "inner").write_text("x")
    touch(folder, days_ago=0)
    expire()
    assert kept_in(folder) == []
    assert (folder / delivery.file_name).exists()
    assert (tmp_path / "precious").read_text() == "x"


def test_the_hourly_sweep_of_each_machine_has_the_same_rule(staging_area, delivery, yaml_folder, monkeypatch):
    """A kept file on a worker's own disk leaves without the maintenance DAG, and not before its time."""
    keep(delivery, days_ago=20)
    monkeypatch.setattr(time, "time", lambda: NOW.timestamp())
    expire_staged_hourly()
    assert len(find_kept(delivery)) == 1
    (staging_area / ".swept").unlink()
    write_yaml(yaml_folder, "keep_days: 19")
    expire_staged_hourly()
    assert find_kept(delivery) == []


def test_another_deliverys_days_are_its_own(staging_area, delivery, yaml_folder):
    """Beta's kept file goes by beta's YAML."""
    (yaml_folder / "beta.yaml").write_text("client: Beta\ncompany_id: 2\nkeep_days: 5\n")
    beta = replace(delivery, destination=delivery.destination.model_copy(update={"id": "beta"}))
    keep(delivery, days_ago=6)
    keep(beta, days_ago=6)
    expire()
    assert (len(find_kept(delivery)), len(find_kept(beta))) == (1, 0)


def test_a_command_shows_and_deletes(staging_area, delivery, yaml_folder, capsys):
    """`--dry-run` first, also for tomorrow; then the same without it."""
    with stage_file(delivery, delivery.file_name) as file:
        file.write(b"abc")
    manifest = write_manifest(delivery, delivery.file_name, file.manifest(1))
    keep_delivered(delivery, manifest, delivery.file_name, at=datetime.now(UTC) - timedelta(days=29.5))
    assert main(["expire", "--dry-run"]) == 0
    assert capsys.readouterr().out == "Would delete 0 files.\n"
    main(["expire", "--dry-run", "--ahead", "1"])
    assert "Would delete 2 files." in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["expire", "--ahead", "1"])
    [path] = [path for path in kept_in(staging_folder(delivery)) if not path.suffix]
    os.utime(staging_folder(delivery), (time.time() - 8 * DAY,) * 2)
    main(["expire"])
    assert "Deleted 2 files." in capsys.readouterr().out
    assert path.exists()
