"""Do no more connections than are allowed lead to one host at once, whoever waits, dies or fails?"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from event_delivery.delivery import Delivery, delivery_of_test_file, nightly_delivery
from event_delivery.errors import RetryableError
from event_delivery.ledger import BoundedLedger, LedgerError, open_ledger
from event_delivery.ledger.host_leases import HostLease, release_host_lease, take_host_lease
from event_delivery.limits import Limits
from event_delivery.sftp import Server
from event_delivery.staging import stage_file, write_manifest
from event_delivery.upload import HostBusyError, UploadRun, attempt, deliver_file
from event_delivery.upload.host_share import name_host, share_host
from event_delivery.verification import verify_destination
from local_servers.free_port import find_free_port
from tests.ledger_contents import read_attempts
from tests.sample_events import DAY
from tests.sftp_logins import PASSWORD, sftp_uri

HASTE = Limits(host_patience=0.2, host_asked=0.05)
RUN = UploadRun("dag", "run")


@pytest.fixture
def ledger(events_db: Any) -> Iterator[psycopg.Connection[Any]]:
    """An empty ledger."""
    with open_ledger() as connection:
        yield connection


@pytest.fixture
def ready(delivery: Delivery, staging_area: Any, ledger: Any, sftp_server: Any) -> Delivery:
    """A delivery whose file is staged, and that allows one connection at once."""
    return stage(with_fields(delivery, connections_per_host=1))


def with_fields(delivery: Delivery, **fields: Any) -> Delivery:
    return replace(delivery, destination=delivery.destination.model_copy(update=fields))


def stage(delivery: Delivery) -> Delivery:
    with stage_file(delivery, delivery.file_name) as file:
        file.write(b"[]\n")
    write_manifest(delivery, delivery.file_name, file.manifest(rows=0))
    return delivery


def occupy(ledger: psycopg.Connection[Any], host: str, seconds: float = 300) -> HostLease:
    """Let another destination be connected to a host."""
    lease = take_host_lease(ledger, "birch/2026-03-09", host, 1, seconds)
    assert lease
    return lease


def hosts(ledger: psycopg.Connection[Any]) -> list[str]:
    return [host for (host,) in ledger.execute("select host from event_delivery.host_lease order by name")]


def test_of_many_at_once_no_more_are_connected_than_may_be(ledger, monkeypatch):
    """Forty that ask at one moment, on connections of their own: four are let in, again and again."""
    inside: set[int] = set()
    most: list[int] = []

    def be_connected(number: int) -> None:
        limits = Limits(host_patience=60, host_asked=0.01)
        server = Server("sftp.example.com", 22, "x", "")
        with BoundedLedger(10, None) as own, share_host(own, server, str(number), 4, limits=limits):
            inside.add(number)
            most.append(len(inside))
            time.sleep(0.02)
            inside.remove(number)

    threads = [threading.Thread(target=be_connected, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 40
    assert max(most) <= 4
    assert hosts(ledger) == []


def test_an_upload_that_has_to_wait_has_tried_nothing_and_is_no_attempt(ready, ledger, sftp_server, log):
    """The server has seen nobody, the ledger knows of no attempt, and the words say what to set."""
    lease = occupy(ledger, f"127.0.0.1:{sftp_server.port}")
    with pytest.raises(HostBusyError, match="1 connections to that host are open.*connections_per_host"):
        deliver_file(ready, RUN, log, HASTE)
    assert read_attempts(ledger, "acme") == []
    assert list(sftp_server.user_folder("acme").iterdir()) == []
    release_host_lease(ledger, lease)
    assert deliver_file(ready, RUN, log, HASTE).file_name == ready.file_name
    assert hosts(ledger) == []


def test_an_upload_waits_a_moment_in_its_slot(ready, ledger, sftp_server, log):
    """Most uploads take a second: to be started again would cost more."""
    lease = occupy(ledger, f"127.0.0.1:{sftp_server.port}", 0.5)
    assert deliver_file(ready, RUN, log, Limits(host_patience=20, host_asked=0.05)).rows == 0
    release_host_lease(ledger, lease)


def test_other_hosts_and_other_ports_are_not_waited_for(ready, ledger, sftp_server, log):
    """What counts is where the Connection leads when the attempt begins."""
    occupy(ledger, f"127.0.0.1:{sftp_server.port + 1}")
    deliver_file(ready, RUN, log, HASTE)


def test_the_lease_of_one_that_died_ends_by_itself(ready, ledger, sftp_server, log):
    """And is swept away by the next that asks."""
    occupy(ledger, f"127.0.0.1:{sftp_server.port}", -1)
    deliver_file(ready, RUN, log, HASTE)
    assert hosts(ledger) == []


def test_a_killed_upload_does_not_wait_for_itself(ready, ledger, sftp_server, log):
    """Its delivery is locked, so whoever asks in its name comes after it, and is not let go of by it."""
    name, host = f"acme/{ready.key}", f"127.0.0.1:{sftp_server.port}"
    dead = take_host_lease(ledger, name, host, 1, 300)
    assert dead
    again = take_host_lease(ledger, name, host, 1, 300)
    release_host_lease(ledger, dead)
    assert again
    assert hosts(ledger) == [host]
    deliver_file(ready, RUN, log, HASTE)
    assert hosts(ledger) == []


def test_a_failed_upload_lets_go_at_once(ready, ledger, sftp_server, log, monkeypatch):
    """In whatever way it ends: the server is not there, the Connection is not."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", sftp_uri("acme", PASSWORD, find_free_port()))
    with pytest.raises(RetryableError, match="Connection refused"):
        deliver_file(ready, RUN, log, HASTE)
    assert hosts(ledger) == []
    monkeypatch.delenv("AIRFLOW_CONN_SFTP_ACME")
    with pytest.raises(Exception, match="sftp_acme"):
        deliver_file(ready, RUN, log, HASTE)
    assert hosts(ledger) == []
    assert len(read_attempts(ledger, "acme")) == 2


