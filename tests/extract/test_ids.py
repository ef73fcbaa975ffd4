"""The ids of what is extracted: their digest, and those of a query's events that are chosen by id."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_delivery.delivery import Delivery
from event_delivery.destinations import EVENT_TYPES
from event_delivery.extract import extract_events
from event_delivery.extract.ids import IdDigest, add_digests, read_id_digest, read_ids, write_digest
from event_delivery.extract.query import query_events
from event_delivery.extract.snapshot import open_snapshot
from event_delivery.formats import format_staged_events
from tests.sample_events import DAY, insert_event, noon


def digest_of(connection: psycopg.Connection[Any], ids: list[str]) -> IdDigest:
    """Return the digest by a statement of the test's own: the one that the docs name."""
    query = "select count(*), coalesce(sum(hashtextextended(id, 0)), 0) from unnest(%s::text[]) as id"
    rows, total = connection.execute(query, [ids]).fetchone() or (0, 0)
    return IdDigest(rows, f"{int(total) % 2**64:016x}")


@given(totals=st.lists(st.integers(-(2**63), 2**63 - 1)), where=st.integers(0, 20))
def test_digests_of_parts_add_up_to_that_of_the_whole(totals: list[int], where: int) -> None:
    """However the events are divided into files, and in whatever order."""
    parts = [IdDigest(1, write_digest(total)) for total in totals]
    whole = IdDigest(len(totals), write_digest(sum(totals)))
    assert add_digests(parts) == add_digests(reversed(parts)) == whole
    assert add_digests([add_digests(parts[:where]), add_digests(parts[where:])]) == whole


def test_the_digest_is_what_it_is_documented_to_be(events_db: psycopg.Connection[Any]) -> None:
    """It stands in the ledger for ever: no release of ours or of PostgreSQL computes it in another way."""
    assert digest_of(events_db, []) == (0, "0" * 16)
    assert digest_of(events_db, ["a"]) == (1, WRITTEN_DOWN)


def test_an_extract_knows_the_digest_of_its_ids(events_db: psycopg.Connection[Any], delivery: Delivery) -> None:
    """Computed by PostgreSQL while it counts, it is the digest of the ids, and the delivery file's too."""
    ids = [insert_event(events_db, noon(DAY, minutes)) for minutes in range(7)]
    assert extract_events(delivery).id_digest == digest_of(events_db, ids).digest
    assert format_staged_events(delivery).id_digest == digest_of(events_db, ids).digest


def test_an_empty_day_has_a_digest(events_db: psycopg.Connection[Any], delivery: Delivery) -> None:
    """So that a first late event is noticed."""
    assert extract_events(delivery).id_digest == digest_of(events_db, []).digest


WRITTEN_DOWN = "31d94c66401370b1"  # by PostgreSQL 15, of the id "a"
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
        assert read_id_digest(cursor, query) == digest_of(events_db, ids)
        chosen = query.only(ids[:2])
        assert sorted(read_ids(cursor, chosen)) == sorted(ids[:2])


def test_the_events_to_stage_can_be_chosen(events_db: psycopg.Connection[Any], delivery: Delivery) -> None:
    """In the snapshot that is read; what is staged, counted and digested is those alone."""
    first, second, third = (insert_event(events_db, noon(DAY, minutes)) for minutes in range(3))

    def choose(cursor: Any, query: Any) -> list[str]:
        assert sorted(read_ids(cursor, query)) == sorted([first, second, third])
        return [third, first]

    staged = extract_events(delivery, choose=choose)
    assert (staged.rows, staged.id_digest) == digest_of(events_db, [first, third])
