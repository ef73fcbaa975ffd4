"""Does a split day come in whole parts, with a manifest that names them all, whatever lay there before?"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from event_delivery.completeness.kept_ids import read_kept_ids
from event_delivery.delivery import delivery_of_test_file as delivery_of_a_test_file
from event_delivery.destinations.split import Split
from event_delivery.errors import PermanentError
from event_delivery.extract import extract_events, stage_sample_event
from event_delivery.formats import format_events
from event_delivery.formats import parted as parted_module
from event_delivery.ledger import LedgerReading, open_ledger
from event_delivery.orchestration.exact_redelivery import delivery_as_kept, stage_exact
from event_delivery.staging import Manifest, StagedGoneError, find_kept, list_parts
from event_delivery.upload import UploadRun, deliver_file
from tests.sample_events import DAY, insert_event, noon

MANIFEST = ".manifest.json"


def ask(delivery, **fields):
    edits = {"companion": "manifest", "split": Split(rows=2), **fields}
    return replace(delivery, destination=delivery.destination.model_copy(update=edits))


def list_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def read_parts(folder: Path) -> list[bytes]:
    """Return the parts that the one manifest names, in its order, each proven; nothing else may lie there."""
    files = list_files(folder)
    [name] = [each for each in files if each.endswith(MANIFEST)]
    manifest = json.loads(files.pop(name))
    parts = [files.pop(part["file"]) for part in manifest["parts"]]
    assert files == {}
    for part, content in zip(manifest["parts"], parts, strict=True):
        assert (part["bytes"], part["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert manifest["rows"] == sum(part["rows"] for part in manifest["parts"])
    assert manifest["bytes"] == sum(map(len, parts))
    return parts


def insert(events_db, count, **fields):
    for number in range(count):
        insert_event(events_db, noon(DAY, number), **fields)


def test_each_part_is_a_json_array_of_so_many_events(events_db, delivery, deliver):
    """Five events in parts of two: two, two and one, in the day's order."""
    insert(events_db, 5)
    parts = [json.loads(part) for part in read_parts(deliver(ask(delivery)))]
    assert [len(part) for part in parts] == [2, 2, 1]
    stamps = [event["timestamp"] for part in parts for event in part]
    assert stamps == sorted(stamps)


def test_parts_are_named_after_their_day(events_db, delivery, deliver):
    """By the day's name, its number before the ending."""
    insert(events_db, 3)
    stem = delivery.file_name.removesuffix(".json")
    wanted = [f"{stem}-part0001.json", f"{stem}-part0002.json", f"{stem}.json{MANIFEST}"]
    assert list(list_files(deliver(ask(delivery)))) == wanted


def test_a_template_says_where_the_number_stands(events_db, delivery, deliver):
    """Behind the text that stands before it."""
    insert(events_db, 3)
    asked = ask(delivery, file_name="{event}_{day}_{part}.txt", compression="gzip")
    stem = "courseCompletion_2026-03-09"
    names = [f"{stem}.txt.gz{MANIFEST}", f"{stem}_0001.txt.gz", f"{stem}_0002.txt.gz"]
    assert list(list_files(deliver(asked))) == names


def test_each_part_of_csv_has_the_header(events_db, delivery, deliver):
    """And a line feed within a value ends no event."""
    insert(events_db, 3, title='two\nlines, "quoted"')
    asked = ask(delivery, format="csv", split=Split(rows=1))
    parts = read_parts(deliver(asked))
    rows = [list(csv.DictReader(io.StringIO(part.decode(), newline=""))) for part in parts]
    assert [[row["title"] for row in part] for part in rows] == [['two\nlines, "quoted"']] * 3


def test_each_part_has_the_dialects_mark_and_header(events_db, delivery, deliver):
    """As a file of its own."""
    insert(events_db, 2)
    dialect = type(delivery.destination.csv)(delimiter=";", line_end="crlf", encoding="utf-16le")
    parts = read_parts(deliver(ask(delivery, format="csv", csv=dialect, split=Split(rows=1))))
    assert [part[:2] for part in parts] == [b"\xff\xfe"] * 2
    assert [part.decode("utf-16").splitlines()[0].split(";")[0] for part in parts] == ["id", "id"]
    assert {part.decode("utf-16").count("\r\n") for part in parts} == {2}


@pytest.mark.parametrize("compression", ["gzip", "zip"])
def test_each_part_is_packed_by_itself(events_db, delivery, deliver, compression):
    """A ZIP's member is called as the part."""
    insert(events_db, 3)
    folder = deliver(ask(delivery, compression=compression))
    read_parts(folder)
    for name, content in list_files(folder).items():
        if name.endswith(MANIFEST):
            continue
        if compression == "gzip":
            plain = gzip.decompress(content)
        else:
            plain = zipfile.ZipFile(io.BytesIO(content)).read(name.removesuffix(".zip"))
        assert json.loads(plain)