def test_an_upload_that_lost_the_ledger_lets_go_by_a_new_connection(ledger):
    """After a failover the host is not counted as busy for minutes."""
    with BoundedLedger(10, None) as own, share_host(own, Server("host", 22, "x", ""), "one", 1):
        assert hosts(ledger) == ["host:22"]
        ledger.execute("select pg_terminate_backend(%s)", [own.ask(lambda line: line.info.backend_pid)])
        with pytest.raises(LedgerError):
            own.ask(lambda line: line.execute("select 1"))
    assert hosts(ledger) == []


def test_one_that_has_waited_long_enough_goes_on_and_is_counted(ready, ledger, sftp_server, log, monkeypatch):
    """A file that does not come is worse than a connection too many; but others wait for that one, too."""
    host = f"127.0.0.1:{sftp_server.port}"
    occupy(ledger, host)
    seen: list[list[str]] = []
    act = attempt.act_until

    def look_and_act(*arguments: Any) -> Any:
        seen.append(hosts(ledger))
        return act(*arguments)

    monkeypatch.setattr(attempt, "act_until", look_and_act)
    deliver_file(ready, replace(RUN, waits_for_host=False), log, HASTE)
    assert seen == [[host, host]]
    assert hosts(ledger) == [host]


def test_test_files_and_other_deliveries_of_its_own_are_counted(ready, acme, ledger, sftp_server, log):
    """A destination that delivers two days at once has two connections, and its test file is a third."""
    host = f"127.0.0.1:{sftp_server.port}"
    occupy(ledger, host)
    one_at_once = ready.destination
    other = stage(nightly_delivery(one_at_once, ready.event, acme.day(DAY).next))
    test_file = stage(delivery_of_test_file(one_at_once, ready.event, ready.due))
    for each in (other, test_file):
        with pytest.raises(HostBusyError):
            deliver_file(each, RUN, log, HASTE)


def test_a_look_at_delivered_files_is_counted_and_put_off(ready, ledger, sftp_server, log, caplog):
    """Nobody is told, nothing is recorded: the next hourly run looks."""
    deliver_file(ready, RUN, log, HASTE)
    destination = ready.destination.model_copy(update={"verify_after": "1h"})
    later = datetime.now(UTC) + timedelta(hours=2)
    lease = occupy(ledger, f"127.0.0.1:{sftp_server.port}")
    assert verify_destination(destination, later, log, HASTE) == []
    assert "looked at in the next run" in caplog.text
    count = "select count(*) from event_delivery.verification"
    assert ledger.execute(count).fetchone() == (0,)
    release_host_lease(ledger, lease)
    assert verify_destination(destination, later, log, HASTE) == []
    assert ledger.execute(count).fetchone() == (1,)
    assert hosts(ledger) == []


@pytest.mark.parametrize(
    "host, name",
    [
        ("SFTP.Example.com.", "sftp.example.com:22"),
        ("[2001:DB8:0::1]", "2001:db8::1:22"),
        ("2001:db8::1", "2001:db8::1:22"),
        ("10.0.0.1", "10.0.0.1:22"),
    ],
)
def test_a_host_has_one_name_however_it_is_spelled(host, name):
    """Nothing is resolved: that would be a question to the network before each upload."""
    assert name_host(Server(host, 22, "x", "")) == name
