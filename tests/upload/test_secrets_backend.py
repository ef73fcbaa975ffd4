"""Does an upload take its login from a secrets backend, and keep it out of everything that it writes?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.sdk.configuration import clear_secrets_backends_cache

from event_delivery.delivery import Delivery
from event_delivery.errors import PermanentError
from event_delivery.host_keys import confirm_host_key
from event_delivery.ledger import open_ledger_reading
from event_delivery.sftp.host_key import fingerprint
from event_delivery.staging import stage_file, write_manifest
from event_delivery.upload import UploadRun, deliver_file
from local_servers.sftp_server import SftpServer, SftpUser
from tests.ledger_contents import read_record
from tests.sftp_logins import PASSWORD

BACKEND = "airflow.secrets.local_filesystem.LocalFilesystemBackend"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    """A real server that no Connection of the environment names."""
    with SftpServer(tmp_path / "sftp", [SftpUser("acme", PASSWORD, "acme")]) as running:
        yield running


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of Airflow's local filesystem backend, still without Connections, configured as any backend is."""
    file = tmp_path / "connections.json"
    file.touch(0o600)
    file.write_text("{}")
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND", BACKEND)
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", json.dumps({"connections_file_path": str(file)}))
    clear_secrets_backends_cache()
    yield file
    clear_secrets_backends_cache()


@pytest.fixture
def staged(events_db, staging_area, delivery: Delivery) -> Delivery:
    """Acme's delivery of one day, its file ready to be sent."""
    with stage_file(delivery, delivery.file_name) as file:
        file.write(b"[]\n")
    write_manifest(delivery, delivery.file_name, file.manifest(rows=0))
    return delivery


def keep(vault: Path, server: SftpServer, **fields: object) -> None:
    """Let the backend hold Acme's Connection, with its server's key."""
    connection = {
        "conn_type": "sftp", "host": "127.0.0.1", "port": server.port, "login": "acme", "password": PASSWORD,
        "extra": {"host_key": server.host_key()},
    }  # fmt: skip
    vault.write_text(json.dumps({"sftp_acme": {**connection, **fields}}))


def test_an_upload_takes_its_connection_from_a_secrets_backend(vault, server, staged, log):
    """Password and host key come from there, and a new password counts at the next attempt."""
    keep(vault, server, password="not this one")
    with pytest.raises(PermanentError, match="refuses the login"):
        deliver_file(staged, UploadRun("dag", "run"), log)
    keep(vault, server)
    deliver_file(staged, UploadRun("dag", "run"), log)
    assert [path.name for path in server.user_folder("acme").iterdir()] == [staged.file_name]
    assert read_record(staged)["state"] == "delivered"


def test_a_connection_that_the_backend_lacks_is_named(vault, server, staged, log):
    """In the words of every missing Connection."""
    with pytest.raises(PermanentError, match="'sftp_acme' is not defined"):
        deliver_file(staged, UploadRun("dag", "run"), log)


def test_a_key_cannot_be_confirmed_in_a_backend(vault, server, staged, airflow_session):
    """It is edited where it is kept: a copy in Airflow's database would count for nothing."""
    keep(vault, server)
    shown = fingerprint(server.host_key())
    with open_ledger_reading() as ledger, pytest.raises(PermanentError, match="not kept in Airflow's database"):
        confirm_host_key(airflow_session, ledger, "sftp_acme", shown, "me")
