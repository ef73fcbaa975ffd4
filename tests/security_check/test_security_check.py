"""Does the check find each thing that is less safe than it could be, and nothing when that is mended?"""

from __future__ import annotations

import json
import os

import asyncssh
import pytest
from airflow.models.log import Log
from cryptography.hazmat.primitives.asymmetric import dsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from event_delivery.ledger import open_ledger
from event_delivery.security_check import check_security
from event_delivery.security_check.__main__ import main
from tests.ledger_contents import connect_ledger
from tests.security_check.conftest import write_destination

RSA_1024 = asyncssh.generate_private_key("ssh-rsa", key_size=1024)
GOOD_KEY = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
WEAK_KEY = RSA_1024.export_private_key().decode()
DSA_KEY = dsa.generate_private_key(1024).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
HUNTER = "hunter2-and-more"
STRONG = "Zk3vQ9xT1mW7rB5nY8pL2cD6"

pytestmark = pytest.mark.usefixtures("destinations", "events_db")


@pytest.mark.parametrize(
    ("extra", "place", "severity", "words"),
    [
        ({"ssh_key": GOOD_KEY}, "'ssh_key'", "high", "does not mask"),
        ({"pwd": HUNTER}, "'pwd'", "high", "does not mask"),
        ({"comment": WEAK_KEY}, "'comment'", "high", "does not mask"),
        ({"key_file": "/root/.ssh/id_rsa"}, "'key_file'", "medium", "file of the worker"),
        ({"private_key": WEAK_KEY}, "'private_key'", "high", "RSA key of 1024 bits"),
        ({"next_private_key": DSA_KEY}, "'next_private_key'", "high", "DSA"),
        ({"private_key": "nonsense"}, "'private_key'", "medium", "cannot be read"),
        ({"next_password": "short"}, "'next_password'", "medium", "fewer than 12"),
    ],
)
def test_what_an_extra_shows_is_found(find, add, extra, place, severity, words):
    """Secrets under names that Airflow does not mask, files of the worker, weak keys; a good extra has none."""
    connection = add(extra=json.dumps(extra))
    [(found, what)] = find(place)
    assert found == severity
    assert words in what
    connection.set_extra(json.dumps({"private_key": GOOD_KEY, "private_key_passphrase": "", "host_key": ""}))
    assert find("Connection sftp_acme") == []


def test_a_short_password_is_found(find, add):
    """Eleven characters are too few, twelve will do."""
    connection = add(password="x" * 11)
    assert find("sftp_acme, password") == [("medium", "it has fewer than 12 characters.")]
    connection.set_password("x" * 12)
    assert find("sftp_acme, password") == []


@pytest.mark.parametrize(
    ("setting", "bad", "good", "place", "severity"),
    [
        ("CORE__HIDE_SENSITIVE_VAR_CONN_FIELDS", "False", "True", "hide_sensitive", "high"),
        ("CORE__FERNET_KEY", "", "x" * 44, "fernet_key", "high"),
        ("API__SECRET_KEY", "temporary_key", STRONG, "secret_key", "high"),
        ("API__SECRET_KEY", "a" * 40, STRONG, "secret_key", "high"),
        ("API_AUTH__JWT_SECRET", "short", STRONG, "jwt_secret", "high"),
        ("API__EXPOSE_CONFIG", "True", "False", "expose_config", "medium"),
        ("CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", "True", "False", "all_admins", "high"),
    ],
)
def test_what_airflow_leaves_open_is_found(find, monkeypatch, setting, bad, good, place, severity):
    """Masking, encryption, signing and access, as Airflow is configured."""
    monkeypatch.setenv(f"AIRFLOW__{setting}", bad)
    assert [found for found, _ in find(place)] == [severity]
    monkeypatch.setenv(f"AIRFLOW__{setting}", good)
    assert find(place) == []


def test_a_key_pair_that_signs_needs_no_secret(find, monkeypatch):
    """With `jwt_private_key_path` there is no `jwt_secret`."""
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "")
    assert find("jwt_secret")
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_PRIVATE_KEY_PATH", "/keys/jwt.pem")
    assert find("jwt_secret") == []


