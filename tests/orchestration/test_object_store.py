"""Does a night whose tasks run on machines without a shared folder deliver the same bytes, and mend a loss?"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.execution_time.context import set_current_context

from event_delivery.destinations import Destination
from event_delivery.errors import RefusedError
from event_delivery.orchestration.dags import build_nightly_dag
from event_delivery.staging import expire_staged, find_kept
from event_delivery.staging.store import open_store
from tests.ledger_contents import read_record
from tests.sample_events import DAY, insert_event, noon


@dataclass
class Night:
    """A night of acme's, each task of which runs on another machine."""

    destination: Destination
    delivery: Any
    remote: Path
    machines: Any
    moves: int = 0

    def run(self, tasks=("extract", "format", "upload"), **conf) -> Any:
        dag, interval = build_nightly_dag(self.destination), self.delivery.interval
        run = SimpleNamespace(
            dag_id=dag.dag_id, run_id=f"run {conf}", run_type="manual", conf=conf, run_after=interval.end,
            data_interval_start=interval.start, data_interval_end=interval.end, logical_date=None, start_date=None,
        )  # fmt: skip
        params = {name: dag.params[name] for name in dag.params} | conf
        for name in tasks:
            self.moves += 1
            self.machines.move(f"machine-{self.moves}")
            task = dag.get_task(name)
            context = {"dag_run": run, "ti": SimpleNamespace(try_number=1, max_tries=10), "task": task}
            with set_current_context(context | {"params": params}):
                task.pre_execute(context | {"params": params})
                call = getattr(task, "python_callable", None)
                result = call() if call else task.execute(context | {"params": params})
        return result

    def read(self) -> bytes:
        return (self.remote / self.delivery.file_name).read_bytes()


@pytest.fixture
def night(machines, events_db, delivery, acme, sftp_server):
    """Three events, and no delivery yet."""
    for minute in range(3):
        insert_event(events_db, noon(DAY, minute))
    return Night(acme, delivery, sftp_server.user_folder("acme"), machines)


@pytest.fixture
def expected(night, monkeypatch, tmp_path):
    """What a night staged in a folder delivers."""
    with monkeypatch.context() as patch:
        patch.setenv("EVENT_DELIVERY_STAGING", str(tmp_path / "shared"))
        night.run()
    content = night.read()
    (night.remote / night.delivery.file_name).unlink()
    return content


def test_three_machines_deliver_what_one_does(expected, night):
    """Byte for byte, and the file is kept for every machine."""
    night.run()
    assert night.read() == expected
    assert read_record(night.delivery)["state"] == "delivered"
    assert len(find_kept(night.delivery)) == 1


def test_a_clear_of_upload_makes_again_what_the_store_has_lost(expected, night):
    """The same bytes, by reading the source again."""
    night.run(("extract", "format"))
    open_store().delete(each.key for each in open_store().list_objects())
    night.run(("upload",))
    assert night.read() == expected


def test_a_damaged_object_is_made_again(expected, night):
    """What a machine fetches is proven before a client gets it."""
    night.run(("extract", "format"))
    store = open_store()
    for each in store.list_objects():
        if not each.key.endswith(".json"):
            store.write(each.key, b"x" * each.bytes)
    night.run(("upload",))
    assert night.read() == expected


def test_a_day_goes_out_again_exactly_from_any_machine(expected, night, events_db):
    """Although the source has one event more, every scratch area is lost and what was staged has expired."""
    night.run()
    insert_event(events_db, noon(DAY, 59))
    open_store().delete(each.key for each in open_store().list_objects("staged"))
    (night.remote / night.delivery.file_name).unlink()
    for path in night.machines.folder.glob("machine-*"):
        shutil.rmtree(path)
    night.run(exact=True)
    assert night.read() == expected


def test_a_day_that_has_expired_in_the_store_goes_out_exactly_from_no_machine(expected, night):
    """Although this very machine has a copy."""
    night.run()
    expire_staged(now=4_000_000_000)
    with pytest.raises(RefusedError, match="is not kept here"):
        night.run(("upload",), exact=True)
