"""What does a companion say of its file, and what becomes of it when the day is sent again?"""

from __future__ import annotations

import hashlib
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from event_delivery.delivery import delivery_of_test_file as delivery_of_a_test_file
from event_delivery.delivery import nightly_delivery
from event_delivery.extract import stage_sample_event
from event_delivery.formats import format_events
from event_delivery.ledger import LedgerReading, open_ledger, open_ledger_reading
from event_delivery.ledger.schema_versions import note_schema_version, read_schema_versions
from event_delivery.orchestration.staging_again import ensure_staged
from event_delivery.upload import UploadRun, deliver_file
from tests.sample_events import DAY, insert_event, noon


def ask(delivery, companion, **fields):
    edits = {"companion": companion, **fields}
    return replace(delivery, destination=delivery.destination.model_copy(update=edits))


def find(folder, ending):
    [found] = [path for path in folder.rglob("*") if path.is_file() and path.name.endswith(ending)]
    return found


def test_a_checksum_is_what_sha256sum_checks(events_db, delivery, deliver, find_program):
    """The client's own tool says OK."""
    insert_event(events_db, noon(DAY))
    path = find(deliver(ask(delivery, "checksum")), ".sha256")
    command = [find_program("sha256sum", "coreutils"), "--check", path.name]
    said = subprocess.run(command, cwd=path.parent, check=True, capture_output=True)
    assert said.stdout.decode() == f"{delivery.file_name}: OK\n"


def test_a_done_file_is_empty(events_db, delivery, deliver):
    """Its name says all."""
    path = find(deliver(ask(delivery, "done")), ".done")
    assert (path.name, path.read_bytes()) == (f"{delivery.file_name}.done", b"")


def test_a_manifest_tells_of_its_file(events_db, delivery, deliver):
    """Rows, bytes, sha256, interval, columns and the number of the delivery."""
    insert_event(events_db, noon(DAY))
    folder = deliver(ask(delivery, "manifest"))
    manifest = json.loads(find(folder, ".manifest.json").read_text())
    content = find(folder, delivery.file_name).read_bytes()
    told = {name: manifest[name] for name in ("file", "rows", "bytes", "sha256", "kind", "event", "sequence")}
    assert told == {
        "file": delivery.file_name, "rows": 1, "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(), "kind": "nightly",
        "event": "courseCompletion", "sequence": 1,
    }  # fmt: skip
    assert (manifest["interval_start"], manifest["interval_end"]) == (
        "2026-03-09T04:00:00Z",
        "2026-03-10T04:00:00Z",
    )
    assert (manifest["columns"][0], manifest["schema_version"]) == ("id", 1)


def test_deliveries_are_numbered_and_columns_have_versions(events_db, delivery, deliver):
    """A gap tells a reader that one is missing, another version that columns changed."""
    destination = ask(delivery, "manifest").destination
    days = [
        nightly_delivery(destination, delivery.event, destination.day(DAY.replace(day=day))) for day in (9, 10)
    ]
    edited = ask(days[1], "manifest", columns=destination.model_validate(
        {"id": "x", "client": "x", "company_id": "x", "columns": ["id", "title"]}).columns)  # fmt: skip
    for each in (days[0], days[1], days[0], edited):
        folder = deliver(each)
    manifests = [json.loads((folder / f"{day.file_name}.manifest.json").read_text()) for day in days]
    assert [(each["sequence"], each["schema_version"]) for each in manifests] == [(1, 1), (2, 2)]


def test_a_day_that_is_sent_again_has_its_new_companion(events_db, delivery, deliver):
    """The older one never stands beside the newer file."""
    insert_event(events_db, noon(DAY))
    path = find(deliver(ask(delivery, "checksum")), ".sha256")
    before = path.read_bytes()
    insert_event(events_db, noon(DAY, 1))
    deliver(ask(delivery, "checksum"))
    after = find(path.parent, ".sha256").read_bytes()
    assert after != before
    assert after.split()[0].decode() == hashlib.sha256((path.parent / delivery.file_name).read_bytes()).hexdigest()


def test_a_retry_finds_its_file_as_it_was_staged(events_db, delivery, deliver, log):
    """The companion takes no name of what is staged: the retry sends nothing anew and reads no source."""
    insert_event(events_db, noon(DAY))
    asked = ask(delivery, "manifest")
    deliver(asked)
    insert_event(events_db, noon(DAY, 1))
    ensure_staged(asked, None)
    assert deliver_file(asked, UploadRun("dag", "run", retrying=True, try_number=2), log).rows == 1


def test_a_test_file_has_its_companion(events_db, staging_area, sftp_server, delivery, log):
    """An integration engineer sees all that nights will bring."""
    test = delivery_of_a_test_file(ask(delivery, "manifest").destination, delivery.event, noon(DAY))
    format_events(test, stage_sample_event(test))
    deliver_file(test, UploadRun("dag", "run"), log)
    manifest = json.loads(find(sftp_server.user_folder("acme"), ".manifest.json").read_text())
    assert (manifest["kind"], manifest["rows"], "sequence" in manifest) == ("test", 1, False)