def test_a_connection_kept_as_plain_text_is_found(find, add, monkeypatch):
    """One that was saved while there was no Fernet key stays plain text."""
    from airflow.models.crypto import get_fernet

    good = os.environ["AIRFLOW__CORE__FERNET_KEY"]
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", "")
    get_fernet.cache_clear()
    connection = add()
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", good)
    get_fernet.cache_clear()
    assert ("high", "Airflow's database keeps its secrets as plain text.") in find("Connection sftp_acme")
    connection.set_password(HUNTER)
    assert find("Connection sftp_acme") == []


@pytest.mark.parametrize(
    "words",
    [
        ["--conn-uri", "sftp://acme:********@host/?private_key=hunter2-and-more"],
        ["--conn-uri=sftp://acme:hunter2-and-more@host/"],
        ["--conn-type", "sftp", "--conn-extra", '{"private_key": "hunter2-and-more"}'],
        ["--conn-type", "sftp", '--conn-extra={"next_password": "hunter2-and-more"}'],
        ["--conn-uri", "sftp://acme:hunter2/and-more@host/"],
        ["--conn-uri", 'sftp://acme:********@host/?__extra__={"private_key": "hunter2-and-more"}'],
        ["--conn-json", '{"extra": "{\\"private_key\\": \\"hunter2-and-more\\"}"}'],
        ["--conn-json", '{"password": "********", "extra": {"private_key": "hunter2-and-more"}}'],
    ],
)
def test_a_secret_in_the_audit_log_is_found(airflow_session, find, words):
    """What Airflow 3.3 writes of a command line is looked through; the finding does not repeat it."""
    command = ["airflow", "connections", "add", "sftp_acme", *words]
    row = Log(event="cli_connections_add", extra=json.dumps({"host_name": "h", "full_command": str(command)}))
    airflow_session.add(row)
    [(severity, what)] = find("audit log")
    assert severity == "high"
    assert "hunter2" not in what
    masked = ["--conn-uri", "sftp://acme:********@host/", "--conn-json", '{"password": "********", "port": 22}']
    row.extra = json.dumps({"full_command": str([*command[:4], *masked])})
    assert find("audit log") == []


def test_keys_of_servers_that_are_weak_or_unknown_are_found(destinations, find, add):
    """A short pinned key, old algorithms, and a first contact that is yet to come; a pinned good key has none."""
    add()
    with open_ledger():
        pass
    [(severity, what)] = find("acme.yaml")
    assert (severity, "no key is known" in what) == ("medium", True)
    public = " ".join(RSA_1024.export_public_key().decode().split()[:2])
    write_destination(destinations, "acme", host_key=public)
    assert [severity for severity, _ in find("acme, host_key")] == ["medium"]
    write_destination(destinations, "acme", host_key=public, legacy_algorithms="true")
    assert [severity for severity, _ in find("acme.yaml, legacy_algorithms")] == ["medium"]
    write_destination(destinations, "acme", host_key="SHA256:" + "A" * 43)
    assert find("acme.yaml") == find("acme, host_key") == []


def test_a_server_that_the_ledger_knows_is_no_first_contact(find, add):
    """A completed login has made its key known."""
    add()
    with open_ledger():
        pass
    good = asyncssh.import_private_key(GOOD_KEY).export_public_key().decode()
    with connect_ledger() as ledger:
        ledger.execute(
            "insert into event_delivery.host_key (host, port, public_key, state)"
            " values ('sftp.example.com', 22, %s, 'first contact, unconfirmed')",
            [good],
        )
    assert find("host_key_policy") == []


def test_connections_that_are_missing_shared_or_of_another_kind_are_found(destinations, find, add):
    """Each destination has the Connection of its own client's server."""
    assert find("Connection sftp_acme") == [("medium", "it is not defined, and acme needs it.")]
    connection = add(conn_type="postgres")
    assert find("Connection sftp_acme") == [("high", "acme uses it, and its type is 'postgres'.")]
    connection.conn_type = "sftp"
    assert find("Connection sftp_acme") == []
    for name in ("acme", "birch"):
        write_destination(destinations, name, connection="sftp_acme", shared_connection="true", path=f"/{name}")
    assert find("Connection sftp_acme") == [("medium", "destinations of several clients share it: acme, birch.")]


