"""Is nothing offered to a server whose key nobody knows, and what makes a key known?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from event_delivery.delivery import Delivery, delivery_of_test_file
from event_delivery.errors import PermanentError, RetryableError
from event_delivery.ledger import LedgerReading, open_ledger
from event_delivery.ledger.servers import KeyOwner, forget_host_key, read_host_key, trust_host_key
from event_delivery.sftp.host_key import fingerprint
from event_delivery.staging import stage_file, write_manifest
from event_delivery.upload import DeliveredFile, UploadRun, deliver_file
from local_servers.sftp_server import SftpServer, SftpUser
from tests.ledger_contents import connect_ledger
from tests.sftp_logins import PASSWORD, sftp_uri


@pytest.fixture
def server(events_db: Any, staging_area: Path, tmp_path: Path, monkeypatch: Any) -> Iterator[SftpServer]:
    """A real server whose key nobody has confirmed, known to Airflow as `sftp_acme`."""
    with SftpServer(tmp_path / "sftp", [SftpUser("acme", PASSWORD, "acme")]) as running:
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, running.port))
        yield running


@pytest.fixture
def nightly(delivery: Delivery) -> Delivery:
    return delivery


@pytest.fixture
def sample(acme: Any) -> Delivery:
    """A test file of Acme's."""
    return delivery_of_test_file(acme, "courseCompletion", datetime(2026, 3, 10, 6, tzinfo=UTC))


def deliver(delivery: Delivery, log: Any, **fields: Any) -> DeliveredFile:
    """Stage a file and try once to deliver it; `fields` are those of the destination's YAML."""
    made = replace(delivery, destination=delivery.destination.model_copy(update=fields))
    with stage_file(made, made.file_name) as file:
        file.write(b"[]\n")
    write_manifest(made, made.file_name, file.manifest(rows=0))
    return deliver_file(made, UploadRun("dag", "run", test_file_dag="sftp_test_file__acme"), log)


def known_keys(port: int) -> dict[str, str]:
    """Return what the ledger says of each key that a server has shown, by fingerprint."""
    query = "select public_key, state from event_delivery.host_key where port = %s"
    with connect_ledger() as ledger:
        return {fingerprint(key): state for key, state in ledger.execute(query, [port])}


def change_key(server: SftpServer) -> str:
    """Let the server show another key from now on; returns its fingerprint."""
    server.stop()
    (server.folder / "host_key").unlink()
    server.start()
    return fingerprint(server.host_key())


def test_a_night_is_not_sent_to_a_server_that_nobody_knows(server, nightly, log):
    """Nothing is offered; the key is on record, and the message says how it becomes known."""
    shown = fingerprint(server.host_key())
    with pytest.raises(RetryableError, match="No password was sent") as caught:
        deliver(nightly, log)
    assert f"python -m event_delivery.host_keys confirm sftp_acme {shown}" in str(caught.value)
    assert "airflow dags trigger sftp_test_file__acme" in str(caught.value)
    assert server.logins == []
    assert known_keys(server.port) == {shown: "shown only"}


def test_a_test_file_meets_the_server_and_the_night_goes_there(server, nightly, sample, log):
    """The completed login makes the key known, unconfirmed; the night then needs no word of anybody."""
    deliver(sample, log)
    assert known_keys(server.port) == {fingerprint(server.host_key()): "first contact, unconfirmed"}
    deliver(nightly, log)
    names = {path.name for path in server.user_folder("acme").iterdir()}
    assert names == {sample.file_name, nightly.file_name}


def test_a_key_whose_login_was_refused_is_on_record_and_neither_trusted_nor_in_the_way(
    server, nightly, sample, log, monkeypatch
):
    """A stranger who was offered the password is named; the right server is met although another key was shown."""
    stranger = fingerprint(server.host_key())
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", "not this", server.port))
    with pytest.raises(PermanentError, match="refuses the login"):
        deliver(sample, log)
    assert known_keys(server.port) == {stranger: "shown only"}
    with pytest.raises(RetryableError, match="No password was sent"):
        deliver(nightly, log)
    assert len(server.logins) == 1
    right = change_key(server)
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, server.port))
    deliver(sample, log)
    assert known_keys(server.port) == {stranger: "shown only", right: "first contact, unconfirmed"}


