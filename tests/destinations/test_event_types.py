"""Is an event type one pair of files, and a wrong pair the trouble of those alone who use it?"""

from __future__ import annotations

from pathlib import Path

import pytest

from event_delivery.delivery import nightly_delivery
from event_delivery.destinations import EVENT_TYPES, read_destinations
from event_delivery.destinations.destination import Destination
from event_delivery.destinations.event_type import EventType
from event_delivery.destinations.folder import load_destination, load_destinations
from event_delivery.destinations.quarantined import QuarantinedDestination
from tests.sample_events import COMPANY, DAY

REQUIRED = f"client: Acme\ncompany_id: {COMPANY}\n"


def write_pair(include: Path, stem: str, statement: str = "select 1", sample: str = "{}") -> None:
    (include / f"sql/{stem}.sql").write_text(statement, encoding="utf-8")
    (include / f"samples/{stem}.json").write_text(sample, encoding="utf-8")


def quarantine(folder: Path, line: str) -> str:
    """Return the message of a destination with this line, after checking that one without it delivers."""
    folder.mkdir(exist_ok=True)
    (folder / "acme.yaml").write_text(REQUIRED + line)
    (folder / "other.yaml").write_text(REQUIRED)
    acme, other = load_destinations(folder)
    assert isinstance(other, Destination)
    assert isinstance(acme, QuarantinedDestination), acme
    return acme.message


def test_the_built_in_event_type_is_as_it_was():
    """Its name and prefix are in file names that clients have; the demo's schema is no event type."""
    assert dict(EVENT_TYPES) == {"courseCompletion": EventType("courseCompletion", "course_completion.sql")}


@pytest.mark.parametrize(
    "stem, name",
    [
        ("course_completion", "courseCompletion"),
        ("quiz", "quiz"),
        ("active_course_certificate", "activeCourseCertificate"),
        ("courseEnrolment", "courseEnrolment"),
        ("quiz_2_attempt", "quiz2Attempt"),
    ],
)
def test_a_pair_of_files_is_an_event_type(include, tmp_path, stem, name):
    """Two files and a line of YAML, no Python; its name is the prefix of its files."""
    write_pair(include, stem)
    folder = tmp_path / "destinations"
    folder.mkdir()
    (folder / "acme.yaml").write_text(f"{REQUIRED}events: [{name}]\n")
    acme = load_destination("acme", folder)
    assert acme.events == (name,)
    delivery = nightly_delivery(acme, name, acme.day(DAY))
    assert delivery.file_name.startswith(f"{name}-{acme.transfer_id}_2026-03-10T06-00-00-")
    assert delivery.event_type.statement.read_text() == "select 1"


@pytest.mark.parametrize(
    "statement, prefix",
    [
        ("-- file prefix: Acme_courses\nselect 1", "Acme_courses"),
        ("\n-- What it reads.\n-- File prefix:  x-1 \n--\nselect 1", "x-1"),
        ("-- file prefix: crlf\r\nselect 1", "crlf"),
        ("select 1 -- file prefix: late\n-- file prefix: later", "quizAttempt"),
        ("select 1\n-- file prefix: late", "quizAttempt"),
    ],
)
def test_the_leading_comment_may_name_another_prefix(include, statement, prefix):
    """Where a client expects another name; a later comment is only a comment."""
    write_pair(include, "quiz_attempt", statement)
    assert EVENT_TYPES["quizAttempt"].file_prefix == prefix


def test_a_statement_without_a_sample_stops_those_alone_who_use_it(include, tmp_path):
    """The message names the file to write."""
    (include / "sql/quiz_attempt.sql").write_text("select 1")
    assert quarantine(tmp_path / "d", "events: [courseCompletion, quizAttempt]") == (
        "acme.yaml: field 'events': found ['courseCompletion', 'quizAttempt'], include/sql/quiz_attempt.sql "
        "has no sample: write one event, as the file will show it, into include/samples/quiz_attempt.json"
    )


def test_a_sample_without_a_statement_stops_those_alone_who_use_it(include, tmp_path):
    """The message names the file to write."""
    (include / "samples/quiz_attempt.json").write_text("{}")
    assert quarantine(tmp_path / "d", "events: [quizAttempt]").endswith(
        "include/samples/quiz_attempt.json has no statement: write include/sql/quiz_attempt.sql"
    )


def test_the_default_event_type_is_checked_too(include, tmp_path):
    """A destination that names no event types uses the default one."""
    (include / "samples/course_completion.json").unlink()
    write_pair(include, "quiz_attempt")
    (tmp_path / "acme.yaml").write_text(REQUIRED)
    (tmp_path / "other.yaml").write_text(REQUIRED + "events: [quizAttempt]")
    acme, other = load_destinations(tmp_path)
    assert isinstance(other, Destination)
    assert "include/sql/course_completion.sql has no sample" in acme.message


