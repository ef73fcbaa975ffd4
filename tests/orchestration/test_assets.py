"""Is each event type's upload known by its assets, the same ones for ever?"""

from __future__ import annotations

import pytest
from airflow.serialization.serialized_objects import DagSerialization

from event_delivery.destinations.destination import Destination
from event_delivery.orchestration.assets import BY_DAY_SETTING, list_assets, name_asset
from event_delivery.orchestration.dags import build_nightly_dag, build_test_file_dag

NAMES = ["sftp://acme/courseCompletion", "sftp://acme/courseCompletion/by-day"]


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    """An instance that wants the assets of days, too."""
    monkeypatch.setenv(BY_DAY_SETTING, "1")


def outlets(dag):
    return {task.task_id: [asset.name for asset in task.outlets] for task in dag.tasks if task.outlets}


def test_only_the_upload_has_assets_whose_names_never_change(acme):
    """A DAG elsewhere is scheduled on exactly these; the host is the Connection's affair."""
    assert outlets(build_nightly_dag(acme)) == {"upload": NAMES}
    assert [asset.uri for asset in list_assets("acme", "courseCompletion")] == [
        "sftp://acme:22/courseCompletion",
        "sftp://acme:22/courseCompletion/by-day",
    ]
    assert name_asset("acme", "courseCompletion") == NAMES[0]


def test_partitioned_dags_are_woken_only_where_that_is_asked_for(acme, monkeypatch):
    """One that Airflow cannot load would make an upload fail that has delivered."""
    monkeypatch.delenv(BY_DAY_SETTING)
    assert outlets(build_nightly_dag(acme)) == {"upload": NAMES[:1]}


@pytest.mark.parametrize(
    "edit", [{"timezone": "Asia/Tokyo"}, {"format": "csv"}, {"connection": "sftp_other"}, {"client": "Other"}]
)
def test_no_edit_of_a_destination_gives_it_other_assets(acme, edit):
    """Whoever waits for them would wait for ever."""
    edited = Destination(**acme.model_dump(exclude_unset=True) | {"id": "acme"} | edit)
    assert outlets(build_nightly_dag(edited)) == {"upload": NAMES}


def test_a_running_upload_has_none_until_it_has_delivered(acme):
    """Airflow fails a task of inactive assets before it begins; the DAG itself keeps them."""
    dag = build_nightly_dag(acme)
    assert dag.get_task("upload").prepare_for_execution().outlets == []
    assert outlets(dag) == {"upload": NAMES}


def test_a_test_file_has_none(acme):
    """It brings no day of a client."""
    assert outlets(build_test_file_dag(acme)) == {}


def test_the_scheduler_knows_them(acme):
    """It reads them from the serialized DAG, and needs no more of it."""
    seen = DagSerialization.from_dict(DagSerialization.to_dict(build_nightly_dag(acme)))
    assert [asset.name for asset in seen.get_task("upload").outlets] == NAMES


def test_two_destinations_whose_ids_are_alike_have_assets_of_their_own(acme):
    """Ids hold no dots and slashes, so that no one is a part of another's."""
    of_other = [asset.uri for asset in list_assets("acme-by-day", "courseCompletion")]
    assert not {asset.uri for asset in list_assets("acme", "courseCompletion")} & set(of_other)