def test_the_key_is_on_record_before_anything_is_offered(server, sample, log, monkeypatch):
    """When the password arrives, the ledger already names the key that it went to."""
    seen = []

    class Watched(list):
        def append(self, login: Any) -> None:
            seen.append((login.password, known_keys(server.port)))
            super().append(login)

    server.logins = Watched()
    deliver(sample, log)
    assert seen == [(PASSWORD, {fingerprint(server.host_key()): "shown only"})]


def test_what_cannot_be_recorded_is_not_offered(server, sample, log):
    """With a ledger that refuses the record, a stranger gets no password."""
    with open_ledger():
        pass
    with connect_ledger() as ledger:
        ledger.execute("alter table event_delivery.host_key add constraint full_up check (port < 0)")
    with pytest.raises((PermanentError, RetryableError)):
        deliver(sample, log)
    assert server.logins == []


@pytest.mark.parametrize("kind", ["nightly", "sample"])
@pytest.mark.parametrize(
    ("policy", "error", "cure"),
    [
        ("pinned", PermanentError, "put host_key into the destination's YAML or the Connection's extra"),
        (
            "confirm",
            RetryableError,
            "confirm it on the Deliveries page, or run: python -m event_delivery.host_keys",
        ),
    ],
)
def test_a_strict_policy_meets_nobody(request, server, log, kind, policy, error, cure):
    """Not even a test file logs in to an unknown key; with the key in the Connection it does."""
    delivery = request.getfixturevalue(kind)
    with pytest.raises(error, match="No password was sent") as caught:
        deliver(delivery, log, host_key_policy=policy)
    assert cure in str(caught.value)
    assert server.logins == []
    deliver(delivery, log, host_key_policy=policy, host_key=(fingerprint(server.host_key()),))


@pytest.mark.parametrize(("policy", "delivers"), [("first_contact", True), ("confirm", False), ("pinned", False)])
def test_a_stricter_policy_trusts_no_earlier_first_contact(server, nightly, sample, log, policy, delivers):
    """What only a login made known counts under `first_contact` alone."""
    deliver(sample, log)
    if delivers:
        deliver(nightly, log, host_key_policy=policy)
    else:
        with pytest.raises((PermanentError, RetryableError), match="nobody has confirmed"):
            deliver(nightly, log, host_key_policy=policy)
    assert len(server.logins) == 1 + delivers


def test_a_confirmed_key_is_shown_as_such_and_counts_when_the_pin_is_gone(server, nightly, log, monkeypatch):
    """`confirmed` in the ledger, also under the policy `confirm`."""
    known = sftp_uri("acme", PASSWORD, server.port, host_key=server.host_key())
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", known)
    deliver(nightly, log)
    assert known_keys(server.port) == {fingerprint(server.host_key()): "confirmed"}
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, server.port))
    deliver(nightly, log, host_key_policy="confirm")


def test_under_pinned_only_a_pin_counts(server, nightly, log, monkeypatch):
    """Not even a key that a person had confirmed, once it is in the Connection no more."""
    known = sftp_uri("acme", PASSWORD, server.port, host_key=server.host_key())
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", known)
    deliver(nightly, log, host_key_policy="pinned")
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, server.port))
    with pytest.raises(PermanentError, match="host_key_policy is pinned"):
        deliver(nightly, log, host_key_policy="pinned")
    assert len(server.logins) == 1


def test_a_changed_key_is_on_record_and_gets_nothing(server, nightly, sample, log, monkeypatch):
    """Neither from the night nor from a test file; confirmed, it takes the older one's place."""
    deliver(sample, log)
    old, new = fingerprint(server.host_key()), change_key(server)
    for delivery in (nightly, sample):
        with pytest.raises(PermanentError, match="another host key .* No password was sent") as caught:
            deliver(delivery, log)
        assert f"python -m event_delivery.host_keys confirm sftp_acme {new}." in str(caught.value)
    assert len(server.logins) == 1
    assert known_keys(server.port) == {old: "first contact, unconfirmed", new: "shown only"}
    monkeypatch.setenv(
        "AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, server.port, host_key=server.host_key())
    )
    deliver(nightly, log)
    assert known_keys(server.port) == {old: "shown only", new: "confirmed"}
    with open_ledger() as ledger:
        assert fingerprint(read_host_key(ledger, KeyOwner("sftp_acme", "127.0.0.1", server.port))) == new


