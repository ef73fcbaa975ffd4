"""Does a client get one encrypted file of a day, whatever is run again, and do we know what it holds?"""

from __future__ import annotations

import gzip
import hashlib
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from event_delivery.completeness.reconciliation import open_reconciliation
from event_delivery.completeness.report import read_report
from event_delivery.delivery import delivery_of_test_file as delivery_of_test_file
from event_delivery.extract import extract_events, stage_sample_event
from event_delivery.formats import format_events, format_staged_events
from event_delivery.ledger import LedgerReading
from event_delivery.orchestration.exact_redelivery import delivery_as_kept, stage_exact
from event_delivery.preflight.keys import look_at_keys
from event_delivery.upload import UploadRun, attempt, deliver_file
from tests.completeness.deliveries import night
from tests.ledger_contents import connect_ledger, read_record
from tests.openpgp.conftest import encrypting
from tests.sample_events import DAY, insert_event, noon

NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)


@pytest.fixture
def destination(connect, client, client_key):
    """One whose files are encrypted for the client."""
    connect("openpgp_acme", public_key=client.export(client_key))
    return encrypting("openpgp_acme", compression="gzip", format="csv")


@pytest.fixture
def delivery(events_db, staging_area, destination):
    """A day of two events."""
    for minute in range(2):
        insert_event(events_db, noon(DAY, minute))
    return night(destination, DAY)


def stage(delivery):
    """Run extract and format."""
    extract_events(delivery)
    return format_staged_events(delivery)


def upload(delivery, log, run_id: str = "run", retrying: bool = False):
    """Run upload alone."""
    return deliver_file(delivery, UploadRun("dag", run_id, retrying), log)


def read_folder(folder: Path) -> dict[str, bytes]:
    """Return what the client has."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def expire(made) -> None:
    """Take away what was staged; what was delivered is kept."""
    for path in Path(made.path).parent.iterdir():
        if not path.name.startswith("kept-"):
            path.unlink()


def test_a_clear_of_upload_alone_sends_the_same_bytes(delivery, folder, log):
    """And where the file lies there still, nothing."""
    made = stage(delivery)
    upload(delivery, log)
    wanted = {delivery.file_name: Path(made.path).read_bytes()}
    assert read_folder(folder) == wanted
    inode = (folder / delivery.file_name).stat().st_ino
    upload(delivery, log, "cleared")
    assert (folder / delivery.file_name).stat().st_ino == inode
    (folder / delivery.file_name).unlink()
    upload(delivery, log, "cleared again")
    assert read_folder(folder) == wanted


def test_a_whole_run_that_is_cleared_sends_the_same_bytes(delivery, folder, log):
    """The events are read again, and are the same."""
    made = stage(delivery)
    upload(delivery, log)
    wanted = read_folder(folder)
    (folder / delivery.file_name).unlink()
    assert stage(delivery).sha256 == made.sha256
    upload(delivery, log, "cleared")
    assert read_folder(folder) == wanted


def test_a_kept_file_takes_the_place_of_a_staged_one_that_has_expired(delivery, folder, log, events_db):
    """Of the same events; where they are others, it is encrypted anew."""
    made = stage(delivery)
    upload(delivery, log)
    expire(made)
    again = stage(delivery)
    assert (again.sha256, again.bytes, again.plain_sha256) == (made.sha256, made.bytes, made.plain_sha256)
    inode = (folder / delivery.file_name).stat().st_ino
    upload(delivery, log, "cleared")
    assert (folder / delivery.file_name).stat().st_ino == inode, "nothing was sent again"
    insert_event(events_db, noon(DAY, 5))
    assert stage(delivery).sha256 != made.sha256


def test_a_kept_file_that_has_other_bytes_is_not_taken(delivery, folder, log, caplog):
    """It is proven before it gets the delivery file's name."""
    made = stage(delivery)
    upload(delivery, log)
    [kept] = [path for path in Path(made.path).parent.glob("kept-*") if not path.suffix]
    expire(made)
    kept.write_bytes(bytes(made.bytes))
    again = stage(delivery)
    assert again.sha256 != made.sha256
    assert "It is made anew." in caplog.text


def test_a_task_that_died_after_close_leaves_one_file(delivery, folder, log, monkeypatch):
    """The retry makes everything again, and finds the very bytes there."""
    with monkeypatch.context() as patched:
        patched.setattr(attempt, "record_success", die)
        stage(delivery)
        with pytest.raises(KeyboardInterrupt):
            upload(delivery, log)
    before = read_folder(folder)
    assert [*before] == [delivery.file_name]
    stage(delivery)
    upload(delivery, log, retrying=True)
    assert read_folder(folder) == before
    assert read_record(delivery)["state"] == "delivered"


