"""Does every destination become the DAGs that Airflow is promised?"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.serialization.serialized_objects import DagSerialization

from event_delivery.destinations.destination import Destination
from event_delivery.destinations.event_type import EVENT_TYPES, EventType
from event_delivery.destinations.quarantined import QuarantinedDestination
from event_delivery.orchestration import dags as pipeline
from event_delivery.orchestration.names import event_of_task, task_ids
from event_delivery.orchestration.run_delivery import delivery_of_test_file_run
from event_delivery.orchestration.timetable import LocalDayTimetable
from event_delivery.orchestration.upload_operator import UploadOperator
from tests import PROJECT
from tests.sample_events import COMPANY

REQUIRED = f"client: Acme\ncompany_id: {COMPANY}\n"


@pytest.fixture
def destinations(tmp_path, monkeypatch) -> Path:
    """An empty folder of destinations, the one that the DAG file reads."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(tmp_path))
    return tmp_path


def built(dag_id: str | None = None, task_id: str | None = None) -> dict:
    return {dag.dag_id: dag for dag in pipeline.build_dags(dag_id, task_id)}


def test_a_destination_has_a_nightly_and_a_test_file_dag(destinations):
    """Ids, tasks in order, tags and schedule are the contracted ones."""
    (destinations / "acme.yaml").write_text(REQUIRED)
    dags = built()
    assert set(dags) == {"nightly_sftp_events__acme", "sftp_test_file__acme"}
    nightly = dags["nightly_sftp_events__acme"]
    assert [task.task_id for task in nightly.topological_sort()] == ["extract", "format", "upload"]
    assert nightly.tags == {"sftp", "acme", "Acme"}
    assert isinstance(nightly.timetable, LocalDayTimetable)
    assert isinstance(nightly.get_task("upload"), UploadOperator)
    assert nightly.catchup is False
    assert nightly.get_task("upload").pool == "sftp_uploads"
    assert "airflow backfill create" in nightly.doc_md


def test_a_delivery_that_has_begun_is_finished_before_another_begins(destinations):
    """The scheduler takes upload before format before extract, of whichever destination."""
    (destinations / "acme.yaml").write_text(REQUIRED)
    dag = DagSerialization.from_dict(DagSerialization.to_dict(built()["nightly_sftp_events__acme"]))
    tasks = [dag.task_dict[name] for name in ("upload", "format", "extract")]
    weights = [task.weight_rule.get_weight(SimpleNamespace(task=task)) for task in tasks]
    assert weights == sorted(set(weights), reverse=True)


def test_params_are_the_dag_s_alone_and_their_defaults_are_valid(destinations):
    """A copy in each task would be validated at every pass; Airflow checks no defaults then."""
    (destinations / "acme.yaml").write_text(REQUIRED)
    for name in ("nightly_sftp_events__acme", "sftp_test_file__acme"):
        dag = built()[name]
        defaults = {param: dag.params.get_param(param).value for param in dag.params}
        assert dag.params.validate() == defaults != {}
        assert not any(task.params for task in dag.tasks)
        seen = DagSerialization.from_dict(DagSerialization.to_dict(dag))
        assert seen.params.dump() == dag.params.dump()


def test_the_scheduler_sees_the_same_dag(destinations):
    """Schedule, retries and the day survive serialization."""
    (destinations / "acme.yaml").write_text(REQUIRED + "timezone: Europe/Berlin\n")
    serialized = DagSerialization.to_dict(built()["nightly_sftp_events__acme"])
    assert COMPANY not in str(serialized)
    dag = DagSerialization.from_dict(serialized)
    upload = dag.task_dict["upload"]
    assert upload.retries == 10
    assert upload.retry_delay == timedelta(seconds=20)
    assert upload.has_retry_policy
    assert dag.params["day"] is None
    assert dag.params["release"] is None


def test_each_event_type_has_tasks_of_its_own_whatever_else_there_is(monkeypatch):
    """No edit of the list changes what an id means: the first type's are the ids that it always had."""
    for event in ("courseStarted", "quizPassed"):
        monkeypatch.setitem(EVENT_TYPES, event, EventType(event, f"{event}.sql"))
    ids = {}
    for events in (["courseCompletion"], ["quizPassed", "courseCompletion"], ["courseStarted", "quizPassed"]):
        acme = Destination(id="acme", client="A", company_id=COMPANY, events=events)
        dag = pipeline.build_nightly_dag(acme)
        assert len(dag.tasks) == 3 * len(events)
        assert not any(task.is_mapped for task in dag.tasks)
        for event in events:
            extract, format_file, upload = (dag.get_task(task_id) for task_id in task_ids(event))
            assert (extract.downstream_task_ids, format_file.downstream_task_ids) == (
                {format_file.task_id},
                {upload.task_id},
            )
            assert (upload.event, event_of_task(upload.task_id)) == (event, event)
            assert ids.setdefault(event, upload.task_id) == upload.task_id
    assert ids["courseCompletion"] == "upload"


