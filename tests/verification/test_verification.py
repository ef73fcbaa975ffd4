"""Is it noticed, and told once, that a delivered file was lost or changed on the client's server?"""

from __future__ import annotations

import asyncio
import logging
import runpy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowFailException
from airflow.serialization.serialized_objects import DagSerialization

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.destinations import Destination, QuarantinedDestination, load_destination
from event_delivery.destinations.split import Split
from event_delivery.errors import PermanentError
from event_delivery.extract import extract_events
from event_delivery.formats import format_staged_events
from event_delivery.ledger import open_ledger
from event_delivery.ledger.servers import confirm_robot
from event_delivery.limits import Limits
from event_delivery.orchestration.verification import list_due, verify_deliveries
from event_delivery.staging import stage_file, write_manifest
from event_delivery.upload import UploadRun, deliver_file
from event_delivery.verification import verify_destination
from local_servers import sftp_sessions
from local_servers.sftp_server import SftpServer, SftpUser
from tests import PROJECT
from tests.sample_events import COMPANY, DAY, insert_event, noon
from tests.sftp_logins import PASSWORD, confirmed_uri

CONTENT = b'[\n{"id": "1"}\n]\n'
TOMORROW = datetime.now(UTC) + timedelta(hours=25)
LOG = logging.getLogger("task")


@pytest.fixture
def acme(acme: Destination, events_db: Any, staging_area: Path) -> Destination:
    """A destination whose files are looked at after a day."""
    return acme.model_copy(update={"verify_after": "24h"})


def deliver(destination: Destination, day: date = DAY, content: bytes = CONTENT) -> Delivery:
    delivery = nightly_delivery(destination, "courseCompletion", destination.day(day))
    send(delivery, content)
    return delivery


def send(delivery: Delivery, content: bytes = CONTENT, **run: Any) -> None:
    with stage_file(delivery, delivery.file_name) as file:
        file.write(content)
    write_manifest(delivery, delivery.file_name, file.manifest(rows=1))
    deliver_file(delivery, UploadRun("dag", "run", **run), LOG)


def verify(destination: Destination, now: datetime = TOMORROW, limits: Limits = Limits()) -> list[str]:  # noqa: B008
    return verify_destination(destination, now, LOG, limits)


def recorded(ledger: psycopg.Connection[Any]) -> list[tuple[str, bool | None]]:
    return ledger.execute("select found, as_sent from event_delivery.verification order by file_id").fetchall()


def break_file(path: Path, how: str) -> None:
    content = path.read_bytes()
    path.unlink()
    if how == "truncated":
        path.write_bytes(content[:-1])
    elif how == "other bytes":
        path.write_bytes(content.replace(b"1", b"2"))
    elif how == "a folder":
        path.mkdir()


def test_a_file_that_lies_there_as_it_was_sent_is_recorded_and_not_told(acme, folder, events_db):
    """It is looked at once, and not before its time."""
    deliver(acme)
    assert verify(acme, datetime.now(UTC) + timedelta(hours=23)) == []
    assert recorded(events_db) == []
    assert verify(acme) == []
    assert recorded(events_db) == [("the bytes that were sent", True)]


@pytest.mark.parametrize(
    "how, said",
    [
        ("removed", "nothing: the file is gone"),
        ("truncated", "a file of another size (15 bytes, 16 were sent)"),
        ("other bytes", "a file of the same size, and of other bytes"),
        ("a folder", "no file: something else has its name"),
    ],
)
def test_what_is_gone_or_changed_is_told_once_and_never_sent_again(acme, folder, events_db, how, said):
    """The sentence names the destination, the file, the server, what was found, and what to do."""
    delivery = deliver(acme)
    path = folder / delivery.file_name
    break_file(path, how)
    [sentence] = verify(acme)
    assert sentence.startswith("acme: ")
    assert f"{delivery.file_name} was delivered to 127.0.0.1:" in sentence
    assert f"and now there is {said}. Ask the client, or deliver the day again" in sentence
    assert [as_sent for _, as_sent in recorded(events_db)] == [False]
    assert verify(acme) == [], "once"
    assert not path.is_file() or path.read_bytes() != CONTENT, "nothing was sent"


