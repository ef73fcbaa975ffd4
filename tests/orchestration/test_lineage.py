"""Is OpenLineage told where a file comes from and where it lies, and nothing that is secret?"""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.openlineage.extractors.base import DefaultExtractor

from event_delivery.delivery import nightly_delivery
from event_delivery.destinations import EVENT_TYPES, EventType
from event_delivery.destinations.destination import Destination
from event_delivery.orchestration import lineage
from event_delivery.orchestration.dags import build_nightly_dag, build_test_file_dag
from event_delivery.staging import Manifest
from event_delivery.upload import DeliveredFile
from tests import PROJECT
from tests.sample_events import COMPANY, DAY
from tests.sftp_logins import sftp_uri

SECRET = "p@ss:word/1"
TABLE = ("postgres://db.example:5432", "lms.public.events")
SHA256 = "ab" * 32
KEY = "nightly-courseCompletion-2026-03-09T040000Z-qwiunhi"


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> Destination:
    """Acme, with its Connections."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", "postgresql://reader:s3cret@db.example/lms")
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", SECRET, 2222) + "/in")
    return Destination(id="acme", client="Acme", company_id=COMPANY)


def names(datasets: list[Any]) -> list[tuple[str, str]]:
    return [(dataset.namespace, dataset.name) for dataset in datasets]


def tell_delivered(dag: Any, remote_path: str) -> Any:
    upload = dag.get_task("upload")
    delivery = nightly_delivery(upload.destination, "courseCompletion", upload.destination.day(DAY))
    delivered = DeliveredFile("file.json", remote_path, 3, 1944, SHA256, 1.0)
    upload.delivered = delivery, delivered  # as `execute` leaves it
    return DefaultExtractor(upload).extract_on_complete(None)


def test_a_delivered_file_comes_from_the_table_of_the_statement(acme, staging_area):
    """Input and output as OpenLineage names them, without users and passwords."""
    told = tell_delivered(build_nightly_dag(acme), "/in/file.json")
    assert names(told.inputs) == [TABLE, ("file", f"{staging_area}/acme/{KEY}")]
    assert names(told.outputs) == [("sftp://127.0.0.1:2222", "/in/file.json")]
    counted = told.outputs[0].outputFacets["outputStatistics"]
    assert (counted.rowCount, counted.size) == (3, 1944)
    facet = told.run_facets["eventDelivery"]
    assert (facet.rows, facet.bytes, facet.sha256, facet.kind) == (3, 1944, SHA256, "nightly")
    assert (facet.interval_start, facet.interval_end) == ("2026-03-09T04:00:00Z", "2026-03-10T04:00:00Z")
    assert "from events" in told.job_facets["sql"].query
    assert not any(secret in str(told) for secret in (SECRET, "p%40ss", "s3cret", "reader"))


def test_a_rehearsed_file_lies_on_the_server_of_the_rehearsal(acme, monkeypatch):
    """In its destination's folder below the Connection's path."""
    monkeypatch.setenv("EVENT_DELIVERY_REHEARSAL", "rehearsal")
    monkeypatch.setenv("AIRFLOW_CONN_REHEARSAL", "sftp://us:pw@files.example/tried")
    told = tell_delivered(build_nightly_dag(acme), "/tried/acme/file.json")
    assert names(told.outputs) == [("sftp://files.example:22", "/tried/acme/file.json")]


def test_staged_events_come_from_the_table_of_the_statement(acme, staging_area):
    """What the extract tells, is what the upload takes from there."""
    extract = build_nightly_dag(acme).get_task("extract").prepare_for_execution()
    assert names(DefaultExtractor(extract).extract().inputs) == [TABLE]
    delivery = nightly_delivery(acme, "courseCompletion", acme.day(DAY))
    extract.staged = delivery, Manifest("/somewhere", 3, 1944, SHA256)  # as the task leaves it
    told = DefaultExtractor(extract).extract_on_complete(SimpleNamespace(task=extract))
    assert (names(told.inputs), names(told.outputs)) == ([TABLE], [("file", f"{staging_area}/acme/{KEY}")])
    assert told.outputs[0].outputFacets["outputStatistics"].rowCount == 3
    assert told.run_facets["eventDelivery"].sha256 == SHA256


def test_an_extract_that_staged_nothing_tells_of_no_file(acme):
    """It failed."""
    extract = build_nightly_dag(acme).get_task("extract")
    assert DefaultExtractor(extract).extract_on_failure(SimpleNamespace(task=extract)).outputs == []


def test_what_lies_in_an_object_store_is_named_by_its_bucket(acme, monkeypatch):
    """Without the Connection that opens it."""
    monkeypatch.setenv("EVENT_DELIVERY_STAGING", "s3://staging_s3@acme-nightly/staging")
    told = tell_delivered(build_nightly_dag(acme), "/in/file.json")
    assert names(told.inputs)[1] == ("s3://acme-nightly", f"staging/staged/acme/{KEY}")


@pytest.mark.parametrize("moment", ["on_start", "on_failure"])
def test_no_file_is_claimed_before_it_is_delivered(acme, moment):
    """At the start and after a failure only what was read is told."""
    extractor = DefaultExtractor(build_nightly_dag(acme).get_task("upload"))
    told = extractor.extract() if moment == "on_start" else extractor.extract_on_failure(None)
    assert (names(told.inputs), told.outputs) == ([TABLE], [])


def test_a_test_file_comes_from_no_table(acme, monkeypatch):
    """It is made from the sample; its folder may be relative to the login's."""
    relative = acme.model_copy(update={"path": "/~/in box"})
    told = tell_delivered(build_test_file_dag(relative), "in box/test.json")
    assert told.inputs == []
    assert names(told.outputs) == [("sftp://127.0.0.1:2222", "/~/in box/test.json")]