def test_a_connection_of_the_environment_is_looked_at(find, monkeypatch):
    """What Airflow's database does not hold is asked for by the ids of the destinations."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", "sftp://acme:short@host/")
    assert find("sftp_acme, password") == [("medium", "it has fewer than 12 characters.")]


def test_a_connection_that_cannot_be_read_hides_no_other(find, add, monkeypatch, airflow_session):
    """With another Fernet key one is unreadable; the next one's short password is found nevertheless."""
    from airflow.models.crypto import get_fernet
    from cryptography.fernet import Fernet

    add()
    airflow_session.commit()
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", Fernet.generate_key().decode())
    get_fernet.cache_clear()
    airflow_session.expunge_all()
    add("sftp_birch", password="short")
    assert find("Connection sftp_acme") == [("low", "it could not be checked: Airflow cannot read it.")]
    assert find("sftp_birch, password") == [("medium", "it has fewer than 12 characters.")]


def test_folders_that_others_may_use_are_found(destinations, staging_area, find):
    """Nobody else writes destinations, and nobody else enters the staging area."""
    assert find(str(destinations)) == find(str(staging_area)) == []
    destinations.chmod(0o755)
    assert [severity for severity, _ in find(str(destinations))] == ["low"]
    destinations.chmod(0o750)
    (destinations / "acme.yaml").chmod(0o646)
    assert [severity for severity, _ in find("acme.yaml")] == ["high"]
    staging_area.mkdir(mode=0o755)
    assert [severity for severity, _ in find(str(staging_area))] == ["high"]
    staging_area.chmod(0o750)
    assert [severity for severity, _ in find(str(staging_area))] == ["medium"]
    staging_area.chmod(0o700)
    (destinations / "acme.yaml").chmod(0o640)
    assert find(str(destinations)) == find(str(staging_area)) == []


def test_database_roles_that_may_do_too_much_are_found(events_db, postgres, find, monkeypatch):
    """A superuser, then one that may write the events, then one that may read them only."""
    name = events_db.info.dbname
    assert [severity for severity, _ in find("Connection events_db")] == ["high"]
    assert [severity for severity, _ in find("Connection ledger_db (or events_db")] == ["high"]
    events_db.execute("drop role if exists checked_reader")
    events_db.execute("create role checked_reader login")
    events_db.execute("grant select, insert on events to checked_reader")
    uri = os.environ["AIRFLOW_CONN_EVENTS_DB"]
    role = uri.replace(f"//{events_db.info.user}", "//checked_reader", 1)
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", role)
    assert find("Connection events_db") == [
        ("medium", "its role may change the source's tables: public.events.")
    ], name
    events_db.execute("revoke insert on events from checked_reader")
    assert find("Connection events_db") == []
    assert find("Connection ledger_db") == []
    events_db.execute("drop owned by checked_reader; drop role checked_reader")


def test_what_cannot_be_checked_is_said(find, monkeypatch):
    """A database that does not answer is a finding of its own, and hides no other."""
    monkeypatch.setenv("AIRFLOW_CONN_EVENTS_DB", "postgresql://nobody:hunter2@127.0.0.1:1/none")
    assert [severity for severity, _ in find("the role of events_db")] == ["low"]
    assert find("Connection sftp_acme")


def test_no_finding_holds_a_secret(airflow_session, add):
    """Passwords, keys and passphrases are named by their place alone."""
    add(password="hunter2", extra=json.dumps({"pwd": HUNTER, "private_key": "hunter2", "key_file": "/hunter2"}))
    told = str(check_security(airflow_session))
    assert "'pwd'" in told
    assert "hunter2" not in told
    assert "PRIVATE KEY" not in told


def test_the_command_prints_what_it_found_and_ends_with_1(airflow_session, add, capsys):
    """As text, and as JSON for scripts."""
    add(extra=json.dumps({"pwd": HUNTER}))
    airflow_session.commit()
    assert main([]) == 1
    assert "high    Connection sftp_acme, extra 'pwd': " in capsys.readouterr().out
    assert main(["--json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert {"severity", "where", "what", "advice"} == set(rows[0])
    assert rows[0]["severity"] == "high"
