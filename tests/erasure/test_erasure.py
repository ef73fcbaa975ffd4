"""Does an erasure request find every file that holds a learner, name who received it, and delete no other?"""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from event_delivery.delivery import nightly_delivery
from event_delivery.erasure import SoughtText, remove_found, search_files
from event_delivery.erasure.__main__ import main
from event_delivery.extract.events import extract_events
from event_delivery.formats.delivery_file import format_staged_events
from event_delivery.staging import find_kept, keep_delivered, staging_folder
from event_delivery.upload import UploadRun, deliver_file
from tests.sample_events import DAY, insert_event, noon

MAIL = 'ann "é" o\\neil@school.com'


def make(delivery):
    extract_events(delivery)
    return format_staged_events(delivery)


def keep(delivery):
    keep_delivered(delivery, make(delivery), delivery.file_name, f"/in/{delivery.file_name}")


@pytest.fixture
def beta(delivery):
    """Another client's delivery of the same day, as CSV."""
    edits = {"id": "beta", "client": "Beta", "format": "csv", "company_id": "00f928f4-8718-5043-9164-32398b165c60"}
    return replace(delivery, destination=delivery.destination.model_copy(update=edits))


@pytest.fixture
def days(events_db, staging_area, delivery, beta):
    """Kept: two days of acme's and one of beta's; ann is in acme's first one and beta's."""
    acme = delivery.destination
    other = nightly_delivery(acme, delivery.event, acme.day(DAY.replace(day=10)))
    insert_event(events_db, noon(DAY), user=MAIL)
    insert_event(events_db, noon(DAY.replace(day=10)))
    insert_event(events_db, noon(DAY), user=MAIL.upper(), company_id=beta.destination.company_id)
    for each in (delivery, other, beta):
        keep(each)
    return delivery, other, beta


@pytest.mark.parametrize("text", [MAIL, MAIL.upper(), "  " + MAIL + "\n"])
def test_every_file_that_holds_a_learner_is_found_in_csv_and_json(days, text):
    """Staged events, delivery file and kept file, whatever their format escapes; of nobody else's day."""
    search = search_files(SoughtText(text))
    assert [found.destination for found in search.found] == ["acme", "beta"]
    assert [found.key for found in search.found] == [days[0].key, days[2].key]
    for found, staged in zip(search.found, ("array.json", "events.csv"), strict=True):
        [kept] = found.received
        assert set(found.names) == {kept.file_name, str(kept.name), staged}
    assert (search.files, search.unread) == (18, ())


def test_files_are_removed_whole_and_no_other(days):
    """With what describes them; the other day stays, and can still be delivered exactly."""
    acme, other, beta = days
    assert remove_found(search_files(SoughtText(MAIL))) == []
    assert find_kept(acme) == find_kept(beta) == []
    assert list(staging_folder(acme).iterdir()) == list(staging_folder(beta).iterdir()) == []
    assert len(find_kept(other)) == 1
    assert len(list(staging_folder(other).iterdir())) == 6
    assert search_files(SoughtText(MAIL)).found == ()


def test_removal_lets_no_folder_look_touched(days):
    """Else what stays in it would stay for days more."""
    folder = staging_folder(days[0])
    before = folder.stat().st_mtime_ns
    remove_found(search_files(SoughtText(MAIL)))
    assert folder.stat().st_mtime_ns == before


def test_the_command_says_who_received_what(days, capsys):
    """Client, day, file, moment and remote path; the text is nowhere in what is printed."""
    assert main(["find", MAIL]) == 0
    said = capsys.readouterr()
    [kept] = find_kept(days[0])
    assert "6 of 18 files hold it." in said.out
    assert kept.manifest.path in said.out
    at = f"{kept.delivered_at:%Y-%m-%d %H:%M:%S} UTC"
    line = f"acme (Acme University) received courseCompletion of 2026-03-09: {kept.file_name}, at {at}, as "
    assert line + kept.remote_path in said.out
    assert "beta (Beta) received courseCompletion of 2026-03-09" in said.out
    assert "keep_days are not kept here" in said.out
    assert "neil" not in said.out + said.err


