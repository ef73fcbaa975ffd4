"""Does docs/events.md say what a statement and a sample become?"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.destinations import load_destination
from event_delivery.errors import PermanentError
from event_delivery.extract.events import extract_events
from event_delivery.extract.sample import stage_sample_event
from event_delivery.formats.delivery_file import format_events, format_staged_events
from tests import PROJECT
from tests.docs.test_docs import blocks, code, read, section, table
from tests.extract.statements import render_night, write_event_type

EVENTS = PROJECT / "docs/events.md"
EXAMPLE = section(EVENTS, "## Another schema")
SCHEMA, STATEMENT = blocks(EXAMPLE, "sql")
SAMPLE, TEST_FILE = blocks(EXAMPLE, "json")
pytestmark = pytest.mark.usefixtures("staging_area")
WRITTEN = [row[3:] for row in table(section(EVENTS, "## How values are written"))]


@pytest.fixture
def example(events_db, include, tmp_path):
    """The documented source, statement, sample and destination; a function that returns the latter."""
    events_db.execute(SCHEMA)
    (include / "sql/lesson_completion.sql").write_text(STATEMENT)
    (include / "samples/lesson_completion.json").write_text(SAMPLE)

    def load(format_name: str = "json", company_id: str = "4711"):
        [yaml] = blocks(EXAMPLE, "yaml")
        text = yaml.replace("4711", company_id) + f"format: {format_name}\n"
        (tmp_path / "acme.yaml").write_text(text)
        return load_destination("acme", tmp_path)

    return load


def night(acme, day: date = date(2026, 3, 9)) -> Delivery:
    return nightly_delivery(acme, "lessonCompletion", acme.day(day))


def send_test_file(acme) -> tuple[str, str]:
    delivery = delivery_of_test_file(acme, acme.events[0], datetime(2026, 3, 9, tzinfo=UTC))
    return delivery.file_name, Path(format_events(delivery, stage_sample_event(delivery)).path).read_text()


def test_the_worked_example_makes_the_documented_test_files(example):
    """Statement and sample of the page, run as they stand there."""
    [in_csv] = blocks(EXAMPLE, "csv")
    name, text = send_test_file(example())
    assert text == TEST_FILE
    assert name.startswith("lessons-test-2329139872_")
    assert send_test_file(example("csv"))[1] == in_csv


def test_the_worked_example_delivers_its_days(events_db, example):
    """An event belongs to the day of its instant, when clocks change too, and to its company alone."""
    events_db.execute("insert into learner values (7, 4711, 'ada@example.com'), (8, 4712, 'bob@example.com')")
    events_db.execute("insert into lesson values (1, 'Fire safety')")
    times = ["2026-03-09 04:59", "2026-03-09 05:00", "2026-03-10 04:59", "2026-03-10 05:00", "2026-10-25 02:30"]
    insert = "insert into completion select %s, learner.id, 1, %s, 87.5 from learner where learner.id = %s"
    for number, time in enumerate(times):
        events_db.execute(insert, [number, time, 7])
        events_db.execute(insert, [100 + number, time, 8])
    events = json.loads(render_night(night(example())))
    [shown] = json.loads(TEST_FILE)
    assert [event["id"] for event in events] == [1, 2]
    assert [event["timestamp"] for event in events] == ["2026-03-09T04:00:00.000Z", "2026-03-10T03:59:00.000Z"]
    assert json.dumps(events[0]) == json.dumps(shown | {"id": 1, "timestamp": "2026-03-09T04:00:00.000Z"})
    [twice] = json.loads(render_night(night(example(), date(2026, 10, 24))))
    assert twice["timestamp"] == "2026-10-25T01:30:00.000Z"


def test_the_documented_messages_are_the_true_ones(example, include):
    """A wrong company, and a sample that does not fit."""
    with pytest.raises(PermanentError) as wrong_company:
        extract_events(night(example(company_id="abc")))
    (include / "samples/lesson_completion.json").write_text(SAMPLE.replace("score", "points"))
    with pytest.raises(PermanentError) as misfit:
        send_test_file(example())
    for refused in (wrong_company, misfit):
        assert f"\n    {refused.value}\n" in read(EVENTS)


@pytest.mark.parametrize("expression, in_json, in_csv", WRITTEN, ids=[row[0] for row in WRITTEN])
def test_each_type_is_written_as_the_table_says(events_db, delivery, include, expression, in_json, in_csv):
    """Every example of the table, in both formats."""
    write_event_type(include, f"{code(expression)} as value")
    assert render_night(delivery).endswith(f'"value": {code(in_json)}}}\n]\n')
    destination = delivery.destination.model_copy(update={"format": "csv"})
    as_csv = nightly_delivery(destination, delivery.event, destination.day(date(2026, 3, 9)))
    extract_events(as_csv)
    line = Path(format_staged_events(as_csv).path).read_text().splitlines()[1]
    assert line.split(",", 2)[-1] == code(in_csv)