def test_one_connection_s_pin_makes_no_key_trusted_for_another(server, nightly, sample, log, monkeypatch, acme):
    """Who may edit one Connection, and answers in the server's place, is sent no neighbour's password."""
    deliver(sample, log)
    known, impostor = fingerprint(server.host_key()), change_key(server)
    pinned = sftp_uri("acme", PASSWORD, server.port, host_key=server.host_key())
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_NEIGHBOUR", pinned)
    neighbour = acme.model_copy(update={"id": "neighbour", "connection": "sftp_neighbour"})
    deliver(replace(sample, destination=neighbour), log)
    offered = len(server.logins)
    with pytest.raises(PermanentError, match="another host key .* No password was sent"):
        deliver(nightly, log)
    with pytest.raises(RetryableError, match="nobody has confirmed"):
        deliver(nightly, log, host_key_policy="confirm")
    assert len(server.logins) == offered
    with open_ledger() as ledger:
        assert fingerprint(read_host_key(ledger, KeyOwner("sftp_acme", "127.0.0.1", server.port))) == known
        assert fingerprint(read_host_key(ledger, KeyOwner("sftp_neighbour", "127.0.0.1", server.port))) == impostor


def test_a_key_that_an_earlier_release_remembered_counts_until_the_connection_knows_its_own(
    server, nightly, log, monkeypatch
):
    """It stands under no Connection; a login with a pinned key comes before it."""
    with open_ledger():
        pass
    insert = "insert into event_delivery.host_key (host, port, public_key) values ('127.0.0.1', %s, %s)"
    with connect_ledger() as ledger:
        ledger.execute(insert, [server.port, server.host_key()])
    deliver(nightly, log)
    change_key(server)
    known = sftp_uri("acme", PASSWORD, server.port, host_key=server.host_key())
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", known)
    deliver(nightly, log)
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, server.port))
    deliver(nightly, log)
    with open_ledger() as ledger:
        states = [key.state for key in LedgerReading(ledger).read_host_keys(owner(server))]
    assert states == ["confirmed", "shown only"]


def test_a_forgotten_key_is_trusted_no_more(server, nightly, sample, log):
    """Also where a login was completed with it."""
    deliver(sample, log)
    with open_ledger() as ledger:
        forget_host_key(ledger, owner(server), read_host_key(ledger, owner(server)))
    with pytest.raises(RetryableError, match="nobody has confirmed"):
        deliver(nightly, log)


def test_logins_to_a_server_of_two_keys_do_not_get_in_each_other_s_way(server):
    """Several uploads at once, each shown another of the keys that are pinned."""
    with open_ledger():
        pass
    keys = [asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip() for _ in range(2)]

    def log_in(key: str) -> None:
        with connect_ledger() as ledger:
            for _ in range(60):
                trust_host_key(ledger, owner(server), key, confirmed=True)

    with ThreadPoolExecutor(4) as threads:
        for login in [threads.submit(log_in, key) for key in keys * 2]:
            login.result()
    assert sorted(known_keys(server.port).values()) == ["confirmed", "shown only"]


def owner(server: SftpServer) -> KeyOwner:
    return KeyOwner("sftp_acme", "127.0.0.1", server.port)


def test_a_server_that_shows_a_new_key_each_time_fills_no_table(server, nightly, log):
    """The latest ten are kept."""
    with open_ledger():
        pass
    with connect_ledger() as ledger:
        for _ in range(30):
            key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
            ledger.execute(
                "insert into event_delivery.host_key (host, port, public_key, state, last_seen_at)"
                " values ('127.0.0.1', %s, %s, 'shown only', now() - interval '1 day')",
                [server.port, key],
            )
    with pytest.raises(RetryableError):
        deliver(nightly, log)
    assert len(known_keys(server.port)) == 10
    assert fingerprint(server.host_key()) in known_keys(server.port)


