"""Is the source read only once it says that it is complete?"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from event_delivery.destinations import EVENT_TYPES
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.extract import SourceNotReadyError
from event_delivery.extract.events import extract_events
from event_delivery.formats.delivery_file import format_staged_events
from event_delivery.staging import read_manifest
from tests import PROJECT
from tests.docs.test_docs import blocks, section
from tests.sample_events import DAY, insert_event, noon

pytestmark = pytest.mark.usefixtures("staging_area")
FROM_A_LOAD, FROM_TRANSACTIONS, FROM_A_REPLICA = blocks(
    section(PROJECT / "docs/events.md", "## When the source is complete"), "sql"
)


@pytest.fixture
def ask(include):
    """A function that writes include/sql/source_ready.sql."""
    return (include / "sql/source_ready.sql").write_text


def staged_ids(delivery) -> set[str]:
    extract_events(delivery)
    return {event["id"] for event in json.loads(Path(format_staged_events(delivery).path).read_text())}


def test_it_is_no_event_type(ask):
    """It has no sample, and quarantines nobody."""
    ask("select true")
    assert list(EVENT_TYPES) == ["courseCompletion"]
    assert EVENT_TYPES.explain("sourceReady") is None


@pytest.mark.parametrize(
    "statement",
    [
        "select true",
        "select %(interval_end)s",
        "select timestamptz 'infinity' -- a comment;",
        "select %(interval_end)s::timestamptz + interval '1 microsecond';\n",
        "with done as (select 1) select exists (select from done) where %(event)s = 'courseCompletion'",
    ],
)
def test_a_source_that_is_complete_is_read(events_db, delivery, ask, statement):
    """By a boolean, or by an instant up to which it is so: the interval is half open."""
    event = insert_event(events_db, noon(DAY))
    ask(statement.replace("%(interval_end)s", "%(interval_end)s::timestamptz", 1))
    assert staged_ids(delivery) == {event}


@pytest.mark.parametrize(
    "statement, said",
    [
        ("select false", "says false."),
        ("select null::boolean", "says null."),
        ("select null::timestamptz", "says null."),
        ("select %(interval_start)s::timestamptz", "says that it is so up to 2026-03-09 04:00:00+00."),
        ("select timestamptz '-infinity'", "says that it is so up to -infinity."),
        ("select timestamptz '0044-03-15 12:00Z BC'", "up to 0044-03-15 12:00:00+00 BC."),
        ("select %(company_id)s::uuid <> '3aabdfb8-3891-5011-ad35-8e2351c5fdaf'", "says false."),
    ],
)
def test_a_source_that_is_not_complete_is_not_read(events_db, delivery, ask, statement, said):
    """Nothing is staged, and the sentence says what the statement said."""
    insert_event(events_db, noon(DAY))
    ask(statement)
    with pytest.raises(SourceNotReadyError) as caught:
        extract_events(delivery)
    assert str(caught.value).startswith("acme: the source is not complete for 2026-03-09T04:00:00Z to ")
    assert str(caught.value).endswith(f"include/sql/source_ready.sql {said}" if said.startswith("says") else said)
    with pytest.raises(PermanentError, match="is not there"):
        read_manifest(delivery, delivery.staged_name)


@pytest.mark.parametrize(
    "statement, wanted",
    [
        ("select 1", "returns integer, wanted boolean or timestamp with time zone"),
        ("select localtimestamp", "returns timestamp without time zone, wanted boolean"),
        ("select true, true", "returns 1 rows of 2 columns, wanted one row of one column"),
        ("select true where false", "returns 0 rows of 1 columns"),
        ("select true from generate_series(1, 3)", "returns several rows of 1 columns"),
        ("select true from no_such_table", 'events_db, include/sql/source_ready.sql: relation "no_such_table"'),
        ("select %s", "has a parameter without a name"),
        ("select %(comany)s", "events_db, include/sql/source_ready.sql: "),
        ("select %(company_id)s::int > 1", 'invalid input syntax for type integer: "..."'),
        ("delete from events returning true", "events_db, include/sql/source_ready.sql: "),
        ("", "events_db, include/sql/source_ready.sql: "),
    ],
)
def test_any_other_answer_is_an_error_that_no_retry_mends(events_db, delivery, ask, statement, wanted):
    """It names the file."""
    ask(statement)
    with pytest.raises(PermanentError) as caught:
        extract_events(delivery)
    assert wanted in str(caught.value)


def test_a_file_that_cannot_be_read_is_an_error(events_db, delivery, include):
    """A link into nothing, as a deployment leaves it, must not pass for no file at all."""
    (include / "sql/source_ready.sql").symlink_to(include / "nothing.sql")
    with pytest.raises(PermanentError, match="is missing"):
        extract_events(delivery)


def test_the_source_may_only_be_read(events_db, delivery, ask):
    """The statement cannot write, in whatever way it tries."""
    events_db.execute("create function strike() returns boolean language sql as 'delete from events; select true'")
    event = insert_event(events_db, noon(DAY))
    ask("select strike()")
    with pytest.raises(PermanentError, match="read-only transaction"):
        extract_events(delivery)
    assert events_db.execute("select id::text from events").fetchall() == [(event,)]


def test_what_is_there_is_staged_when_that_is_accepted_and_the_manifest_says_so(events_db, delivery, ask):
    """So that the ledger can; the delivery file's manifest carries it on."""
    insert_event(events_db, noon(DAY))
    ask("select false")
    assert extract_events(delivery, accept_unready=True).unready.endswith("source_ready.sql says false.")
    assert format_staged_events(delivery).unready.endswith("source_ready.sql says false.")
    ask("select true")
    assert extract_events(delivery, accept_unready=True).unready == ""