@pytest.mark.parametrize(
    "stems, event, message",
    [
        (
            ["quiz_attempt", "quizAttempt"],
            "quizAttempt",
            "quizAttempt and quiz_attempt in include/ are both the event",
        ),
        (
            ["quiz-attempt"],
            "quiz-attempt",
            "found files called 'quiz-attempt', wanted words of letters and digits",
        ),
        (["quiz__attempt"], "quizAttempt", "found files called 'quiz__attempt'"),
        (["x" * 61], "x" * 61, "at most 60 characters"),
        (["1st"], "1st", "found files called '1st'"),
    ],
)
def test_names_that_cannot_be_event_types_are_told(include, tmp_path, stems, event, message):
    """Two files of one name, or one whose name would not fit into file names and tasks."""
    for stem in stems:
        write_pair(include, stem)
    assert message in quarantine(tmp_path / "d", f"events: ['{event}']")


@pytest.mark.parametrize(
    "statement, message",
    [
        (
            "-- file prefix: a b\nselect 1",
            "include/sql/quiz_attempt.sql: file prefix: found 'a b', wanted one, of at",
        ),
        ("-- file prefix:\nselect 1", "file prefix: found ''"),
        ("-- file prefix: ../x\nselect 1", "file prefix: found '../x'"),
        ("-- file prefix: a\n-- file prefix: b\nselect 1", "file prefix: found 'a' and 'b'"),
    ],
)
def test_a_wrong_prefix_is_told(include, tmp_path, statement, message):
    """It would be a part of file names on clients' servers."""
    write_pair(include, "quiz_attempt", statement)
    assert message in quarantine(tmp_path / "d", "events: [quizAttempt]")


def test_a_statement_that_is_no_text_is_told(include, tmp_path):
    """The others are read all the same."""
    write_pair(include, "quiz_attempt")
    (include / "sql/quiz_attempt.sql").write_bytes(b"select '\xff'")
    assert "quiz_attempt.sql cannot be read: not UTF-8" in quarantine(tmp_path / "d", "events: [quizAttempt]")


@pytest.mark.parametrize(
    "line, message",
    [
        ("events: [courseCompleted]", "; did you mean 'courseCompletion'?"),
        ("events: [course_completion]", "; did you mean 'courseCompletion'?"),
        ("events: [nothing]", "wanted a list, each once, of: courseCompletion, quizAttempt"),
        ("events: [[courseCompletion]]", "wanted a list, each once, of: courseCompletion, quizAttempt"),
        ("events: [courseCompletion, courseCompletion]", "wanted a list, each once, of"),
        ("events: courseCompletion", "found 'courseCompletion', wanted a list"),
    ],
)
def test_an_unknown_event_type_is_told_the_known_ones(include, tmp_path, line, message):
    """And which of them may be meant."""
    write_pair(include, "quiz_attempt")
    assert message in quarantine(tmp_path / "d", line)


def test_an_edit_is_seen_at_once(include, tmp_path, monkeypatch):
    """A pair that is added, changed or removed counts at the next look, for destinations already read too."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    (tmp_path / "acme.yaml").write_text(REQUIRED + "events: [quizAttempt]")
    [acme] = read_destinations()
    assert isinstance(acme, QuarantinedDestination)
    write_pair(include, "quiz_attempt")
    [acme] = read_destinations()
    assert isinstance(acme, Destination)
    (include / "sql/quiz_attempt.sql").write_text("-- file prefix: quizzes\nselect 1")
    assert EVENT_TYPES["quizAttempt"].file_prefix == "quizzes"
    (include / "samples/quiz_attempt.json").unlink()
    [acme] = read_destinations()
    assert isinstance(acme, QuarantinedDestination)


def test_nothing_that_lies_in_the_folders_is_an_error(include, tmp_path):
    """Drafts, links that lead nowhere, folders and other files; without the folders all is quarantined."""
    for name in ("_draft.sql", ".hidden.sql", "notes.txt"):
        (include / "sql" / name).write_text("x")
    (include / "sql/gone.sql").symlink_to(include / "nowhere.sql")
    assert list(EVENT_TYPES) == ["courseCompletion"]
    (include / "samples").rename(include / "elsewhere")
    (tmp_path / "acme.yaml").write_text(REQUIRED)
    [acme] = load_destinations(tmp_path)
    assert "has no sample" in acme.message


def test_unchanged_files_are_not_read_again(include):
    """A thousand destinations ask for each event type."""
    assert EVENT_TYPES["courseCompletion"] is EVENT_TYPES["courseCompletion"]