@pytest.mark.parametrize("policy", ["first_contact", "confirm", "pinned"])
def test_a_jump_host_is_held_to_the_same_policy(server, nightly, sample, log, monkeypatch, tmp_path, policy):
    """No password for an unknown jump host in the night, and none of the client's for anybody but the client."""
    jumpers = [SftpUser("jumper", "j/p", "jumper")]
    known = sftp_uri("acme", PASSWORD, server.port, host_key=server.host_key())
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", known)
    with SftpServer(tmp_path / "jump", jumpers, allows_forwarding=True) as jump:
        monkeypatch.setenv("AIRFLOW_CONN_JUMP", sftp_uri("jumper", "j/p", jump.port))
        monkeypatch.setenv("EVENT_DELIVERY_JUMP_CONNECTION", "jump")
        with pytest.raises((PermanentError, RetryableError), match="No password was sent"):
            deliver(nightly, log, host_key_policy=policy)
        assert (jump.logins, server.logins) == ([], [])
        if policy == "first_contact":
            deliver(sample, log, host_key_policy=policy)
            assert [login.password for login in jump.logins] == ["j/p"]
            assert [login.password for login in server.logins] == [PASSWORD]
            deliver(nightly, log, host_key_policy=policy)


def test_a_client_that_changes_over_costs_no_night(server, nightly, log, monkeypatch):
    """The Connection holds two passwords: one is offered an attempt, and the one that worked is remembered."""
    offer_two(monkeypatch, server, "old one", PASSWORD)
    with pytest.raises(RetryableError, match=r"offered: the current password.* next credentials"):
        deliver(nightly, log, give_up_early=True)
    deliver(nightly, log)
    deliver(nightly, log)
    assert [login.password for login in server.logins] == ["old one", PASSWORD, PASSWORD]


def test_the_current_credentials_are_offered_until_they_are_refused(server, nightly, log, monkeypatch):
    """Before the client changes over nothing new is offered; both wrong ones take turns, one an attempt."""
    offer_two(monkeypatch, server, PASSWORD, "s3cond")
    deliver(nightly, log)
    deliver(nightly, log)
    offer_two(monkeypatch, server, "wrong", "s3cond")
    for _ in range(4):
        with pytest.raises(RetryableError, match="refuses the login") as caught:
            deliver(nightly, log)
        assert "s3cond" not in str(caught.value)
    offered = [login.password for login in server.logins]
    assert offered == [PASSWORD, PASSWORD, "wrong", "s3cond", "wrong", "s3cond"]


def test_a_next_key_stands_in_for_the_key_beside_it(server, nightly, log, monkeypatch):
    """A wrong key beside the right password: what is not given a successor stays as it is."""
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    extra = {"next_private_key": key, "private_key": key, "host_key": server.host_key()}
    fields = {"conn_type": "sftp", "host": "127.0.0.1", "port": server.port, "login": "acme", "password": PASSWORD}
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", json.dumps(fields | {"extra": extra}))
    deliver(nightly, log)
    assert [login.accepted for login in server.logins] == [True]


def test_a_next_key_that_cannot_be_read_is_not_offered(server, nightly, log, monkeypatch, caplog):
    """A typing error in what is kept ready costs no night, whatever was refused before; the log names it."""
    offer_two(monkeypatch, server, "wrong", PASSWORD, next_private_key="no key at all")
    with pytest.raises(RetryableError, match="offered: the current password"):
        deliver(nightly, log)
    offer_two(monkeypatch, server, PASSWORD, "s3cond", next_private_key="no key at all")
    deliver(nightly, log)
    assert [login.password for login in server.logins] == ["wrong", PASSWORD]
    assert "its next credentials: The private_key in the Connection's extra cannot be read" in caplog.text


def test_the_next_change_begins_with_the_current_credentials_again(server, nightly, log, monkeypatch):
    """What worked in the last one is forgotten when the Connection holds one set again."""
    offer_two(monkeypatch, server, "old one", PASSWORD)
    with pytest.raises(RetryableError, match="refuses the login"):
        deliver(nightly, log)
    deliver(nightly, log)
    known = sftp_uri("acme", PASSWORD, server.port, host_key=server.host_key())
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", known)
    deliver(nightly, log)
    offer_two(monkeypatch, server, PASSWORD, "not valid yet")
    deliver(nightly, log)
    assert [login.password for login in server.logins] == ["old one", PASSWORD, PASSWORD, PASSWORD]


def offer_two(monkeypatch: Any, server: SftpServer, current: str, following: str, **extra: str) -> None:
    """Let the Connection hold two passwords."""
    fields = {"conn_type": "sftp", "host": "127.0.0.1", "port": server.port, "login": "acme", "password": current}
    extra |= {"next_password": following, "host_key": server.host_key()}
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", json.dumps(fields | {"extra": extra}))