@pytest.mark.parametrize("format", ["json", "csv", "ndjson"])
def test_a_part_of_so_many_bytes_holds_as_many_whole_events_as_fit(events_db, delivery, staging_area, format):
    """The next event would not; one that is larger than a part has one of its own."""
    sizes = [100, 5_000, 5_000, 30_000, 9_000, 10]
    for number, size in enumerate(sizes):
        insert_event(events_db, noon(DAY, number), title="x" * size)
    asked = ask(delivery, format=format, split=Split(bytes=16_384))
    whole = extract_events(asked)
    made = format_events(asked, whole)
    content = Path(made.path).read_bytes()
    parts = [content[part.offset : part.offset + part.bytes] for part in list_parts(made, "x.csv")]
    assert [part.rows for part in list_parts(made, "x.csv")] == [3, 1, 2]
    assert [len(part) <= 16_384 for part in parts] == [True, False, True]


def test_an_empty_day_has_one_part_without_events(events_db, delivery, deliver):
    """And the manifest: what a client has to do is the same each day."""
    assert read_parts(deliver(ask(delivery))) == [b"[]\n"]


def test_too_many_parts_are_refused(events_db, delivery, staging_area, monkeypatch):
    """Nothing is sent, and the error says what to set."""
    monkeypatch.setattr(parted_module, "MOST_PARTS", 2)
    insert(events_db, 5)
    asked = ask(delivery)
    staged = extract_events(asked)
    with pytest.raises(PermanentError, match=r"acme: split makes more than 2 parts .* set split\.rows"):
        format_events(asked, staged)


@pytest.mark.parametrize("fewer", [True, False])
def test_a_day_that_is_sent_again_has_only_its_new_parts(events_db, delivery, deliver, fewer):
    """More or fewer of them than before."""
    insert(events_db, 5 if fewer else 1)
    deliver(ask(delivery))
    if fewer:
        events_db.execute('delete from events where "timestamp" > %s', [noon(DAY)])
    else:
        insert_event(events_db, noon(DAY, 7))
        insert_event(events_db, noon(DAY, 8))
    parts = [json.loads(part) for part in read_parts(deliver(ask(delivery)))]
    assert [len(part) for part in parts] == ([1] if fewer else [2, 1])


@pytest.mark.parametrize("splits_first", [True, False])
def test_a_day_that_is_split_otherwise_is_there_once(events_db, delivery, deliver, splits_first):
    """Whole in the place of its parts, or the other way round."""
    insert(events_db, 3)
    whole = ask(delivery, split=None, companion="checksum")
    folder = deliver(ask(delivery) if splits_first else whole)
    deliver(whole if splits_first else ask(delivery))
    names = [*list_files(folder)]
    stem = delivery.file_name.removesuffix(".json")
    if splits_first:
        assert names == [f"{stem}.json", f"{stem}.json.sha256"]
    else:
        assert len(read_parts(folder)) == 2


def test_other_parts_of_the_same_bytes_are_another_delivery(events_db, delivery, deliver):
    """Without header and brackets the parts one behind the other are the same, however they are cut."""
    insert(events_db, 3)
    deliver(ask(delivery, format="ndjson"))
    parts = read_parts(deliver(ask(delivery, format="ndjson", split=Split(rows=3))))
    assert [part.count(b"\n") for part in parts] == [3]


def test_what_a_client_lays_beside_the_parts_stays(events_db, delivery, deliver):
    """Only parts that the ledger knows are taken away."""
    insert(events_db, 3)
    folder = deliver(ask(delivery))
    stem = delivery.file_name.removesuffix(".json")
    theirs = next(folder.rglob(f"{stem}-part0001.json")).parent
    for name in (f"{stem}-part0003.json", f"{stem}.json"):
        (theirs / name).write_text("theirs")
    events_db.execute('delete from events where "timestamp" > %s', [noon(DAY)])
    deliver(ask(delivery))
    files = list_files(folder)
    assert [files.pop(f"{stem}{end}.json") for end in ("-part0003", "")] == [b"theirs"] * 2
    assert [*files] == [f"{stem}-part0001.json", f"{stem}.json{MANIFEST}"]


def test_a_cleared_run_brings_back_a_part_that_is_gone(events_db, delivery, deliver):
    """What lies there is not sent again."""
    insert(events_db, 5)
    folder = deliver(ask(delivery))
    part = next(folder.rglob("*-part0002.json"))
    others = {path: path.stat().st_mtime_ns for path in folder.rglob("*part*") if path != part}
    part.unlink()
    deliver(ask(delivery))
    assert len(read_parts(folder)) == 3
    assert {path: path.stat().st_mtime_ns for path in others} == others


