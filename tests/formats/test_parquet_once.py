"""Does a client keep the Parquet file that it has, when we write Parquet otherwise since?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from event_delivery.completeness.reconciliation import open_reconciliation
from event_delivery.completeness.report import read_report
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events, parquet
from event_delivery.orchestration.exact_redelivery import delivery_as_kept, stage_exact
from event_delivery.upload import UploadRun, attempt, deliver_file
from tests.completeness.deliveries import night
from tests.formats.parquet_readers import read_by_duckdb
from tests.ledger_contents import read_record
from tests.sample_events import DAY, insert_event, noon

NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)


@pytest.fixture
def destination(acme):
    """One that gets Parquet."""
    return acme.model_copy(update={"format": "parquet"})


@pytest.fixture
def delivery(events_db, staging_area, destination):
    """A day of twenty events."""
    for minute in range(20):
        insert_event(events_db, noon(DAY, minute))
    return night(destination, DAY)


@pytest.fixture
def upgrade(monkeypatch):
    """Return a function after which the same events would be written as other bytes, as another Arrow does."""
    return lambda: monkeypatch.setattr(parquet, "ROW_GROUP_BYTES", 1_000)


def stage(delivery):
    extract_events(delivery)
    return format_staged_events(delivery)


def upload(delivery, log, run_id="run", retrying=False):
    return deliver_file(delivery, UploadRun("dag", run_id, retrying), log)


def expire(made) -> None:
    """Take away what was staged; what was delivered is kept."""
    for path in Path(made.path).parent.iterdir():
        if not path.name.startswith("kept-"):
            path.unlink()


@pytest.mark.parametrize("is_expired", [False, True], ids=["staged", "kept"])
def test_a_run_that_is_cleared_after_an_upgrade_sends_nothing(delivery, folder, log, upgrade, is_expired):
    """The events are read again, are the same, and so is the file; the client's stays untouched."""
    made = stage(delivery)
    upload(delivery, log)
    inode = (folder / delivery.file_name).stat().st_ino
    if is_expired:
        expire(made)
    upgrade()
    assert stage(delivery).sha256 == made.sha256
    upload(delivery, log, "cleared")
    assert (folder / delivery.file_name).stat().st_ino == inode


def test_a_retry_after_an_upgrade_goes_on_with_what_was_sent(delivery, folder, log, upgrade, monkeypatch):
    """The task died after CLOSE: past it nothing is made anew."""
    with monkeypatch.context() as patched:
        patched.setattr(attempt, "record_success", die)
        made = stage(delivery)
        with pytest.raises(KeyboardInterrupt):
            upload(delivery, log)
    before = (folder / delivery.file_name).read_bytes()
    upgrade()
    assert stage(delivery).sha256 == made.sha256
    upload(delivery, log, retrying=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {delivery.file_name: before}
    assert read_record(delivery)["state"] == "delivered"


def die(*_, **__):
    """End as a task that is killed."""
    raise KeyboardInterrupt


def test_a_day_with_another_event_is_written_anew(delivery, folder, log, upgrade, events_db):
    """A redelivery brings it, by the writer of today."""
    made = stage(delivery)
    upload(delivery, log)
    insert_event(events_db, noon(DAY, 30))
    upgrade()
    assert stage(delivery).sha256 != made.sha256
    upload(delivery, log, "cleared")
    assert len(read_by_duckdb(folder / delivery.file_name)) == 21


def test_a_day_goes_out_byte_for_byte_once_more(delivery, folder, log, upgrade, events_db):
    """Whatever the source holds since, and whoever writes Parquet."""
    stage(delivery)
    upload(delivery, log)
    before = (folder / delivery.file_name).read_bytes()
    (folder / delivery.file_name).unlink()
    events_db.execute("delete from events")
    upgrade()
    stage_exact(delivery)
    deliver_file(delivery_as_kept(delivery), UploadRun("dag", "exact", exact=True), log)
    assert (folder / delivery.file_name).read_bytes() == before


def test_reconciliation_compares_what_postgresql_wrote(delivery, destination, folder, log, upgrade, events_db):
    """An upgrade changes no event; of a day that was changed it is said that rows are not compared."""
    stage(delivery)
    upload(delivery, log)
    upgrade()

    def reconcile():
        with open_reconciliation(destination, DAY, DAY, NOW) as reconciliation:
            return read_report(reconciliation).rows

    [row] = reconcile()
    assert (row.missing, row.unexpected, row.changed, row.note) == (0, 0, 0, None)
    events_db.execute("update events set title = 'Another'")
    [row] = reconcile()
    assert (row.missing, row.unexpected, row.changed) == (0, 0, None)
