"""Is a learner found in a file whose encoding is the client's own?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from event_delivery.delivery import Delivery
from event_delivery.destinations.dialect import Dialect
from event_delivery.destinations.split import Split
from event_delivery.erasure import SoughtText, remove_found, search_files
from event_delivery.extract.events import extract_events
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
