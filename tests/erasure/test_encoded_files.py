"""Is a learner found in a file whose encoding is the client's own?"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from event_delivery.delivery import Delivery
from event_delivery.destinations.dialect import Dialect
from event_delivery.destinations.split import Split
from event_delivery.erasure import SoughtText, remove_found, search_files
from event_delivery.erasure.blocks import Blocks
from event_delivery.erasure.packed_text import is_in_packed
from event_delivery.extract.events import extract_events
from event_delivery.formats import parquet
from event_delivery.formats.delivery_file import format_staged_events
from event_delivery.staging import find_kept, keep_delivered
from tests.sample_events import DAY, insert_event, noon

MAIL = "rené@school.com"


def keep(delivery: Delivery, **edits: object) -> Delivery:
    """Keep a delivery's file in a shape; all that it was made of has expired."""
    delivery = replace(delivery, destination=delivery.destination.model_copy(update=edits))
    extract_events(delivery)
    made = format_staged_events(delivery)
    keep_delivered(delivery, made, delivery.file_name, f"/in/{delivery.file_name}")
    for name in (delivery.staged_name, delivery.file_name):
        (Path(made.path).parent / name).unlink()
    return delivery


@pytest.mark.parametrize("compression", ["none", "gzip", "zip"])
@pytest.mark.parametrize("encoding", ["utf-8-bom", "utf-16le", "windows-1252", "latin-1"])
def test_a_learner_is_found_and_removed_in_every_encoding(
    events_db, staging_area, delivery, encoding, compression
):
    """The bytes of a text are others there; nobody is told that no file holds it."""
    insert_event(events_db, noon(DAY), user=MAIL)
    dialect = Dialect(encoding=encoding, quote="all", line_end="crlf")
    kept = keep(delivery, format="csv", csv=dialect, compression=compression)
    assert not search_files(SoughtText("else@school.com")).found
    search = search_files(SoughtText(MAIL.upper()))
    assert search.unread == ()
    assert [len(each.received) for each in search.found] == [1]
    assert remove_found(search) == []
    assert find_kept(kept) == []


@pytest.mark.parametrize("compression", ["none", "gzip", "zip"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16le"])
def test_a_learner_is_found_in_any_part_of_a_split_file(events_db, staging_area, delivery, encoding, compression):
    """Each part is packed by itself, and all are read."""
    mails = [f"learner{number}@school.com" for number in range(5)]
    for number, mail in enumerate(mails):
        insert_event(events_db, noon(DAY, number), user=mail)
    keep(
        delivery, format="csv", csv=Dialect(encoding=encoding), compression=compression, companion="manifest",
        split=Split(rows=2),
    )  # fmt: skip
    for mail in mails:
        search = search_files(SoughtText(mail))
        assert (search.unread, [len(each.received) for each in search.found]) == ((), [1]), mail
    assert not search_files(SoughtText("learner5@school.com")).found


def test_a_file_that_is_no_utf16_is_named_and_not_called_free_of_it(events_db, staging_area, delivery):
    """What cannot be read through cannot be vouched for."""
    insert_event(events_db, noon(DAY), user="bob@school.com", title="🎓")
    kept = keep(delivery, format="csv", csv=Dialect(encoding="utf-16le"))
    [file] = find_kept(kept)
    path = Path(file.manifest.path)
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(whole.replace("🎓".encode("utf-16le"), b"\x3c\xd8\x3c\xd8"))
    assert [str(path) in each for each in search_files(SoughtText(MAIL)).unread] == [True]


def test_a_learner_is_found_and_removed_in_parquet(events_db, staging_area, delivery, monkeypatch):
    """In any column and any row group, where a text is compressed and no neighbour of others."""
    for number in range(300):
        insert_event(events_db, noon(DAY, number), user=f"user{number}@school.com", title=f"1234{number}")
    insert_event(events_db, noon(DAY, 301), user=MAIL)
    monkeypatch.setattr(parquet, "ROW_GROUP_BYTES", 10_000)
    kept = keep(delivery, format="parquet")
    [file] = find_kept(kept)
    assert MAIL.encode() not in Path(file.manifest.path).read_bytes()[:5_000]
    for other in ("else@school.com", "er7@school.co", "1234300"):
        assert not search_files(SoughtText(other)).found
    for sought in (MAIL.upper(), "user7@school.com", "12347"):
        [found] = search_files(SoughtText(sought)).found
        assert len(found.received) == 1
    assert remove_found(search_files(SoughtText(MAIL))) == []
    assert find_kept(kept) == []


def test_a_parquet_file_that_comes_in_one_go_is_searched(events_db, staging_area, delivery):
    """As an object store gives it; what is read of it goes nowhere."""
    insert_event(events_db, noon(DAY), user=MAIL)
    [file] = find_kept(keep(delivery, format="parquet"))
    content = Path(file.manifest.path).read_bytes()
    for sought, wanted in ((MAIL, True), ("else@school.com", False)):
        blocks = Blocks(content[at : at + 100] for at in range(0, len(content), 100))
        assert is_in_packed(SoughtText(sought), io.BufferedReader(blocks)) is wanted


@pytest.mark.parametrize("cut", [5, 100, -10])
def test_a_parquet_file_that_is_cut_off_is_named(events_db, staging_area, delivery, cut):
    """Nobody can tell whom it holds."""
    insert_event(events_db, noon(DAY), user=MAIL)
    [file] = find_kept(keep(delivery, format="parquet"))
    path = Path(file.manifest.path)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:cut])
    [unread] = search_files(SoughtText(MAIL)).unread
    assert unread.startswith(f"{path}: it cannot be searched: no Parquet file that this package made, or one")