@pytest.mark.parametrize("broken", ["-part0001.json", "-part0002.json", ".json.manifest.json"])
def test_each_part_of_a_split_day_and_its_manifest_are_looked_at(acme, folder, events_db, broken):
    """The sentence names the one that is gone."""
    acme = acme.model_copy(update={"split": Split(rows=1), "companion": "manifest"})
    for number in range(3):
        insert_event(events_db, noon(DAY, number))
    delivery = nightly_delivery(acme, "courseCompletion", acme.day(DAY))
    for again in range(2):
        extract_events(delivery)
        format_staged_events(delivery)
        deliver_file(delivery, UploadRun("dag", f"run {again}"), LOG)
        if again:
            next(folder.glob(f"*{broken}")).unlink()
        told = verify(acme)
        assert [broken in sentence and "the file is gone" in sentence for sentence in told] == [True] * again
        events_db.execute("delete from event_delivery.verification")


def test_a_redelivered_file_counts_anew(acme, folder, events_db):
    """It is looked at again, a day after it came again."""
    delivery = deliver(acme)
    (folder / delivery.file_name).unlink()
    assert len(verify(acme)) == 1
    send(delivery)
    assert verify(acme) == []
    assert [as_sent for _, as_sent in recorded(events_db)] == [True]
    send(delivery, b"[\n]\n")
    (folder / delivery.file_name).unlink()
    assert len(verify(acme)) == 1


def test_a_file_that_is_sent_again_is_left_alone_until_that_is_over(acme, sftp_server, events_db):
    """What lies there meanwhile is not what was delivered, and known not to be."""
    delivery = deliver(acme)
    sftp_server.stop()
    with pytest.raises(Exception, match="refused|reached"):
        send(delivery, b"[\n]\n")
    sftp_server.start()
    before = len(sftp_server.logins)
    assert verify(acme) == []
    assert recorded(events_db) == []
    sftp_server.stop()
    with pytest.raises(Exception, match="refused|reached"):
        send(delivery)
    sftp_server.start()
    assert verify(acme) == []
    assert len(sftp_server.logins) == before, "nobody was asked"


def test_only_what_was_delivered_lately_is_looked_at(acme, sftp_server, events_db):
    """Neither a test file, nor a file that nobody looked at for a week, nor anything without the field."""
    delivery = deliver(acme)
    send(delivery_of_test_file(acme, "courseCompletion", datetime(2026, 3, 10, 6, tzinfo=UTC)))
    for path in sftp_server.user_folder("acme").iterdir():
        path.unlink()
    assert verify(acme.model_copy(update={"verify_after": "0h"})) == []
    assert verify(acme, TOMORROW + timedelta(days=8)) == []
    [sentence] = verify(acme)
    assert delivery.file_name in sentence


def test_a_server_that_is_down_is_told_and_not_asked_again_each_hour(acme, sftp_server, events_db):
    """For a day; something that is delivered meanwhile proves that it can be asked again."""
    delivery = deliver(acme)
    sftp_server.stop()
    [sentence] = verify(acme)
    assert sentence.startswith("acme: delivered files could not be looked at: 127.0.0.1:")
    sftp_server.start()
    (sftp_server.user_folder("acme") / delivery.file_name).unlink()
    assert verify(acme, TOMORROW + timedelta(hours=1)) == []
    assert len(verify(acme, TOMORROW + timedelta(hours=25))) == 1
    events_db.execute("update event_delivery.failed_look set failed_at = now() + interval '2 hours'")
    (sftp_server.user_folder("acme") / deliver(acme, DAY + timedelta(days=1)).file_name).unlink()
    assert verify(acme) == []
    events_db.execute("update event_delivery.delivery_record set delivered_at = now() + interval '3 hours'")
    assert len(verify(acme)) == 1, "something came since"