def test_the_text_is_read_from_standard_input(days, capsys, monkeypatch, caplog):
    """So that it stands in no list of processes; nor in any log."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{MAIL}\n"))
    with caplog.at_level(logging.DEBUG):
        assert main(["remove", "--yes"]) == 0
    said = capsys.readouterr()
    assert "Deleted 6 files, whole" in said.out
    assert "neil" not in said.out + said.err + caplog.text
    assert find_kept(days[0]) == []


def test_nothing_is_deleted_without_a_yes(days, capsys, monkeypatch):
    """Nobody to ask, or another answer than yes."""
    monkeypatch.setattr("sys.stdin", io.StringIO(MAIL))
    assert main(["remove"]) == 1
    assert "wanted --yes" in capsys.readouterr().err

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stdin", Terminal("no\n"))
    assert main(["remove", MAIL]) == 1
    assert len(find_kept(days[0])) == 1
    monkeypatch.setattr("sys.stdin", Terminal("yes\n"))
    assert main(["remove", MAIL]) == 0
    assert find_kept(days[0]) == []


def test_of_what_is_only_staged_the_ledger_says_whether_it_was_delivered(
    events_db, staging_area, delivery, sftp_server, log, capsys
):
    """Delivered under keep_days: 0, or not at all; and that nobody knows where there is no ledger."""
    none = replace(delivery, destination=delivery.destination.model_copy(update={"keep_days": 0}))
    insert_event(events_db, noon(DAY), user=MAIL)
    make(none)
    main(["find", MAIL])
    assert f"acme, {delivery.key}: not delivered, by the ledger" in capsys.readouterr().out
    deliver_file(none, UploadRun("dag", "run"), log)
    main(["find", MAIL])
    said = capsys.readouterr().out
    assert (
        f"acme received courseCompletion of the day from 2026-03-09 04:00:00 UTC: {delivery.file_name}, at "
        in said
    )
    assert f"as {delivery.file_name}; perhaps with the text" in said
    events_db.execute("drop schema event_delivery cascade")
    events_db.execute("create schema event_delivery create table schema_version (version integer, name text)")
    events_db.execute("insert into event_delivery.schema_version values (9999, 'later')")
    assert main(["find", MAIL]) == 0
    said = capsys.readouterr().out
    assert f"acme, {delivery.key}: whether it was delivered is not known" in said
    assert "The ledger cannot be asked: " in said


def test_what_could_not_be_searched_is_an_error_that_names_it(days, capsys, tmp_path):
    """A link is not followed; whoever asks must not take the answer for complete."""
    folder = staging_folder(days[1])
    (tmp_path / "elsewhere").write_text(MAIL)
    (folder / "events.txt").symlink_to(tmp_path / "elsewhere")
    assert main(["remove", "--yes", MAIL]) == 1
    said = capsys.readouterr()
    assert f"Not everything could be searched: {folder}/events.txt is no file of user" in said.err
    assert find_kept(days[0]) == []
    assert (tmp_path / "elsewhere").read_text() == MAIL


def test_an_empty_instance_has_nothing_to_erase(staging_area, capsys):
    """No staging area is made by looking."""
    assert main(["find", "ann@x.org"]) == 0
    assert "0 of 0 files hold it." in capsys.readouterr().out
    assert not Path(staging_area).exists()


def test_a_rehearsal_says_that_no_client_received_anything(days, capsys, monkeypatch):
    """Its files went to a server of our own."""
    monkeypatch.setenv("EVENT_DELIVERY_REHEARSAL", "sftp_rehearsal")
    main(["find", MAIL])
    assert "to a server of our own, and to no client" in capsys.readouterr().out