def die(*_, **__):
    """End as a task that is killed."""
    raise KeyboardInterrupt


def test_the_ledger_has_the_checksum_of_the_events_before_they_were_packed(delivery, folder, log):
    """Beside that of the file; nothing of a file that is not packed."""
    made = stage(delivery)
    upload(delivery, log)
    with connect_ledger() as connection:
        [file] = LedgerReading(connection).read_received("acme", delivery.interval_start, NOW)
    assert (file.sha256, file.plain_sha256) == (made.sha256, made.plain_sha256)
    assert made.plain_sha256 not in ("", made.sha256)


def test_another_machine_takes_the_encrypted_file_from_the_store(delivery, machines, sftp_server, log):
    """Staged or kept there, in a store that machines share: encrypted once for all of them."""
    made = stage(delivery)
    machines.move()
    assert stage(delivery).sha256 == made.sha256
    upload(delivery, log)
    [sent] = sftp_server.user_folder("acme").iterdir()
    if machines_store := next((path for path in machines.folder.glob("store/staged")), None):
        shutil.rmtree(machines_store)
        machines.move("third")
        again = stage(delivery)
        assert (again.sha256, again.bytes) == (made.sha256, sent.stat().st_size)
        upload(delivery, log, "cleared")
        assert hashlib.sha256(sent.read_bytes()).hexdigest() == made.sha256


def test_a_key_that_cannot_be_used_is_found_by_day(destination, connect, events_db, staging_area):
    """Before the night comes, in a line with what to do; a destination without keys is none of it."""
    assert look_at_keys([destination, destination.model_copy(update={"encryption": None})]) == []
    connect("openpgp_acme", public_key="none")
    [finding] = look_at_keys([destination])
    assert (finding.destination, finding.kind) == ("acme", "keys")
    assert finding.told.startswith(
        "acme: encryption.recipients: Connection 'openpgp_acme': found no OpenPGP public"
    )
    assert finding.advice.startswith("Mend it before tonight")


def test_a_day_goes_out_byte_for_byte_once_more(delivery, folder, log, events_db):
    """Also where the source has other events by now; what is made of them afterwards is another file."""
    made = stage(delivery)
    upload(delivery, log)
    wanted = read_folder(folder)
    (folder / delivery.file_name).unlink()
    insert_event(events_db, noon(DAY, 5))
    expire(made)
    exact = stage_exact(delivery)
    assert (exact.sha256, exact.plain_sha256, exact.exact) == (made.sha256, made.plain_sha256, True)
    deliver_file(delivery_as_kept(delivery), UploadRun("dag", "exact", exact=True), log)
    assert read_folder(folder) == wanted
    again = stage(delivery)
    assert (again.sha256 != made.sha256, again.exact, again.rows) == (True, False, 3)


def test_a_test_file_and_an_empty_day_are_encrypted_too(destination, client, events_db, staging_area):
    """The client's GnuPG finds the sample event, and a header alone."""
    test_file = delivery_of_test_file(destination, "courseCompletion", NOW)
    sample = format_events(test_file, stage_sample_event(test_file))
    empty = stage(night(destination, DAY))
    lines = [gzip.decompress(client.open(Path(each.path)).data).splitlines() for each in (sample, empty)]
    assert (len(lines[0]), lines[1]) == (2, lines[0][:1])


def reconcile(destination):
    """Return the report of the day."""
    with open_reconciliation(destination, DAY, DAY, NOW) as reconciliation:
        return read_report(reconciliation)


def test_reconciliation_knows_that_an_encrypted_day_is_unchanged(delivery, destination, folder, log, events_db):
    """By the events' checksum, although nobody here can open the file; of a changed day it says why not."""
    stage(delivery)
    upload(delivery, log)
    [row] = reconcile(destination).rows
    assert (row.changed, row.note) == (0, None)
    events_db.execute("update events set title = 'Another'")
    [row] = reconcile(destination).rows
    assert row.changed is None
    assert "is encrypted: only those it is for can tell what it holds" in reconcile(destination).write_text()


@pytest.mark.parametrize("compression", ["gzip", "zip"])
def test_reconciliation_reads_compressed_files(acme, folder, log, events_db, staging_area, compression):
    """Late events by their ids, changed ones by their rows."""
    destination = acme.model_copy(update={"compression": compression})
    changed, _ = (insert_event(events_db, noon(DAY, minute)) for minute in range(2))
    delivery = night(destination, DAY)
    stage(delivery)
    upload(delivery, log)
    events_db.execute("update events set title = 'Another' where id = %s", [changed])
    insert_event(events_db, noon(DAY, 5))
    [row] = reconcile(destination).rows
    assert (row.changed, row.missing, row.unexpected) == (1, 1, 0)