def test_a_supplement_has_a_companion_of_its_own(delivery, deliver_late, sftp_server):
    """It is a file like any other."""
    asked = ask(delivery, "done")
    extra = deliver_late(asked)
    names = {path.name for path in sftp_server.user_folder("acme").rglob("*.done")}
    assert names == {f"{asked.file_name}.done", f"{extra.file_name}.done"}


@pytest.mark.parametrize("now", ["none", "done", "manifest"])
def test_a_companion_of_another_kind_leaves_with_its_file(events_db, delivery, deliver, now):
    """Where the YAML asks for another kind, or none, the older checksum never belies the newer file."""
    insert_event(events_db, noon(DAY))
    folder = deliver(ask(delivery, "checksum"))
    assert find(folder, ".sha256")
    insert_event(events_db, noon(DAY, 1))
    deliver(ask(delivery, now))
    ending = {"none": [], "done": [".done"], "manifest": [".manifest.json"]}[now]
    wanted = {delivery.file_name, *(delivery.file_name + each for each in ending)}
    assert {path.name for path in folder.rglob("*") if path.is_file()} == wanted


def test_a_companion_stays_with_a_file_of_another_format(events_db, delivery, deliver):
    """The client keeps the older file, and what says that it is whole."""
    insert_event(events_db, noon(DAY))
    folder = deliver(ask(delivery, "checksum"))
    deliver(ask(delivery, "checksum", compression="gzip"))
    name = delivery.file_name
    wanted = {each for base in (name, f"{name}.gz") for each in (base, f"{base}.sha256")}
    assert {path.name for path in folder.rglob("*") if path.is_file()} == wanted
    insert_event(events_db, noon(DAY, 1))
    deliver(ask(delivery, "done"))  # the older companion is known yet
    wanted = wanted - {f"{name}.sha256"} | {f"{name}.done"}
    assert {path.name for path in folder.rglob("*") if path.is_file()} == wanted


def test_what_a_client_lays_beside_a_file_stays(events_db, delivery, deliver):
    """A program of the client may mark what it has read: only what we sent is taken away."""
    insert_event(events_db, noon(DAY))
    folder = deliver(ask(delivery, "checksum"))
    theirs = find(folder, ".sha256").with_suffix(".done")
    theirs.write_text("read")
    insert_event(events_db, noon(DAY, 1))
    deliver(ask(delivery, "checksum"))
    assert theirs.read_text() == "read"


def test_columns_that_come_back_have_their_version_back(events_db, delivery, deliver):
    """A version is one list of columns: a day that is sent again as it was does not make a new one."""
    destination = ask(delivery, "manifest").destination
    wanted = {"id": "x", "client": "x", "company_id": "x", "columns": ["id", "title"]}
    edited = ask(delivery, "manifest", columns=destination.model_validate(wanted).columns)
    found = []
    for each in (ask(delivery, "manifest"), edited, ask(delivery, "manifest"), edited):
        folder = deliver(each)
        found.append(json.loads(find(folder, ".manifest.json").read_text())["schema_version"])
    assert found == [1, 2, 1, 2]


def test_first_manifests_at_once_agree_on_the_version(events_db, delivery, staging_area):
    """Sixteen days of a catchup are all of version 1."""
    with open_ledger():
        pass

    def note(_):
        with open_ledger() as ledger:
            return note_schema_version(ledger, delivery, ["id", "title"])

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(note, range(16))) == {1}


def test_a_column_of_another_type_is_another_version(events_db, delivery, staging_area):
    """Where the types are known; a file of which nobody knows them is of the latest version of its names."""
    with open_ledger() as ledger:

        def note(*types):
            return note_schema_version(ledger, delivery, ["id", "score"], types)

        assert [note(), note("UUID", "integer"), note("UUID", "integer")] == [1, 1, 1]
        assert [note("UUID", "number"), note("UUID", "integer"), note()] == [2, 1, 2]
        found = read_schema_versions(LedgerReading(ledger), "acme", "courseCompletion")
    assert [(each.version, each.types) for each in found] == [(1, ["UUID", "integer"]), (2, ["UUID", "number"])]


def test_every_delivery_notes_its_columns_and_their_types(events_db, delivery, deliver):
    """Not only one with a manifest: the client's guide tells since when its files have which."""
    deliver(delivery)
    with open_ledger_reading() as ledger:
        [version] = read_schema_versions(ledger, "acme", "courseCompletion")
    assert list(zip(version.columns, version.types, strict=True))[:3] == [
        ("id", "UUID"), ("source", "text"), ("timestamp", "instant"),
    ]  # fmt: skip
