"""Does a learner leave an object store and the scratch area, so that no machine serves him again?"""

from __future__ import annotations

import pytest

from event_delivery.delivery import nightly_delivery
from event_delivery.erasure import SoughtText, remove_found, search_files
from event_delivery.erasure.__main__ import main
from event_delivery.extract.events import extract_events
from event_delivery.formats.delivery_file import format_staged_events
from event_delivery.staging import (
    StagedGoneError,
    check_staged,
    find_kept,
    keep_delivered,
    read_kept,
    stage_file,
    write_manifest,
)
from event_delivery.staging.store import open_store
from tests.sample_events import DAY, insert_event, noon

MAIL = 'ann "é" o\\neil@school.com'


def keys():
    return [each.key for each in open_store().list_objects()]


def make(delivery):
    extract_events(delivery)
    manifest = format_staged_events(delivery)
    keep_delivered(delivery, manifest, delivery.file_name, f"/in/{delivery.file_name}")


@pytest.fixture
def days(machines, events_db, delivery):
    """Kept: two days of acme's, made on the first machine; ann is in the first day; both machines have copies."""
    other = nightly_delivery(delivery.destination, delivery.event, delivery.destination.day(DAY.replace(day=10)))
    insert_event(events_db, noon(DAY), user=MAIL)
    insert_event(events_db, noon(DAY.replace(day=10)))
    for each in (delivery, other):
        make(each)
    machines.move()
    for each in (delivery, other):
        check_staged(each, each.file_name)
        check_staged(each, each.staged_name)
    return delivery, other


def test_every_object_that_holds_a_learner_is_found_with_who_received_it(days, machines, capsys):
    """Staged events, delivery file and kept file, and the copies of this machine."""
    assert main(["find", MAIL]) == 0
    said = capsys.readouterr().out
    [kept] = find_kept(days[0])
    assert f"{open_store().address}/{kept.manifest.stored}" in said
    assert f"{machines.scratch}/acme/{days[0].key}/{kept.manifest.sha256}" in said
    assert said.count("acme (Acme University) received courseCompletion of 2026-03-09") == 1
    assert "whether it was delivered" not in said
    assert days[1].key not in said
    assert "neil" not in said


def test_what_one_machine_erases_no_other_serves(days, machines):
    """The other machine has copies still, to which nothing leads any more."""
    acme, other = days
    [kept] = find_kept(acme)
    assert remove_found(search_files(SoughtText(MAIL))) == []
    assert not [key for key in keys() if acme.key in key]
    assert len([key for key in keys() if other.key in key]) == 6
    machines.move_back()
    for name in (acme.file_name, acme.staged_name):
        with pytest.raises(StagedGoneError):
            check_staged(acme, name)
    assert find_kept(acme) == []
    with pytest.raises(StagedGoneError), read_kept(acme, kept.manifest.sha256):
        pass
    [copies] = search_files(SoughtText(MAIL)).found
    assert not copies.stored
    assert remove_found(search_files(SoughtText(MAIL))) == []
    assert search_files(SoughtText(MAIL)).found == ()


def test_a_learner_at_the_edge_of_two_blocks_is_found(machines, delivery, monkeypatch):
    """An object is searched as it comes."""
    monkeypatch.setattr("event_delivery.staging.fetching.STORE_BLOCK_BYTES", 7)
    with stage_file(delivery, "events.csv") as file:
        file.write(b"0123456789,ann@school.com,x")
    write_manifest(delivery, "events.csv", file.manifest(1))
    machines.move()
    [found] = search_files(SoughtText("ann@school.com")).found
    assert found.stored


def test_a_removal_that_was_cut_off_leaves_nothing_that_leads_to_a_copy(days, machines, monkeypatch):
    """What leads to a file goes before it; the rest is found by the next one."""
    acme, bucket = days[0], type(open_store())
    delete = bucket.delete

    def delete_one(self, found):
        delete(self, list(found)[:3])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bucket, "delete", delete_one)
        with pytest.raises(KeyboardInterrupt):
            remove_found(search_files(SoughtText(MAIL)))
    assert len([key for key in keys() if acme.key in key]) == 3
    assert find_kept(acme) == []
    with pytest.raises(StagedGoneError):
        check_staged(acme, acme.file_name)
    assert remove_found(search_files(SoughtText(MAIL))) == []
    assert not [key for key in keys() if acme.key in key]