def test_runs_that_wait_for_a_dead_server_hold_up_no_other(destinations):
    """Many runs may be under way, and few tasks at once of each kind."""
    (destinations / "acme.yaml").write_text(REQUIRED)
    nightly = built()["nightly_sftp_events__acme"]
    assert nightly.max_active_runs >= 60
    assert {task.max_active_tis_per_dag for task in nightly.tasks} == {4}


def test_a_test_file_is_of_the_first_event_type(monkeypatch):
    """What a client sees first is what the destination's first kind of event looks like."""
    monkeypatch.setitem(EVENT_TYPES, "courseStarted", EventType("started", "course_started.sql"))
    acme = Destination(id="acme", client="A", company_id=COMPANY, events=["courseStarted", "courseCompletion"])
    run = SimpleNamespace(start_date=datetime(2026, 3, 9, tzinfo=UTC))
    assert delivery_of_test_file_run(acme, {"dag_run": run}).file_name.startswith("started-test-")


def test_event_types_of_wrong_files_leave_the_other_destinations_their_dags(destinations, include):
    """Parsing never raises for what a data engineer has written."""
    (include / "sql/quiz_attempt.sql").write_text("select 1")
    (destinations / "acme.yaml").write_text(REQUIRED)
    (destinations / "beta.yaml").write_text(REQUIRED + "events: [quizAttempt]\n")
    dags = built()
    assert "quarantined" in dags["nightly_sftp_events__beta"].tags
    assert "include/sql/quiz_attempt.sql has no sample" in dags["nightly_sftp_events__beta"].doc_md
    assert "quarantined" not in dags["nightly_sftp_events__acme"].tags


def test_a_disabled_destination_has_no_dag(destinations):
    """`enabled: false` takes it out of Airflow."""
    (destinations / "acme.yaml").write_text(REQUIRED + "enabled: false\n")
    assert built() == {}


def test_without_a_destination_there_is_no_dag_and_no_error(destinations):
    """A new instance has none."""
    assert built() == {}
    assert built("nightly_sftp_events__acme", "upload")["nightly_sftp_events__acme"].tags >= {"quarantined"}


def test_a_folder_of_destinations_that_is_named_and_not_there_is_told(destinations, monkeypatch):
    """A mount that failed would else leave nights without any delivery, and nobody would know."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(destinations / "gone"))
    [dag] = [dag for dag in built().values() if dag.dag_id.startswith("nightly_sftp_events__gone.")]
    assert "quarantined" in dag.tags
    assert "cannot be read (No such file or directory): nothing is delivered to anybody" in dag.doc_md


def test_a_quarantined_destination_keeps_its_dag_and_says_why(destinations):
    """Same id, tag `quarantined`, and the message on its page; the others are built."""
    (destinations / "broken.yaml").write_text(REQUIRED + "format: xml\n")
    (destinations / "acme.yaml").write_text(REQUIRED)
    dags = built()
    assert len(dags) == 4
    broken = dags["nightly_sftp_events__broken"]
    assert "quarantined" in broken.tags
    assert broken.timetable.can_be_scheduled is False
    assert "found 'xml', wanted 'csv', 'json', 'ndjson' or 'parquet'" in broken.doc_md


def test_one_dag_fails_each_night_and_names_every_quarantined_destination(destinations):
    """A mistake in the defaults is one failure, not five hundred; without a quarantine there is no such DAG."""
    from airflow.sdk.exceptions import AirflowFailException

    for name in ("acme", "beta"):
        (destinations / f"{name}.yaml").write_text(REQUIRED)
    assert "quarantined_destinations" not in built()
    (destinations / "gamma.yaml").write_text(REQUIRED + "format: xml\n")
    (destinations / "_defaults.yaml").write_text("timezone: Europe/Berln\n")
    dag = built()["quarantined_destinations"]
    assert dag.is_paused_upon_creation is False
    assert isinstance(dag.timetable, LocalDayTimetable)
    assert set(built("quarantined_destinations", "quarantined")) >= {"quarantined_destinations"}
    with pytest.raises(AirflowFailException) as caught:
        dag.get_task("quarantined").python_callable()
    [one, other] = str(caught.value).splitlines()
    assert one.startswith("acme, beta: _defaults.yaml: field 'timezone'")
    assert "gamma" in other


def test_what_cannot_be_built_is_quarantined_too(destinations, monkeypatch):
    """An exception for one destination never drops the others' DAGs."""
    (destinations / "acme.yaml").write_text(REQUIRED)
    (destinations / "beta.yaml").write_text(REQUIRED)
    build = pipeline.build_nightly_dag

    def fail_for_beta(destination: Destination):
        if destination.id == "beta":
            raise RuntimeError("no such thing")
        return build(destination)

    monkeypatch.setattr(pipeline, "build_nightly_dag", fail_for_beta)
    dags = built()
    assert "quarantined" in dags["nightly_sftp_events__beta"].tags
    assert "quarantined" not in dags["nightly_sftp_events__acme"].tags