def test_a_refused_login_is_tried_once_a_day(acme, sftp_server, events_db, monkeypatch):
    """An account is locked by passwords that are offered each hour."""
    deliver(acme)
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(sftp_server, "acme", "wrong"))
    before = len(sftp_server.logins)
    [sentence] = verify(acme)
    assert "the server refuses the login of user 'acme'" in sentence
    assert "wrong" not in sentence
    for hours in range(1, 24):
        assert verify(acme, TOMORROW + timedelta(hours=hours)) == []
    assert len([each for each in sftp_server.logins[before:] if not each.accepted]) == 1


def test_a_server_that_falls_silent_holds_up_nobody_for_long(acme, sftp_server, monkeypatch):
    """The visit ends at its limit, and what was found before is told all the same."""
    gone, _ = deliver(acme), deliver(acme, DAY + timedelta(days=1))
    (sftp_server.user_folder("acme") / gone.file_name).unlink()
    hang_after(1, monkeypatch)
    told = verify(acme, limits=Limits(transfer=2.0, read_back=0.5, grace=0.5))
    assert f"{gone.file_name} was delivered" in told[0]
    assert "did not end within 2 s" in told[1]


def hang_after(looks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server answer no further question for a file's size after some."""
    asked = 0
    original = sftp_sessions.Files.stat

    async def stat(self: Any, path: bytes) -> Any:
        nonlocal asked
        asked += 1
        if asked > looks:
            await asyncio.sleep(60)
        return original(self, path)

    monkeypatch.setattr(sftp_sessions.Files, "stat", stat)


def test_where_the_connection_leads_elsewhere_nothing_is_looked_at(acme, sftp_server, tmp_path, monkeypatch):
    """The file is not there, and was never sent there."""
    deliver(acme)
    with SftpServer(tmp_path / "new", [SftpUser("acme", PASSWORD, "acme")]) as other:
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", confirmed_uri(other, "acme", PASSWORD))
        assert verify(acme) == []
        assert not other.logins
    assert verify(acme.model_copy(update={"path": "/elsewhere"})) == []


def test_a_robot_s_folder_is_not_looked_at(acme, sftp_server, tmp_path, events_db):
    """The field is refused beside robot; a robot that a person confirmed on the page counts too."""
    yaml = f"client: Acme\ncompany_id: {COMPANY}\nrobot: true\nverify_after: 24h\n"
    (tmp_path / "acme.yaml").write_text(yaml)
    found = load_destination("acme", tmp_path)
    assert isinstance(found, QuarantinedDestination)
    assert found.message == (
        "acme.yaml: field 'verify_after': found '24h', wanted 0h where robot is true: a robot takes every file "
        "away, so none can be verified"
    )
    (tmp_path / "_defaults.yaml").write_text("verify_after: 24h\n")
    (tmp_path / "acme.yaml").write_text(yaml.replace("verify_after: 24h\n", ""))
    found = load_destination("acme", tmp_path)
    assert isinstance(found, QuarantinedDestination)
    assert found.message.startswith("_defaults.yaml: field 'verify_after'")
    (tmp_path / "acme.yaml").write_text(yaml.replace("24h", "0h"))
    assert isinstance(load_destination("acme", tmp_path), Destination)
    delivery = deliver(acme)
    (sftp_server.user_folder("acme") / delivery.file_name).unlink()
    with open_ledger() as ledger:
        confirm_robot(ledger, "acme", f"127.0.0.1:{sftp_server.port}/")
    assert verify(acme) == []


@pytest.mark.parametrize("wanted", ["1", "169h", "1d", "true", "[]", "-1h"])
def test_a_wrong_age_is_refused(tmp_path, wanted):
    """With what is wanted."""
    (tmp_path / "acme.yaml").write_text(f"client: Acme\ncompany_id: {COMPANY}\nverify_after: {wanted}\n")
    found = load_destination("acme", tmp_path)
    assert isinstance(found, QuarantinedDestination)
    assert "wanted minutes or hours, such as 24h, at most 168h; 0h: not at all" in found.message


def test_a_server_that_changes_files_is_asked_whether_they_are_there_alone(acme, sftp_server, events_db):
    """Its size and its bytes say nothing."""
    destination = acme.model_copy(update={"check_size": False})
    delivery, gone = deliver(destination), deliver(destination, DAY + timedelta(days=1))
    (sftp_server.user_folder("acme") / delivery.file_name).write_bytes(b"encrypted")
    (sftp_server.user_folder("acme") / gone.file_name).unlink()
    [sentence] = verify(destination)
    assert gone.file_name in sentence
    assert recorded(events_db)[0] == ("the server does not tell", None)


def test_another_instance_s_deliveries_are_not_looked_at(acme, sftp_server, events_db, monkeypatch):
    """A copy of the ledger belongs to whoever claimed it; in a rehearsal no client's server is asked."""
    monkeypatch.setenv("EVENT_DELIVERY_INSTANCE", "production")
    deliver(acme)
    before = len(sftp_server.logins)
    monkeypatch.setenv("EVENT_DELIVERY_INSTANCE", "staging")
    with pytest.raises(PermanentError, match="production"):
        verify(acme)
    assert len(sftp_server.logins) == before


@pytest.fixture
def destinations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, acme: Any) -> list[Any]:
    """Two clients on two servers, and one without the field."""
    folder = tmp_path / "destinations"
    folder.mkdir()
    monkeypatch.setenv("EVENT_DELIVERY_DESTINATIONS", str(folder))
    for name, more in (("acme", "verify_after: 24h\n"), ("birch", "verify_after: 24h\n"), ("cedar", "")):
        (folder / f"{name}.yaml").write_text(f"client: {name}\ncompany_id: {COMPANY}\n{more}")
    (folder / "broken.yaml").write_text("client: [")
    return [load_destination(name) for name in ("acme", "birch", "cedar")]


