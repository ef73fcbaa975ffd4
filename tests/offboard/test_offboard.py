"""Does a client leave with its login and its files, and does what is others' and what is proof stay?"""

from __future__ import annotations

import io
import sys
import uuid
from dataclasses import replace

import pytest
import sqlalchemy
from airflow.models.connection import Connection
from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from airflow.models.log import Log

from event_delivery.destinations import load_destination
from event_delivery.extract.events import extract_events
from event_delivery.formats.delivery_file import format_staged_events
from event_delivery.ledger import open_ledger_reading
from event_delivery.ledger.servers import KeyOwner
from event_delivery.offboard.__main__ import main
from event_delivery.staging import keep_delivered
from event_delivery.staging.store import open_store
from event_delivery.upload import UploadRun, deliver_file
from tests.sample_events import COMPANY, DAY, insert_event, noon
from tests.sftp_logins import PASSWORD, sftp_uri

YAML = f"# agreed on by phone\nclient: Acme University\ncompany_id: {COMPANY}\n"


@pytest.fixture
def destinations(tmp_path, monkeypatch):
    """A folder of destinations with acme's and beta's file."""
    folder = tmp_path / "destinations"
    folder.mkdir()
    (folder / "acme.yaml").write_text(YAML)
    (folder / "beta.yaml").write_text("client: Beta\ncompany_id: beta\n")
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))
    return folder


@pytest.fixture
def aboard(airflow_session, destinations, events_db, staging_area, sftp_server, delivery, monkeypatch, log):
    """Acme's night is delivered and kept, beta's file staged; the Connection lies in Airflow's database."""
    insert_event(events_db, noon(DAY))
    extract_events(delivery)
    file = format_staged_events(delivery)
    deliver_file(delivery, UploadRun("dag", "run"), log)
    keep_delivered(delivery, file, delivery.file_name, f"/in/{delivery.file_name}")
    beta = delivery.destination.model_copy(update={"id": "beta"})
    extract_events(replace(delivery, destination=beta))
    monkeypatch.delenv("AIRFLOW_CONN_SFTP_ACME")
    uri = sftp_uri("acme", PASSWORD, sftp_server.port)
    airflow_session.execute(sqlalchemy.text("truncate dag, dag_bundle cascade"))
    airflow_session.add(DagBundleModel(name="dags-folder"))
    airflow_session.flush()
    for name in ("nightly_sftp_events__acme", "sftp_test_file__acme", "nightly_sftp_events__beta"):
        airflow_session.add(DagModel(dag_id=name, bundle_name="dags-folder", is_paused=False, fileloc="x"))
    airflow_session.add(Connection(conn_id="sftp_acme", uri=uri))
    airflow_session.commit()
    return KeyOwner("sftp_acme", "127.0.0.1", sftp_server.port)


@pytest.fixture
def leave(aboard, monkeypatch, capsys):
    """Run the command; returns its exit status and all that it printed."""

    def leave(*options):
        monkeypatch.setattr(sys, "stdin", io.StringIO(""))
        status = main(["acme", *options])
        told = capsys.readouterr()
        return status, told.out + told.err

    return leave


def connection_of(session):
    session.rollback()
    return session.scalar(sqlalchemy.select(Connection).where(Connection.conn_id == "sftp_acme"))


def files_of(staging_area, destination):
    return [path for path in (staging_area / destination).rglob("*") if path.is_file()]


def shown_keys(owner):
    with open_ledger_reading() as ledger:
        return ledger.read_host_keys(owner)


def test_a_client_leaves_with_all_that_is_its_alone(
    leave, aboard, airflow_session, destinations, staging_area, events_db
):
    """Paused, set aside, files, keys and login gone; the ledger and the other client stay."""
    assert shown_keys(aboard)
    assert files_of(staging_area, "acme")
    status, told = leave("--yes")
    assert status == 0, told
    assert "courseCompletion-2329139872_" in told
    assert (destinations / "acme.yaml").read_text() == f"{YAML}enabled: false\n"
    assert load_destination("acme", destinations).enabled is False
    assert files_of(staging_area, "acme") == []
    assert files_of(staging_area, "beta")
    assert connection_of(airflow_session) is None
    assert shown_keys(aboard) == []
    paused = dict(airflow_session.execute(sqlalchemy.select(DagModel.dag_id, DagModel.is_paused)).all())
    assert paused == {
        "nightly_sftp_events__acme": True, "sftp_test_file__acme": True, "nightly_sftp_events__beta": False,
    }  # fmt: skip
    [count] = events_db.execute(
        "select count(*) from event_delivery.delivery where destination = 'acme'"
    ).fetchone()
    assert count == 1
    assert airflow_session.scalars(sqlalchemy.select(Log.event)).all() == ["offboard_destination"]


