"""Does a run that is asked for it send a day byte for byte as it was delivered, and else nothing?"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.execution_time.context import set_current_context

from event_delivery.delivery import delivery_of_test_file
from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError, RefusedError, RetryableError
from event_delivery.extract.events import extract_events
from event_delivery.formats import format_events
from event_delivery.ledger import open_ledger
from event_delivery.orchestration.dags import build_nightly_dag
from event_delivery.orchestration.exact_redelivery import is_exact
from event_delivery.orchestration.outcome import Outcome
from event_delivery.orchestration.upload_operator import PromisedRetries
from event_delivery.staging import find_kept, staging_folder
from tests.ledger_contents import read_record
from tests.sample_events import DAY, insert_event, noon
from tests.sftp_logins import PASSWORD, confirmed_uri


@dataclass
class Day:
    """A day of acme's, delivered once with three events; one more has come since."""

    destination: Destination
    delivery: Any
    remote: Path
    first: bytes = b""
    recipes: list[Any] = field(default_factory=list)

    def run(self, tasks=("extract", "format", "upload"), destination=None, **conf) -> Any:
        dag = build_nightly_dag(destination or self.destination)
        interval = self.delivery.interval
        run = SimpleNamespace(
            dag_id=dag.dag_id, run_id=f"run {conf}", run_type="manual", conf=conf, run_after=interval.end,
            data_interval_start=interval.start, data_interval_end=interval.end, logical_date=None, start_date=None,
        )  # fmt: skip
        params = {name: dag.params[name] for name in dag.params} | conf
        instance = SimpleNamespace(try_number=1, max_tries=10)
        for name in tasks:
            task = dag.get_task(name)
            context = {"dag_run": run, "ti": instance, "task": task, "params": params}
            with set_current_context(context):
                task.pre_execute(context)
                callable_ = getattr(task, "python_callable", None)
                result = callable_() if callable_ else task.execute(context)
        return result

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.remote.iterdir() if path.is_file()}


@pytest.fixture
def day(events_db, staging_area, delivery, acme, sftp_server) -> Day:
    for minute in range(3):
        insert_event(events_db, noon(DAY, minute))
    day = Day(acme, delivery, sftp_server.user_folder("acme"))
    day.run()
    day.first = day.files()[delivery.file_name]
    insert_event(events_db, noon(DAY, 59))
    return day


def test_a_day_is_sent_byte_for_byte_as_delivered_without_the_source(day, delivery, monkeypatch):
    """The client lost the file; the source has a late event, and need not even be there."""
    (day.remote / delivery.file_name).unlink()
    uri = "postgresql://nobody@127.0.0.1:1/none"
    monkeypatch.setenv("AIRFLOW_CONN_LEDGER_DB", os.environ["AIRFLOW_CONN_EVENTS_DB"])
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", uri)
    result = day.run(exact=True)
    assert day.files() == {delivery.file_name: day.first}
    assert (result["rows"], result["exact"]) == (3, True)


def test_the_ledger_says_which_of_the_two_a_file_was(day, delivery, events_db):
    """In the recipe of the file: exact, or as ever."""

    def read_exact():
        rows = events_db.execute("select recipe ->> 'exact' from event_delivery.delivery_file").fetchall()
        return [exact for (exact,) in rows]

    assert read_exact() == [None]
    day.run(exact=True)
    assert read_exact() == ["true"]
    day.run()
    assert (read_exact(), read_record(delivery)["rows"]) == ([None], 4)


def test_after_a_redelivery_with_late_events_the_last_delivered_file_counts(day, delivery):
    """Of two kept files the one that the client has is sent."""
    day.run()
    second = day.files()[delivery.file_name]
    (day.remote / delivery.file_name).unlink()
    day.run(exact=True)
    assert day.files() == {delivery.file_name: second}
    assert len(find_kept(delivery)) == 2


def test_after_a_redelivery_that_failed_the_last_delivered_file_counts(day, delivery, sftp_server, monkeypatch):
    """The ledger knows the bytes of the attempt that failed; the client has those from before."""
    right = confirmed_uri(sftp_server, "acme", PASSWORD)
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", "wrong"))
    with pytest.raises(PermanentError):
        day.run()
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", right)
    (day.remote / delivery.file_name).unlink()
    day.run(exact=True)
    assert day.files() == {delivery.file_name: day.first}


def test_what_is_not_kept_any_more_is_refused_with_what_to_do(day, delivery):
    """Nothing else goes out instead; the ledger keeps the reason, and that the day is delivered."""
    for path in staging_folder(delivery).glob("kept-*"):
        path.unlink()
    expected = (
        "acme, courseCompletion of 2026-03-09: The file as it was delivered is not kept here (keep_days: 30). "
        "Nothing was delivered. Deliver the day again without 'exact': from the source, which may have changed "
        "since."
    )
    with pytest.raises(RefusedError) as refusal:
        day.run(exact=True)
    assert str(refusal.value) == expected
    record = read_record(delivery)
    assert (record["state"], record["last_error"]) == ("delivered", expected)
    assert PromisedRetries().evaluate(refusal.value, 1, 10).action.value == "fail"


