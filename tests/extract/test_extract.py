"""Are exactly one day's events staged, and are wrong ones stopped?"""

from __future__ import annotations

import json
import traceback
import uuid
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from event_delivery.database import hide_values
from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.extract.events import extract_events
from event_delivery.formats.delivery_file import format_staged_events
from event_delivery.staging import read_manifest
from tests.sample_events import COMPANY, DAY, events_arriving, insert_event, noon

pytestmark = pytest.mark.usefixtures("staging_area")
MILLISECOND = timedelta(milliseconds=1)


def staged_ids(delivery: Delivery) -> set[str]:
    extract_events(delivery)
    return {event["id"] for event in json.loads(Path(format_staged_events(delivery).path).read_text())}


@pytest.fixture
def statement(include):
    """A function that edits include/sql/course_completion.sql."""
    file = include / "sql/course_completion.sql"

    def replace(old: str, new: str) -> None:
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))

    return replace


def test_the_interval_is_half_open(events_db, delivery):
    """The first instant of the day belongs to it, the first of the next does not."""
    first = insert_event(events_db, delivery.interval_start)
    last = insert_event(events_db, delivery.interval_end - MILLISECOND)
    insert_event(events_db, delivery.interval_start - MILLISECOND)
    insert_event(events_db, delivery.interval_end)
    assert staged_ids(delivery) == {first, last}


def test_other_companies_and_other_events_stay_out(events_db, delivery):
    """One client never gets another's learners, nor another kind of event."""
    mine = insert_event(events_db, noon(DAY))
    insert_event(events_db, noon(DAY), company_id=str(uuid.uuid4()))
    insert_event(events_db, noon(DAY), event="courseStarted")
    assert staged_ids(delivery) == {mine}


def test_the_profile_counts_hours_and_titles(events_db, delivery):
    """Rows by hour since local midnight, and the most frequent titles."""
    for minute in (0, 1, 61):
        insert_event(events_db, delivery.interval_start + timedelta(minutes=minute), title=f"T{minute > 1}")
    profile = extract_events(delivery).profile
    assert profile == {"rows_by_hour": {0: 2, 1: 1}, "top_titles": {"TFalse": 2, "TTrue": 1}}


def test_a_row_that_stands_twice_is_stopped(events_db, delivery, statement):
    """A join that multiplies rows must not reach the client; the message names the event and the count."""
    event = insert_event(events_db, noon(DAY))
    statement("from events", "from events cross join generate_series(1, 2)")
    with pytest.raises(PermanentError, match=f"event {event} stands 2 times"):
        extract_events(delivery)
    with pytest.raises(PermanentError, match="is not there"):
        read_manifest(delivery, delivery.staged_name)


def test_an_event_outside_the_interval_is_stopped(events_db, delivery, statement):
    """A statement that forgets the upper bound."""
    insert_event(events_db, noon(DAY))
    late = insert_event(events_db, delivery.interval_end)
    statement('and "timestamp" < %(interval_end)s', "")
    with pytest.raises(PermanentError, match=f"event {late} has a timestamp outside the data interval"):
        extract_events(delivery)


def test_another_company_s_event_is_stopped(events_db, delivery, statement):
    """A statement that forgets the company."""
    foreign = insert_event(events_db, noon(DAY), company_id=str(uuid.uuid4()))
    statement("company_id = %(company_id)s\n  and ", "")
    with pytest.raises(PermanentError, match=f"event {foreign} is of another company"):
        extract_events(delivery)


def test_an_event_without_id_or_timestamp_is_stopped(events_db, delivery, statement):
    """Required fields must be there."""
    insert_event(events_db, noon(DAY))
    statement("select\n  id,", "select\n  null::uuid as id,")
    with pytest.raises(PermanentError, match="has no id"):
        extract_events(delivery)


def test_a_statement_without_a_required_column_is_named(events_db, delivery, statement):
    """`id` and `timestamp` are needed to order and to check."""
    statement("select\n  id,", "select")
    with pytest.raises(PermanentError, match="returns no column 'id'"):
        extract_events(delivery)


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("from events", "from evnts", 'relation "evnts" does not exist'),
        ("  title,", "  titel,", 'column "titel" does not exist'),
        ("select", "selct", "syntax error"),
    ],
)
def test_what_postgres_refuses_is_told_in_one_line(events_db, delivery, statement, old, new, message):
    """Missing table, missing column, wrong statement: permanent, and named."""
    statement(old, new)
    with pytest.raises(PermanentError, match=message):
        extract_events(delivery)


@pytest.mark.parametrize("cast", ['("user"::int)::text as title', "(title::jsonb)::text as title"])
def test_no_message_holds_a_learner_s_value(events_db, delivery, statement, cast):
    """PostgreSQL quotes the value that a cast does not take; ledger, log and page get the words without it."""
    insert_event(events_db, noon(DAY), title="Bob's secret")
    statement("  title,", f"  {cast},")
    with pytest.raises(PermanentError) as caught:
        extract_events(delivery)
    assert "invalid input syntax for type" in str(caught.value)
    logged = "".join(traceback.format_exception(caught.value))  # with its causes, as Airflow logs it
    assert not any(word in logged for word in ("bobjohnson", "Bob", "secret"))


def test_no_quote_within_a_value_ends_its_hiding(events_db, delivery, statement):
    """PostgreSQL does not double the quotes of what it quotes."""
    insert_event(events_db, noon(DAY), title='Robert "Bobby" Tables')
    statement("  title,", "  title::int as title,")
    with pytest.raises(PermanentError) as caught:
        extract_events(delivery)
    assert "invalid input syntax for type integer" in str(caught.value)
    logged = "".join(traceback.format_exception(caught.value))
    assert not any(word in logged for word in ("Robert", "Bobby", "Tables"))