def test_a_client_s_files_leave_an_object_store(staging_area, machines, leave):
    """From any machine; the other client's stay."""
    store = open_store()
    assert {each.key.split("/")[0] for each in store.list_objects() if "/acme/" in each.key} == {"staged", "kept"}
    machines.move()
    status, told = leave("--yes")
    assert status == 0, told
    assert [each.key for each in store.list_objects() if "/acme/" in each.key] == []
    assert [each.key for each in store.list_objects() if "/beta/" in each.key]


def test_run_again_it_finds_nothing_more_to_do(leave):
    """A second call says so, and fails at nothing."""
    leave("--yes")
    status, told = leave("--yes")
    assert (status, "0 staged and kept files are removed" in told) == (0, True)


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_nothing_goes_unless_a_person_says_so(leave, airflow_session, destinations, staging_area, options):
    """Without a terminal to ask at, or as a dry run, it only says what would go."""
    before = files_of(staging_area, "acme")
    status, told = leave(*options)
    assert (status, "Nothing was changed" in told) == (0 if options else 1, True)
    assert "remove Connection sftp_acme and its host keys" in told
    assert (destinations / "acme.yaml").read_text() == YAML
    assert files_of(staging_area, "acme") == before
    assert connection_of(airflow_session) is not None


def test_a_shared_connection_stays(leave, aboard, airflow_session, destinations):
    """Another destination uses it, and its host keys; also one whose file is wrong."""
    (destinations / "beta.yaml").write_text("client: Beta\nconnection: sftp_acme\nwrong: 1\n")
    status, told = leave("--yes")
    assert (status, "Connection sftp_acme stays: beta use it" in told) == (0, True)
    assert connection_of(airflow_session) is not None
    assert shown_keys(aboard)


def test_what_was_enabled_in_writing_is_set_aside(leave, destinations):
    """The line is changed, not doubled; the comment stays."""
    (destinations / "acme.yaml").write_text(f"{YAML}enabled: true\nformat: csv\n")
    assert leave("--yes")[0] == 0
    assert (destinations / "acme.yaml").read_text() == f"{YAML}enabled: false\nformat: csv\n"


def test_nothing_goes_while_a_task_is_under_way(leave, airflow_session, staging_area, destinations):
    """Both DAGs are paused at once, so that nothing follows it; the next call goes on."""
    dag_id = "nightly_sftp_events__acme"
    airflow_session.execute(sqlalchemy.text("truncate task_instance, dag_run cascade"))
    run = DagRun(dag_id=dag_id, run_id="night", run_type="manual", run_after=noon(DAY), state="running")
    airflow_session.add(run)
    airflow_session.flush()
    values = {"id": uuid.uuid4(), "dag_id": dag_id}
    airflow_session.execute(
        sqlalchemy.text(
            "insert into task_instance"
            " (id, task_id, dag_id, run_id, map_index, state, pool, pool_slots, try_number, max_tries)"
            " values (:id, 'upload', :dag_id, 'night', -1, 'running', 'sftp_uploads', 1, 1, 10)"
        ),
        values,
    )
    airflow_session.commit()
    status, told = leave("--yes")
    assert (status, "upload of nightly_sftp_events__acme is under way" in told) == (1, True)
    assert files_of(staging_area, "acme")
    assert connection_of(airflow_session) is not None
    airflow_session.refresh(dag := airflow_session.get(DagModel, dag_id))
    assert dag.is_paused
    airflow_session.execute(sqlalchemy.text("update task_instance set state = 'success'"))
    airflow_session.commit()
    assert leave("--yes")[0] == 0


def test_nobody_else_is_taken_off_by_a_wrong_id(leave, airflow_session):
    """An id is no path."""
    assert main(["../beta", "--yes"]) == 1
    assert connection_of(airflow_session) is not None


@pytest.mark.parametrize("name", ["acmee", "Acme"])
def test_a_misspelled_id_is_no_client_that_has_left(leave, airflow_session, destinations, capsys, name):
    """Whoever reads that it was taken off stops thinking of it, and the nights go on."""
    for options in (["--yes"], ["--dry-run"]):
        assert main([name, *options]) == 1
        told = capsys.readouterr()
        assert f"holds no destination {name!r}" in told.err
        assert "did you mean 'acme'?" in told.err
        assert "taken off" not in told.out
    assert connection_of(airflow_session) is not None


def test_a_client_whose_file_is_gone_leaves_all_the_same(leave, airflow_session, destinations, staging_area):
    """It is told that no file was found, and where it was looked for."""
    (destinations / "acme.yaml").unlink()
    status, told = leave("--yes")
    assert (status, f"write no file: {destinations} has none of it" in told) == (0, True)
    assert connection_of(airflow_session) is None
    assert files_of(staging_area, "acme") == []


def test_a_ledger_that_cannot_be_asked_stops_it_before_anything_goes(
    leave, airflow_session, destinations, monkeypatch
):
    """What was last delivered is not known then."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", "postgresql://nobody@127.0.0.1:1/none")
    assert leave("--yes")[0] == 1
    assert (destinations / "acme.yaml").read_text() == YAML
    assert connection_of(airflow_session) is not None
