"""Does every destination become the DAGs that Airflow is promised?"""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.serialization.serialized_objects import DagSerialization

from event_delivery.destinations.destination import Destination
from event_delivery.destinations.event_type import EVENT_TYPES, EventType
from event_delivery.destinations.file import QuarantinedDestination
from event_delivery.orchestration import dags as pipeline
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


def test_several_event_types_are_mapped_over_the_same_three_tasks(monkeypatch):
    """The DAG keeps its shape whatever the number of event types."""
    monkeypatch.setitem(EVENT_TYPES, "courseStarted", EventType("courseStarted", "course_started.sql"))
    acme = Destination(id="acme", client="A", company_id=COMPANY, events=["courseCompletion", "courseStarted"])
    dag = pipeline.build_nightly_dag(acme)
    assert [task.task_id for task in dag.topological_sort()] == ["extract", "format", "upload"]
    assert all(task.is_mapped for task in dag.tasks)
    upload = DagSerialization.from_dict(DagSerialization.to_dict(dag)).task_dict["upload"]
    assert (upload.retries, upload.retry_delay, upload.has_retry_policy) == (10, timedelta(seconds=20), True)


def test_a_disabled_destination_has_no_dag(destinations):
    """`enabled: false` takes it out of Airflow."""
    (destinations / "acme.yaml").write_text(REQUIRED + "enabled: false\n")
    assert built() == {}


@pytest.mark.parametrize("folder", ["", "no such folder"])
def test_without_a_destination_there_is_no_dag_and_no_error(destinations, monkeypatch, folder):
    """A new instance has none; nor has one whose folder is not there yet."""
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(destinations / folder))
    assert built() == {}
    assert built("nightly_sftp_events__acme", "upload")["nightly_sftp_events__acme"].tags >= {"quarantined"}


def test_a_quarantined_destination_keeps_its_dag_and_says_why(destinations):
    """Same id, tag `quarantined`, and the message on its page; the others are built."""
    (destinations / "broken.yaml").write_text(REQUIRED + "format: xml\n")
    (destinations / "acme.yaml").write_text(REQUIRED)
    dags = built()
    assert len(dags) == 3
    broken = dags["nightly_sftp_events__broken"]
    assert "quarantined" in broken.tags
    assert "found 'xml', wanted 'csv' or 'json'" in broken.doc_md


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


def test_a_task_s_process_builds_only_its_own_destination(destinations):
    """A thousand destinations must not slow each task down."""
    for name in ("acme", "beta"):
        (destinations / f"{name}.yaml").write_text(REQUIRED)
    assert set(built("nightly_sftp_events__acme", "upload")) == {
        "nightly_sftp_events__acme",
        "sftp_test_file__acme",
    }
    assert set(built("sftp_test_file__beta", "upload")) == {"nightly_sftp_events__beta", "sftp_test_file__beta"}


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
    """A DAG file must be quick: no pandas, no psycopg, no database."""
    (destinations / "acme.yaml").write_text(REQUIRED)
    code = (
        "import sys; from event_delivery.orchestration.dags import build_dags; list(build_dags());"
        "sys.exit(bool({'pandas', 'psycopg'} & set(sys.modules)))"
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