@pytest.mark.parametrize(
    "statement, tables",
    [
        ("select * from lms.done join people using (person) where a like 'b%%'", ["lms.done", "public.people"]),
        ("no statement at all", ["course_completion.sql"]),
    ],
)
def test_another_statement_names_its_own_tables(acme, tmp_path, monkeypatch, statement, tables):
    """Where nobody can tell them, the statement stands for them."""
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql/course_completion.sql").write_text(statement)
    event_type = EventType("courseCompletion", "course_completion.sql", tmp_path)
    monkeypatch.setitem(EVENT_TYPES, "courseCompletion", event_type)
    told = lineage.describe_lineage("courseCompletion")
    assert sorted(name for _, name in names(told.inputs)) == [f"lms.{table}" for table in tables]


@pytest.mark.parametrize("uri", ["postgresql:///lms", "postgresql://reader@%2Fvar%2Frun/lms"])
def test_a_database_on_the_workers_own_machine_is_named_so(acme, monkeypatch, uri):
    """A socket's path is no host."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", uri)
    told = lineage.describe_lineage("courseCompletion")
    assert names(told.inputs) == [("postgres://localhost:5432", "lms.public.events")]


def test_without_a_source_nothing_is_named_and_nothing_breaks(acme, monkeypatch):
    """A listener that fails tells nobody anything."""
    monkeypatch.delenv("AIRFLOW_CONN_EVENTS_DB")
    assert lineage.describe_lineage("courseCompletion").inputs == []


def test_without_the_provider_nothing_is_told_and_nothing_breaks(tmp_path):
    """It is no requirement of production."""
    code = (
        "import sys; sys.modules['airflow.providers.openlineage.extractors'] = None\n"
        "from event_delivery.destinations.destination import Destination\n"
        "from event_delivery.orchestration.dags import build_nightly_dag\n"
        f"dag = build_nightly_dag(Destination(id='acme', client='Acme', company_id='{COMPANY}'))\n"
        "upload = dag.get_task('upload')\n"
        "assert upload.get_openlineage_facets_on_start() is None\n"
        "assert dag.get_task('extract').get_openlineage_facets_on_start() is None\n"
        "assert not [name for name in sys.modules if name.startswith('openlineage')]\n"
    )
    environment = {"PYTHONPATH": str(PROJECT / "plugins"), "AIRFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-500:]