def test_each_destination_is_looked_at_by_a_task_of_its_own(
    destinations, sftp_server, tmp_path, events_db, monkeypatch
):
    """One server is down: the other client's lost file is told all the same. Nothing is due without the field."""
    acme, birch, _ = destinations
    assert list_due(TOMORROW) == []
    with SftpServer(tmp_path / "birch", [SftpUser("birch", PASSWORD, "birch")]) as server:
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_BIRCH", confirmed_uri(server, "birch", PASSWORD))
        deliver(acme)
        lost = deliver(birch)
        (server.user_folder("birch") / lost.file_name).unlink()
        sftp_server.stop()
        assert list_due(datetime.now(UTC)) == []
        assert list_due(TOMORROW) == ["acme", "birch"]
        with pytest.raises(AirflowFailException, match="acme: delivered files could not be looked at"):
            verify_deliveries("acme", TOMORROW)
        with pytest.raises(AirflowFailException, match=f"birch: {lost.file_name}.*nothing: the file is gone"):
            verify_deliveries("birch", TOMORROW)
        verify_deliveries("birch", TOMORROW)
        verify_deliveries("broken", TOMORROW)
        assert list_due(TOMORROW) == []
        sftp_server.start()


def test_the_dag_looks_each_hour_and_maps_over_destinations():
    """Unpaused, one task a destination in the uploads' pool, without a retry of its own."""
    dag = runpy.run_path(str(PROJECT / "dags/verify_deliveries.py"))["dag"]
    task = dag.get_task("verify")
    assert (dag.dag_id, dag.is_paused_upon_creation, dag.catchup) == ("verify_deliveries", False, False)
    assert (task.is_mapped, task.pool, task.retries) == (True, "sftp_uploads", 0)
    assert DagSerialization.to_dict(dag)["dag"]["dag_id"] == "verify_deliveries"