def test_the_ledger_knows_the_whole_day(events_db, delivery, deliver, log):
    """Rows, bytes and sha256 of the parts one behind the other, where its manifest lies; kept under that, too."""
    insert(events_db, 3)
    asked = ask(delivery)
    content = b"".join(read_parts(deliver(asked)))
    with open_ledger() as ledger:
        [file] = LedgerReading(ledger).read_received("acme", *asked.interval)
    assert (file.rows, file.sha256) == (3, hashlib.sha256(content).hexdigest())
    [kept] = find_kept(asked)
    assert kept.remote_path.endswith(f"{delivery.file_name}{MANIFEST}")
    assert [part.rows for part in list_parts(kept.manifest, kept.file_name)] == [2, 1]


def test_test_files_and_supplements_are_split_too(delivery, deliver_late, sftp_server, log):
    """A client's program learns one way."""
    asked = ask(delivery)
    test = delivery_of_a_test_file(asked.destination, delivery.event, noon(DAY))
    format_events(test, stage_sample_event(test))
    deliver_file(test, UploadRun("dag", "run"), log)
    assert len(read_parts(sftp_server.user_folder("acme"))) == 1
    extra = deliver_late(asked)
    stem = extra.file_name.removesuffix(".json")
    files = list_files(sftp_server.user_folder("acme"))
    assert {f"{stem}-part0001.json", f"{stem}.json{MANIFEST}"} <= {*files}


def test_a_file_that_is_written_directly_comes_in_parts_too(events_db, delivery, deliver):
    """The manifest says that they are whole."""
    insert(events_db, 3)
    assert len(read_parts(deliver(ask(delivery, upload_mode="direct")))) == 2
    insert_event(events_db, noon(DAY, 9))
    assert len(read_parts(deliver(ask(delivery, upload_mode="direct")))) == 2


def test_a_day_goes_out_once_more_in_the_very_parts_it_had(events_db, delivery, deliver, log):
    """Byte for byte from what is kept, whatever the source and the YAML say by now."""
    insert(events_db, 3)
    folder = deliver(ask(delivery, encryption=None))
    before = list_files(folder)
    insert_event(events_db, noon(DAY, 9))
    now = ask(delivery, split=None, companion="none")
    made = delivery_as_kept(now)
    stage_exact(now)
    for path in folder.rglob("*part*"):
        path.unlink()
    deliver_file(made, UploadRun("dag", "exact", exact=True), log)
    assert list_files(folder) == before


def test_the_ids_of_a_split_day_are_known(events_db, delivery, deliver):
    """Reconciliation asks which events a client has."""
    ids = [insert_event(events_db, noon(DAY, number)) for number in range(3)]
    asked = ask(delivery, compression="gzip")
    deliver(asked)
    with open_ledger() as ledger:
        [file] = LedgerReading(ledger).read_received("acme", *asked.interval)
    assert [*read_kept_ids(asked, file)] == ids


@pytest.mark.parametrize(
    "noted",
    [
        {"part_tail": "/../"},
        {"parts": [(1, 1, "0" * 64)]},
        {"parts": [(3, 5, "x")]},
        {"parts": [(4, -1, "0" * 64)]},
    ],
)
def test_parts_that_are_not_ours_are_none(noted):
    """A manifest in a store that others write to leads nowhere else."""
    manifest = Manifest("x.json", 3, 5, "0" * 64, parts=[(3, 5, "0" * 64)], part_tail="-part")
    assert [part.name for part in list_parts(manifest, "x.json")] == ["x-part0001.json"]
    with pytest.raises(StagedGoneError):
        list_parts(replace(manifest, **noted), "x.json")


def test_an_empty_day_is_sent_where_parts_may_have_arrived(events_db, delivery, deliver):
    """What a client may have of a day is not left there by skipping it."""
    insert(events_db, 3)
    asked = ask(delivery, empty_day="skip")
    folder = deliver(asked)
    for table in (
        "delivery_record set delivered_at = null, state = 'failed'",
        "delivery_file set step = 'sending'",
    ):
        events_db.execute(f"update event_delivery.{table}")
    events_db.execute("update event_delivery.delivery_file set delivered_sha256 = null, delivered_at = null")
    events_db.execute("delete from events")
    deliver(asked)
    assert read_parts(folder) == [b"[]\n"]


def test_a_retry_that_mends_a_part_brings_the_manifest_back(events_db, delivery, deliver):
    """It was removed before the part was replaced, so that it came before counts for nothing."""
    insert(events_db, 3)
    folder = deliver(ask(delivery))
    before = list_files(folder)
    next(folder.rglob("*-part0002.json")).write_bytes(b"cut off")
    deliver(ask(delivery), retrying=True, try_number=2)
    assert list_files(folder) == before
