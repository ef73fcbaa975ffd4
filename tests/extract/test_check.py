"""Are ids that stand twice found, whatever their type, and named only where there are any?"""

from __future__ import annotations

import pytest

from event_delivery.errors import PermanentError
from event_delivery.extract.events import extract_events
from tests.sample_events import DAY, insert_event, noon

pytestmark = pytest.mark.usefixtures("staging_area", "events_db")
STATEMENT = """select id, timestamptz '2026-03-09 17:00Z' as "timestamp" from (values {}) as made (id)"""
TWICE = {
    "int": ("1::int", "2::int", "1::int"),
    "bigint": ("1::bigint", "2::bigint", "1::bigint"),
    "text": ("'a'::text", "'b'", "'a'"),
    "varchar": ("'a'::varchar(9)", "'b'", "'a'"),
    "uuid": (f"'{1:032x}'::uuid", f"'{2:032x}'", f"'{1:032x}'"),
    "numeric": ("1.0::numeric", "2", "1.00"),
    "bpchar": ("'a'::char(2)", "'b'", "'a '"),
    "timestamptz": ("'2026-01-01 00:00Z'::timestamptz", "'2026-01-02'", "'2026-01-01 01:00+01'"),
}


def write_statement(include, values) -> None:
    rows = ", ".join(f"({value})" for value in values)
    (include / "sql/course_completion.sql").write_text(STATEMENT.format(rows))


@pytest.mark.parametrize("kind", TWICE)
def test_an_id_that_stands_twice_is_found_in_every_type(include, delivery, kind):
    """Equal is what the type calls equal, also where the texts differ."""
    write_statement(include, TWICE[kind])
    with pytest.raises(PermanentError, match=r"these events may not go out; .*: event [^,]+ stands 2 times\."):
        extract_events(delivery)
    write_statement(include, TWICE[kind][:2])
    assert extract_events(delivery).rows == 2


def test_two_ids_of_one_hash_hinder_nothing(include, delivery, monkeypatch):
    """The second pass compares the ids themselves."""
    monkeypatch.setattr("event_delivery.extract.check._HASHES", {"text": "0"})
    write_statement(include, ("'a'::text", "'b'"))
    assert extract_events(delivery).rows == 2


def test_events_are_read_once_more_only_where_some_fail(include, delivery, events_db, monkeypatch):
    """Naming takes as long as all the rest: a night without failures does without."""
    insert_event(events_db, noon(DAY))
    monkeypatch.setattr("event_delivery.extract.check._name_failing", None)
    assert extract_events(delivery).rows == 1


def test_a_statement_of_chance_is_stopped(include, delivery):
    """What was checked would not be what the client gets."""
    (include / "sql/course_completion.sql").write_text(
        """select id, timestamptz '2026-03-09 17:00Z' as "timestamp" """
        "from generate_series(1, 1000) as id where random() < 0.5"
    )
    with pytest.raises(PermanentError, match=r"events when they were written, and \d+ when they were checked"):
        extract_events(delivery)