def test_a_load_job_s_table_turns_ready(events_db, delivery, ask):
    """The statement of the docs, before and after the job has written how far it has come."""
    events_db.execute("create table load_job (name text, loaded_up_to timestamptz)")
    ask(FROM_A_LOAD)
    with pytest.raises(SourceNotReadyError, match="says null"):
        extract_events(delivery)
    events_db.execute("insert into load_job values ('events', %s)", [delivery.interval_end - timedelta(hours=1)])
    with pytest.raises(SourceNotReadyError, match="up to 2026-03-10 03:00:00"):
        extract_events(delivery)
    events_db.execute("update load_job set loaded_up_to = %s", [delivery.interval_end])
    assert staged_ids(delivery) == set()


def test_the_snapshot_that_is_read_is_later_than_the_answer(events_db, delivery, ask):
    """What is committed after it said that the source is complete is read: the statement's snapshot is older."""
    from event_delivery.extract import events as module

    event: list[str] = []
    real = module.ask_source
    ask("select true")

    def commit_after_answer(cursor, asked):
        answer = real(cursor, asked)
        event.append(insert_event(events_db, noon(DAY)))
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ask_source", commit_after_answer)
        assert staged_ids(delivery) == set(event)


def test_a_transaction_that_is_open_over_midnight_is_waited_for_by_the_primary_s_statement(
    events_db, postgres, delivery, ask
):
    """Without a statement nobody can know of its events: they come late, and are found later."""
    name = events_db.info.dbname
    with psycopg.connect(postgres.uri(name)) as long:
        [began] = long.execute("select now()").fetchone() or []
        event = insert_event(long, began)
        night = replace(
            delivery, interval_start=began - timedelta(days=1), interval_end=began + timedelta(seconds=1)
        )
        time.sleep(1.1)
        assert staged_ids(night) == set()
        ask(FROM_TRANSACTIONS)
        with pytest.raises(SourceNotReadyError, match="says that it is so up to"):
            extract_events(night)
    assert staged_ids(night) == {event}


def test_a_role_that_cannot_see_others_transactions_is_never_told_that_all_is_there(events_db, delivery, ask):
    """PostgreSQL hides from it when they began."""
    events_db.execute("create role nobody_yet")
    try:
        ask(
            "select "
            + FROM_TRANSACTIONS.strip()
            .removeprefix("select")
            .replace("pg_has_role(", "pg_has_role('nobody_yet', ")
        )
        with pytest.raises(SourceNotReadyError, match="says null"):
            extract_events(delivery)
    finally:
        events_db.execute("drop role nobody_yet")


def test_a_replica_s_statement_is_one_that_postgresql_takes(events_db, delivery, ask):
    """A primary replays nothing: null, which is not complete."""
    ask(FROM_A_REPLICA)
    with pytest.raises(SourceNotReadyError, match="says null"):
        extract_events(delivery)


def test_a_source_that_breaks_off_is_asked_again(events_db, delivery, ask):
    """As for any other question to it."""
    ask("select pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(RetryableError, match="events_db"):
        extract_events(delivery)
