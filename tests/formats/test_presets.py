"""Is a preset's file what its receiver has published, checked by rules that know nothing of this project?"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.destinations import Destination, QuarantinedDestination, load_destination
from event_delivery.extract import extract_events, stage_sample_event
from event_delivery.formats import format_events
from tests.sample_events import COMPANY, DAY, insert_event, noon

# https://degreed.zendesk.com/hc/en-us/articles/4585824182940: heading, whether it is required, most characters.
DEGREED = {"UserID": 255, "CourseID": 2000, "CompletionDate": 8, "ContentType": 50, "Provider": 255}
REQUIRED = {"UserID", "CourseID", "ContentType"}
CONTENT_TYPES = {"Article", "Video", "Book", "Course", "Podcast", "Assessment", "Event"}


def find_faults(name: str, content: bytes) -> Iterator[str]:
    """Yield what Degreed's Completions Template does not allow."""
    if not re.fullmatch(r"\w+_Completions_File_\d{8}\.csv", name):
        yield f"name: {name}"
    reader = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    headings = reader.fieldnames or []
    if not set(headings) >= REQUIRED or not set(headings) <= DEGREED.keys():
        yield f"headings: {headings}"
    for number, record in enumerate(reader, start=1):
        yield from (f"{number}: no {heading}" for heading in REQUIRED if not record[heading])
        yield from (f"{number}: {key} is too long" for key, value in record.items() if len(value) > DEGREED[key])
        yield from find_wrong_values(number, record)


def find_wrong_values(number: int, record: dict[str, str]) -> Iterator[str]:
    if record["ContentType"] not in CONTENT_TYPES:
        yield f"{number}: ContentType {record['ContentType']}"
    day = record.get("CompletionDate", "")
    if day and (not re.fullmatch(r"\d{8}", day) or not datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)):
        yield f"{number}: CompletionDate {day}"


@pytest.fixture
def write(tmp_path):
    """Return a function that reads acme.yaml of these fields, and `_defaults.yaml` where there are some."""

    def write(defaults: dict[str, Any] | None = None, **fields: Any) -> Destination | QuarantinedDestination:
        if defaults:
            (tmp_path / "_defaults.yaml").write_text(yaml.safe_dump(defaults))
        (tmp_path / "acme.yaml").write_text(yaml.safe_dump({"client": "Acme", "company_id": COMPANY} | fields))
        return load_destination("acme", tmp_path)

    return write


def make(delivery: Delivery) -> bytes:
    staged = stage_sample_event(delivery) if delivery.kind == "test" else extract_events(delivery)
    return Path(format_events(delivery, staged).path).read_bytes()


def night_of(destination: Destination) -> Delivery:
    return nightly_delivery(destination, "courseCompletion", destination.day(DAY))


def test_degreed_takes_a_night_an_empty_day_and_a_test_files_records(events_db, staging_area, write):
    """Its template's headings, dates of the client's own clock, a name by client and day."""
    night = night_of(write(preset="degreed_completions", client="Acme & Söhne, Inc."))
    assert night.file_name == "Acme_S_hne_Inc_Completions_File_20260309.csv"
    assert list(find_faults(night.file_name, make(night))) == []
    late = datetime(2026, 3, 10, 3, 30, tzinfo=UTC)  # 23:30 of the day in New York
    insert_event(events_db, late, user='a"b,c@school.com', notifiable_id="7670fdbe-15ed-504b-a680-d404fa4b0eb4")
    content = make(night)
    assert list(find_faults(night.file_name, content)) == []
    assert content.decode() == (
        "UserID,CourseID,CompletionDate,ContentType\n"
        '"a""b,c@school.com",7670fdbe-15ed-504b-a680-d404fa4b0eb4,20260309,Course\n'
    )
    test = delivery_of_test_file(night.destination, "courseCompletion", late)
    assert list(find_faults(night.file_name, make(test))) == []
    assert not re.search(r"_\d{8}\.csv$", test.file_name)


def test_the_validator_finds_what_degreed_refuses():
    """A wrong name, a missing heading, an empty user, a date of another form, an unknown kind of content."""
    content = b"UserID,CourseID,CompletionDate,ContentType\n,c,2026-03-09,Lesson\n"
    found = list(find_faults("acme-20260309.csv", content))
    assert [each.split(":")[0] for each in found] == ["name", "1", "1", "1", "1"]
    assert next(find_faults("A_Completions_File_20260309.csv", b"UserID,CourseID\n")).startswith("headings")


def test_a_preset_stands_under_its_file_and_over_the_instances_defaults(write):
    """Each field of the file counts; `_defaults.yaml` decides where the preset says nothing."""
    defaults = {"format": "json", "file_name": "{event}-{suffix}", "compression": "gzip", "timezone": "Asia/Tokyo"}
    destination = write(defaults, preset="degreed_completions", csv={"delimiter": "|"})
    assert (destination.format, destination.csv.delimiter, destination.compression) == ("csv", "|", "gzip")
    assert night_of(destination).file_name == "Acme_Completions_File_20260309.csv.gz"
    [completed] = [each for each in destination.columns_of("courseCompletion") if each.column == "timestamp"]
    assert completed.timezone == "Asia/Tokyo"
    own = write({"preset": "degreed_completions", "file_name": "{event}_{day}"}, columns=["id"])
    assert [each.title for each in own.columns_of("courseCompletion")] == ["id"]
    assert night_of(own).file_name == "courseCompletion_2026-03-09.csv"
    assert write({"preset": "degreed_completions"}, preset="none").is_classic


def test_a_preset_is_the_same_wherever_a_destination_comes_from(write):
    """From a file, or made in code."""
    made = Destination(id="acme", client="Acme", company_id=COMPANY, preset="degreed_completions")
    assert made == write(preset="degreed_completions")
    assert made.columns_of("courseCompletion")[2].timezone == "America/New_York"
    assert Destination(
        id="acme", client="株式会社", company_id=COMPANY, preset="degreed_completions"
    ).file_name == ("acme_Completions_File_{day:%Y%m%d}")


@pytest.mark.parametrize(
    "fields, wanted",
    [
        ({"preset": "degreed"}, "field 'preset': found 'degreed', wanted 'none' or 'degreed_completions'"),
        ({"preset": "degreed_completions", "timezone": "Mars"}, "field 'timezone': found 'Mars', wanted an IANA"),
        ({"preset": "degreed_completions", "client": 7}, "field 'client': found 7, wanted a valid string"),
    ],
)
def test_a_wrong_field_beside_a_preset_is_told_alone(write, fields, wanted):
    """What the preset makes of it is not told as well."""
    found = write(**fields)
    assert isinstance(found, QuarantinedDestination)
    assert found.message.removeprefix("acme.yaml: ").startswith(wanted)
    assert "; " not in found.message


def test_an_event_after_utc_midnight_keeps_its_local_date(events_db, staging_area, write):
    """East of Greenwich, too."""
    night = night_of(write(preset="degreed_completions", timezone="Pacific/Auckland"))
    insert_event(events_db, night.interval_start)
    insert_event(events_db, noon(DAY, -300))
    assert {row["CompletionDate"] for row in csv.DictReader(make(night).decode().splitlines())} == {"20260309"}
