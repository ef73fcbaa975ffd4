"""The ids of what is extracted: their digest, and those of a query's events that are chosen by id."""

from __future__ import annotations

import random
import uuid
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_delivery.delivery import Delivery
from event_delivery.destinations import EVENT_TYPES
from event_delivery.extract import extract_events
from event_delivery.extract.ids import add_digests, digest_ids, read_id_digest, read_ids
from event_delivery.extract.query import query_events
from event_delivery.extract.snapshot import open_snapshot
from event_delivery.formats import format_staged_events
from tests.sample_events import DAY, insert_event, noon


@given(ids=st.lists(st.text(), unique=True), where=st.integers(0, 20))
def test_a_digest_depends_on_the_ids_alone(ids: list[str], where: int) -> None:
    """Neither on their order nor on how they are divided into files."""
    shuffled = random.Random(where).sample(ids, len(ids))
    assert digest_ids(shuffled) == digest_ids(ids)
    assert add_digests([digest_ids(ids[:where]), digest_ids(ids[where:])]) == digest_ids(ids)


def test_the_digest_is_what_it_is_documented_to_be() -> None:
    """It stands in the ledger for ever: no release computes it in another way."""
    assert digest_ids(["a"]).digest == "0cc175b9c0f1b6a8"  # the first half of md5("a")
    assert digest_ids(["a", "b"]) == (2, f"{0x0CC175B9C0F1B6A8 + 0x92EB5FFEE6AE2FEC:016x}")
    assert digest_ids([]) == (0, "0" * 16)


def test_an_extract_knows_the_digest_of_its_ids(events_db: psycopg.Connection[Any], delivery: Delivery) -> None:
    """Computed by PostgreSQL while it counts, it is the digest of the ids, and the delivery file's too."""
    ids = [insert_event(events_db, noon(DAY, minutes)) for minutes in range(7)]
    assert extract_events(delivery).id_digest == digest_ids(ids).digest
    assert format_staged_events(delivery).id_digest == digest_ids(ids).digest


def test_an_empty_day_has_a_digest(events_db: psycopg.Connection[Any], delivery: Delivery) -> None:
    """So that a first late event is noticed."""
    assert extract_events(delivery).id_digest == digest_ids([]).digest


AWKWARD = ("it's", 'a "quoted" id', "new\nline", "tab\t", "back\\slash", "ä€😀", " ", "%s %%", "\x01\x02")


@pytest.mark.parametrize("kind", ["text", "uuid", "bigint", "numeric"])
def test_ids_of_any_type_are_read_as_the_file_has_them(
    events_db: psycopg.Connection[Any], delivery: Delivery, include: Any, kind: str
) -> None:
    """Numbers, UUIDs and texts with whatever PostgreSQL allows in them."""
    ids = {
        "text": list(AWKWARD),
        "uuid": [str(uuid.uuid4()) for _ in range(3)],
        "bigint": ["-1", "9223372036854775807"],
        "numeric": ["1.50", "12345678901234567890.000001"],
    }[kind]
    statement = include / "sql" / EVENT_TYPES["courseCompletion"].sql
    rows = ", ".join(f"({psycopg.sql.quote(each)}::{kind})" for each in ids).replace("%", "%%")
    statement.write_text(
        f'select given.id, %(interval_start)s::timestamptz as "timestamp" from (values {rows}) as given (id)'
    )
    with open_snapshot() as cursor:
        query = query_events(cursor, delivery)
        assert sorted(read_ids(cursor, query)) == sorted(ids)
        assert read_id_digest(cursor, query) == digest_ids(ids)
        chosen = query.only(ids[:2])
        assert sorted(read_ids(cursor, chosen)) == sorted(ids[:2])


def test_the_events_to_stage_can_be_chosen(events_db: psycopg.Connection[Any], delivery: Delivery) -> None:
    """In the snapshot that is read; what is staged, counted and digested is those alone."""
    first, second, third = (insert_event(events_db, noon(DAY, minutes)) for minutes in range(3))

    def choose(cursor: Any, query: Any) -> list[str]:
        assert sorted(read_ids(cursor, query)) == sorted([first, second, third])
        return [third, first]

    staged = extract_events(delivery, choose=choose)
    assert (staged.rows, staged.id_digest) == digest_ids([first, third])