def test_a_task_s_process_builds_only_its_own_dag(destinations):
    """A thousand destinations must not slow each task down, nor the other DAG of its own."""
    for name in ("acme", "beta"):
        (destinations / f"{name}.yaml").write_text(REQUIRED)
    for asked in ("nightly_sftp_events__acme", "sftp_test_file__beta"):
        assert list(built(asked, "upload")) == [asked]


def test_a_quarantined_task_knows_about_collisions_with_other_files(destinations):
    """What quarantined it may be another destination's file."""
    for name in ("acme", "beta"):
        (destinations / f"{name}.yaml").write_text(REQUIRED + "connection: shared\n")
    dag = built("nightly_sftp_events__acme", "quarantined")["nightly_sftp_events__acme"]
    assert "the same as of beta" in dag.doc_md


def test_a_quarantined_run_fails_with_the_message():
    """The task raises what is wrong, without retries."""
    from airflow.sdk.exceptions import AirflowFailException

    dag = pipeline.build_quarantined_dag(QuarantinedDestination("acme", "acme.yaml: field 'format': found 'xml'"))
    with pytest.raises(AirflowFailException, match="found 'xml'"):
        dag.get_task("quarantined").python_callable()


WITHOUT_AIRFLOW = ("schedule", "destinations", "delivery", "formats", "sftp.session", "errors", "limits")


@pytest.mark.parametrize("module", WITHOUT_AIRFLOW)
def test_the_pure_modules_need_no_airflow(module):
    """They can be read, tested and reused without it."""
    code = f"import sys; import event_delivery.{module}; sys.exit('airflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(PROJECT / "plugins")}, check=False)
    assert done.returncode == 0


def test_the_dag_file_is_a_loop():
    """At most 40 lines, and the words that make Airflow read it."""
    text = (PROJECT / "dags/nightly_sftp_events.py").read_text()
    assert len(text.splitlines()) <= 40
    assert "airflow" in text.lower()
    assert "dag" in text.lower()


def test_parsing_needs_no_connection_and_no_heavy_import(destinations):
    """A DAG file must be quick: no pandas, no psycopg, no database, no room that only tasks of other DAGs need."""
    (destinations / "acme.yaml").write_text(REQUIRED)
    heavy = {"pandas", "psycopg", "pyarrow"} | {
        f"event_delivery.{room}" for room in ("completeness", "incidents", "preflight")
    }
    code = (
        "import sys; from event_delivery.orchestration.dags import build_dags; list(build_dags());"
        f"found = {heavy} & set(sys.modules); sys.exit(str(found) if found else 0)"
    )
    environment = {
        "PYTHONPATH": str(PROJECT / "plugins"),
        "EVENT_DELIVERY_DESTINATIONS": str(destinations),
        "AIRFLOW_HOME": str(destinations / "home"),
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-500:]


def test_loading_the_plugin_costs_a_task_no_web_framework(tmp_path):
    """Every process of Airflow loads plugins; the page's app is built when it is first asked."""
    code = (
        "import sys, event_delivery_plugin, event_delivery.orchestration.dags; sys.exit('fastapi' in sys.modules)"
    )
    environment = {
        "PYTHONPATH": str(PROJECT / "plugins"),
        "AIRFLOW_HOME": str(tmp_path / "home"),
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-500:]