def test_an_older_file_is_not_sent_for_the_one_that_was_delivered_last(day, delivery):
    """The second delivery's file is not kept: the first one's is not what the client has."""
    day.run()
    Path(find_kept(delivery)[0].manifest.path).unlink()
    with pytest.raises(RefusedError, match="is not kept here"):
        day.run(exact=True)


def test_a_kept_file_of_other_bytes_is_refused(day, delivery):
    """Damage on the disk never reaches a client."""
    [kept] = find_kept(delivery)
    Path(kept.manifest.path).write_bytes(day.first.replace(b"[", b"{", 1))
    for tasks in (["extract"], ["format"], ["upload"]):
        with pytest.raises(RefusedError, match="is not what was staged: sha256 .* without 'exact'"):
            day.run(tasks, exact=True)


def test_another_company_s_file_is_refused(day):
    """A corrected company_id makes the kept file another client's."""
    corrected = day.destination.model_copy(update={"company_id": "7"})
    with pytest.raises(RefusedError, match="The kept file is of company 3aabdfb8-.*, wanted 7."):
        day.run(destination=corrected, exact=True)


def test_an_edit_of_format_and_name_changes_nothing(day, delivery, events_db):
    """The client gets the JSON file under the name that it knows, though the YAML says CSV by now."""
    (day.remote / delivery.file_name).unlink()
    edited = day.destination.model_copy(update={"format": "csv", "transfer_id": 7})
    day.run(destination=edited, exact=True)
    assert day.files() == {delivery.file_name: day.first}
    [(name, number)] = events_db.execute("select file_name, number from event_delivery.delivery_file").fetchall()
    assert (name, number) == (delivery.file_name, 1)


def test_the_day_before_an_edit_of_the_format_is_sent_in_the_format_delivered_last(day, delivery):
    """Delivered as JSON, then as CSV: byte for byte means the CSV file, whatever the YAML says."""
    day.run(destination=day.destination.model_copy(update={"format": "csv"}))
    files = day.files()
    name = delivery.file_name.replace(".json", ".csv")
    (day.remote / name).unlink()
    day.run(exact=True)
    assert day.files() == files


def test_what_another_run_has_staged_is_not_sent_as_exact(day, delivery, events_db):
    """Staged anew between staging and sending, it fails with a reason, and the next try stages it again."""
    dag = build_nightly_dag(day.destination)
    upload = type(dag.get_task("upload"))
    original = upload.pre_execute

    def stage_anew(self, context):
        original(self, context)
        format_events(delivery, extract_events(delivery))

    upload.pre_execute = stage_anew
    try:
        with pytest.raises(RetryableError, match="another run has staged the day anew"):
            day.run(["upload"], exact=True)
    finally:
        upload.pre_execute = original
    day.run(["upload"], exact=True)
    assert read_record(delivery)["rows"] == 3


def test_a_day_that_was_never_delivered_has_no_kept_file(events_db, staging_area, delivery, acme, sftp_server):
    """It is refused before any file is made; a night without the param delivers it."""
    day = Day(acme, delivery, sftp_server.user_folder("acme"))
    with pytest.raises(RefusedError, match="is not kept here"):
        day.run(exact=True)
    assert day.files() == {}
    day.run()
    assert len(day.files()) == 1


def test_an_exact_redelivery_is_kept_on(day, delivery):
    """It is the same file, delivered once more."""
    [before] = find_kept(delivery)
    day.run(exact=True)
    [after] = find_kept(delivery)
    assert after.manifest.sha256 == before.manifest.sha256
    with open_ledger() as ledger:
        assert ledger.execute("select state from event_delivery.delivery").fetchall() == [("delivered",)]


def test_a_run_s_note_says_that_its_file_is_as_before():
    """In Airflow's list of runs."""
    assert Outcome(("a.csv",), exact=True).describe() == "Delivered `a.csv`, byte for byte as before"


def test_a_test_file_is_made_anew_whatever_its_run_is_handed(delivery):
    """It is never kept."""
    assert is_exact(delivery, {"params": {"exact": True}})
    sample = delivery_of_test_file(delivery.destination, delivery.event, delivery.due)
    assert not is_exact(sample, {"params": {"exact": True}})


def test_the_param_is_a_switch_that_is_off(acme):
    """A night never sends a kept file."""
    assert build_nightly_dag(acme).params["exact"] is False
