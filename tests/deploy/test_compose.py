"""Are the Compose files right by the Compose Specification, and as safe as they can be?"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest

from event_delivery.limits import LIMITS
from tests.deploy.files import COMPOSE, DEPLOY, read, read_schema, services_of_ours

SECRET_OPTIONS = {
    "database.sql_alchemy_conn": "airflow_database",
    "core.fernet_key": "fernet_key",
    "api_auth.jwt_secret": "jwt_secret",
    "api.secret_key": "api_secret",
}
READ = """
import json, sys
from airflow.configuration import conf
print(json.dumps([conf.get(*name.split(".")) for name in sys.argv[1:]]))
"""
TASKS_RUN_IN = {"compose.yaml": "scheduler", "compose-celery.yaml": "worker"}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory) -> Path:
    """What make_secrets.sh makes, in a folder of its own."""
    folder = tmp_path_factory.mktemp("deploy")
    script = folder / "make_secrets.sh"
    script.write_bytes((DEPLOY / "make_secrets.sh").read_bytes())
    subprocess.run(["bash", str(script)], check=True, capture_output=True, timeout=60)
    return folder / "secrets"


@pytest.mark.parametrize("name", COMPOSE)
def test_a_compose_file_follows_the_specification(name):
    """Its JSON schema refuses what Compose does not know."""
    schema = read_schema("compose-spec.json")
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(read(name))


def test_the_schema_refuses_a_misspelled_key():
    """So that the test before this one can fail."""
    found = read("compose.yaml")
    found["services"]["scheduler"]["stop_grace_periode"] = "6m"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, read_schema("compose-spec.json"))


@pytest.mark.parametrize("name", COMPOSE)
def test_images_have_versions(name):
    """What is started today is what is started tomorrow."""
    for service in read(name)["services"].values():
        assert re.search(r":(?!latest)[\w.${}:-]+$", service["image"]), service["image"]


@pytest.mark.parametrize("name", COMPOSE)
def test_nothing_is_reached_from_other_machines(name):
    """One port is published, Airflow's, and on this machine alone."""
    ports = [port for service in read(name)["services"].values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8080:8080"]


@pytest.mark.parametrize("name", COMPOSE)
def test_our_containers_can_change_nothing_but_their_own(name):
    """Read-only, without capabilities, nothing gained by a setuid file; secrets are files, not variables."""
    for service in services_of_ours(name).values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        for variable, value in service["environment"].items():
            assert not re.search("(?i)(PASSWORD|SECRET|_KEY|CONN|BROKER_URL)$", variable) or not value, variable


@pytest.mark.parametrize("name", COMPOSE)
def test_every_server_has_the_same_settings(name):
    """A worker that stages elsewhere, or has another instance's name, loses nights; the API server adds users."""
    services = services_of_ours(name)
    environments = [
        {key: each for key, each in service["environment"].items() if "SIMPLE_AUTH_MANAGER" not in key}
        for service in services.values()
    ]
    assert {TASKS_RUN_IN[name], "scheduler", "dag-processor", "api-server", "migrate"} <= services.keys()
    assert all(one == other for one, other in pairwise(environments))


@pytest.mark.parametrize("name", COMPOSE)
def test_a_stop_waits_for_an_upload(name):
    """It is told to Airflow alone, and lasts longer than an attempt and its clean-up may."""
    service = services_of_ours(name)[TASKS_RUN_IN[name]]
    minutes = int(service["stop_grace_period"].removesuffix("m"))
    assert minutes * 60 > LIMITS.task + LIMITS.grace + LIMITS.last_words
    assert service["environment"]["DUMB_INIT_SETSID"] == "0"


@pytest.mark.parametrize("name", COMPOSE)
def test_whom_tasks_talk_to_is_there_before_them_and_after_them(name):
    """Compose stops in the reverse order of starting: a task that may still end needs all of these."""
    services = read(name)["services"]
    task = services_of_ours(name)[TASKS_RUN_IN[name]]
    needed, found = {"api-server", "migrate", "postgres"}, set(task["depends_on"])
    while more := {key for each in found for key in services[each].get("depends_on", {})} - found:
        found |= more
    assert needed | ({"redis", "s3"} & services.keys()) <= found


def test_workers_share_no_folder():
    """What they have in common is the bucket; the destinations can be read only."""
    volumes = services_of_ours("compose-celery.yaml")["worker"]["volumes"]
    assert [volume for volume in volumes if ":" in volume] == ["../include:/opt/airflow/include:ro"]


@pytest.mark.parametrize("name", COMPOSE)
def test_every_secret_is_made_and_used(name, secrets):
    """By make_secrets.sh, for a service that may see it; nothing is there that the file does not name."""
    found = read(name)
    used = {secret for service in found["services"].values() for secret in service.get("secrets", [])}
    assert used == found["secrets"].keys()
    for key, secret in found["secrets"].items():
        assert secret == {"file": f"secrets/{key}"}
        assert (secrets / key).stat().st_size > 0
        assert (secrets / key).stat().st_mode & 0o777 == 0o644


def test_secrets_are_random_fit_together_and_are_roots(secrets):
    """Connections have the servers' passwords; the folder lets nobody in, and is not made again."""
    from cryptography.fernet import Fernet

    Fernet((secrets / "fernet_key").read_text())
    connections = json.loads((secrets / "connections.json").read_text())
    assert f"ledger:{(secrets / 'ledger_password').read_text()}@" in connections["ledger_db"]
    assert f"airflow:{(secrets / 'airflow_password').read_text()}@" in (secrets / "airflow_database").read_text()
    users = {each["name"]: each for each in json.loads((secrets / "s3_users.json").read_text())["identities"]}
    assert users["worker"]["credentials"][0]["secretKey"] == connections["staging_s3"]["password"]
    assert users["admin"]["credentials"][0]["secretKey"] == (secrets / "s3_admin_key").read_text()
    password = (secrets / "redis.conf").read_text().removeprefix("requirepass ")
    assert (secrets / "broker_url").read_text() == f"redis://:{password}@redis:6379/0"
    assert len({path.read_text() for path in secrets.iterdir()}) == len(list(secrets.iterdir()))
    assert secrets.stat().st_mode & 0o777 == 0o700
    again = subprocess.run(["bash", str(secrets.parent / "make_secrets.sh")], capture_output=True, timeout=60)
    assert again.returncode == 1


def test_connections_are_read_as_airflow_reads_them(secrets):
    """By the secrets backend that the files name."""
    from airflow.secrets.local_filesystem import LocalFilesystemBackend

    backend = LocalFilesystemBackend(connections_file_path=str(secrets / "connections.json"))
    store, ledger = backend.get_connection("staging_s3"), backend.get_connection("ledger_db")
    assert store.conn_type == "aws"
    assert store.extra_dejson["endpoint_url"] == "http://s3:8333"
    assert (ledger.conn_type, ledger.host, ledger.schema) == ("postgres", "postgres", "ledger")


@pytest.mark.parametrize("name", COMPOSE)
def test_airflow_reads_the_secrets_by_the_commands_of_the_file(name, secrets, tmp_path):
    """In a process of its own, with a service's whole environment: keys and database are those of the files."""
    environment = services_of_ours(name)["scheduler"]["environment"]
    environment = {key: value.replace("/run/secrets", str(secrets)) for key, value in environment.items()}
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AIRFLOW", "EVENT_DELIVERY"))}
    found = subprocess.run(
        [sys.executable, "-c", READ, *SECRET_OPTIONS],
        env={
            **kept,
            **environment,
            "AIRFLOW_HOME": str(tmp_path),
            "AIRFLOW_CONFIG": str(tmp_path / "airflow.cfg"),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    values = json.loads(found.stdout.splitlines()[-1])
    assert values == [(secrets / file).read_text() for file in SECRET_OPTIONS.values()]