@pytest.mark.parametrize(
    "words",
    [
        'invalid input syntax for type integer: "%s"',
        "ungültige Eingabesyntax für Typ integer: »%s«",
        "syntaxe en entrée invalide pour le type integer : « %s »",
        "el valor «%s» está fuera de rango para el tipo integer",
    ],
)
def test_a_value_is_hidden_in_every_language_of_the_source(words):
    """Its lc_messages, which only a superuser may set, decides how values are quoted."""
    hidden = hide_values(words % 'Robert "Bobby" Tables')
    assert hidden.startswith(words.partition(" ")[0])
    assert not any(word in hidden for word in ("Robert", "Bobby", "Tables"))


def test_a_value_that_is_too_large_for_postgres_is_refused_for_good(events_db, delivery, statement):
    """No later try could write it: the statement is named, as with any value that cannot be written."""
    insert_event(events_db, noon(DAY))
    statement("  title,", "  array_fill(0, array[200000000 + (random() * 0)::int])::text as title,")
    with pytest.raises(PermanentError, match=r"sql: an event cannot be written: array size exceeds the maximum"):
        extract_events(delivery)


def test_a_transaction_that_the_source_ends_is_tried_again(events_db, delivery, statement):
    """It may be quicker another time, as where an idle one is ended."""
    insert_event(events_db, noon(DAY))
    events_db.execute(f"alter database \"{events_db.info.dbname}\" set transaction_timeout = '300ms'")
    statement("  title,", "  pg_sleep(1)::text as title,")
    with pytest.raises(RetryableError, match="events_db: terminating connection due to transaction timeout"):
        extract_events(delivery)


@pytest.mark.parametrize(
    "condition, message",
    [
        ("title like 'course%'", "%"),
        ("title = %s", "has a parameter without a name"),
        ("title = %(titel)s", "titel"),
    ],
)
def test_a_percent_sign_that_means_nothing_is_told(events_db, delivery, include, condition, message):
    """Permanent, since only a data engineer can write it twice, or name it."""
    (include / "sql/course_completion.sql").write_text(f'select id, "timestamp" from events where {condition}')
    with pytest.raises(PermanentError, match=message):
        extract_events(delivery)


@pytest.mark.parametrize("title, fits", [("naïve".encode(), True), ("naïve".encode("latin-1"), False)])
def test_bytes_that_are_no_utf_8_are_stopped(postgres, staging_area, delivery, include, monkeypatch, title, fits):
    """A database in SQL_ASCII holds whatever was put into it, and a file is UTF-8."""
    name = f"ascii_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name} encoding 'SQL_ASCII' locale 'C' template template0")
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", postgres.uri(name))
    expression = f"convert_from('\\x{title.hex()}', 'SQL_ASCII') as title"
    (include / "sql/course_completion.sql").write_text(
        f"select 1 as id, timestamptz '2026-03-09 17:00Z' as \"timestamp\", {expression}"
    )
    if fits:
        extract_events(delivery)
        assert json.loads(Path(format_staged_events(delivery).path).read_bytes())[0]["title"] == "naïve"
    else:
        with pytest.raises(PermanentError, match="an event cannot be written: invalid byte sequence"):
            extract_events(delivery)


def test_a_missing_right_is_named(events_db, delivery, monkeypatch):
    """A user who may not read the table."""
    events_db.execute("drop role if exists nobody_reads; create role nobody_reads login")
    uri = f"postgresql://nobody_reads@{events_db.info.host.replace('/', '%2F')}/{events_db.info.dbname}"
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", uri)
    with pytest.raises(PermanentError, match="permission denied for table events"):
        extract_events(delivery)


def test_a_missing_connection_is_named_with_the_command_that_adds_it(delivery, monkeypatch):
    """The operator can copy the command out of the message."""
    monkeypatch.delenv("AIRFLOW_CONN_EVENTS_DB", raising=False)
    with pytest.raises(
        PermanentError, match="event_delivery.connection add events_db.*airflow connections add events_db"
    ):
        extract_events(delivery)


def test_a_database_that_is_away_is_retryable(delivery, monkeypatch):
    """It may come back; the password stays out of the message."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", "postgresql://me:hunter2@127.0.0.1:1/db")
    with pytest.raises(RetryableError, match="events_db: .*refused") as caught:
        extract_events(delivery)
    assert "hunter2" not in str(caught.value)


def test_the_staged_events_are_private(events_db, delivery):
    """Files 0600 in folders 0700: the data is personal."""
    path = Path(extract_events(delivery).path)
    assert path.stat().st_mode & 0o777 == 0o600
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_one_snapshot_is_staged_while_events_keep_arriving(events_db, delivery, postgres):
    """What is checked and counted is what was copied, however busy the table is."""
    insert_event(events_db, noon(DAY))
    with events_arriving(postgres.uri(events_db.info.dbname)):
        for _ in range(5):
            staged = extract_events(delivery)
            assert sum(staged.profile["rows_by_hour"].values()) == staged.rows
            assert len(json.loads(Path(staged.path).read_bytes())) == staged.rows


def test_the_company_of_the_tests_is_the_destination_s(delivery):
    """Guards the fixtures themselves."""
    assert str(delivery.destination.company_id) == COMPANY
