"""Is nothing that a Connection says taken for more than it may be?"""

from __future__ import annotations

import json

import pytest
from airflow.sdk import Connection

from event_delivery.destinations import Destination
from event_delivery.errors import PermanentError
from event_delivery.sftp.route import Route
from event_delivery.sftp.server import describe_jump_host, describe_server
from tests.sample_events import COMPANY

FIELDS = {"conn_type": "sftp", "host": "files.example", "port": 22, "login": "acme", "password": "hunter2"}
ACME = Destination(id="acme", client="Acme", company_id=COMPANY)


def connection_of(monkeypatch: pytest.MonkeyPatch, **fields: object) -> Connection:
    """Return a Connection as a task gets it."""
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACME", json.dumps(FIELDS | fields))
    return Connection.get("sftp_acme")


@pytest.mark.parametrize("describe", [lambda found: describe_server(found, ACME), describe_jump_host])
@pytest.mark.parametrize("kind", ["postgres", "http", "aws", "generic"])
def test_a_login_to_anything_else_is_offered_to_no_server(monkeypatch, kind, describe):
    """A database's Connection has host, user and password too."""
    with pytest.raises(PermanentError) as caught:
        describe(connection_of(monkeypatch, conn_type=kind))
    assert f"found the type {kind!r}, wanted sftp or ssh" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("kind", ["sftp", "ssh"])
def test_both_types_of_a_server_are_taken(monkeypatch, kind):
    """Airflow has two."""
    assert describe_server(connection_of(monkeypatch, conn_type=kind), ACME).host == "files.example"


HOSTS = [
    "-e/bin/sh",
    "-oProxyCommand=touch /tmp/x",
    "-v",
    "--help",
    "a b",
    "a;b",
    "$(id)",
    "a\x1b[31m",
    "a\nb",
    "a\u202eb",
    "%h",
]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("describe", [lambda found: describe_server(found, ACME), describe_jump_host])
def test_a_host_is_a_host(monkeypatch, host, describe):
    """No option to a command, no character that drives a terminal; the value is not shown."""
    with pytest.raises(PermanentError, match="its host is no host name") as caught:
        describe(connection_of(monkeypatch, host=host))
    assert host not in str(caught.value)


@pytest.mark.parametrize("host", HOSTS)
def test_a_proxy_command_gets_hosts_only(host):
    """Whoever hands one over: `%h` stands where an option would."""
    with pytest.raises(PermanentError, match="no host but host names and addresses"):
        Route(proxy_command="connect -x proxy %h %p").proxy_arguments(host, 22)


@pytest.mark.parametrize("host", ["files.example", "10.0.0.1", "2001:db8::1", "fe80::1%eth0", "bücher.example"])
def test_a_proxy_command_gets_host_and_port(host):
    """Each once, whatever stands in the host."""
    assert Route(proxy_command="nc %h:%p -x").proxy_arguments(host, 22) == ["nc", f"{host}:22", "-x"]
    assert Route(proxy_command="nc %h").proxy_arguments("a%p", 22) == ["nc", "a%p"]


@pytest.mark.parametrize(
    "schema", ["in/../../out", "../x", "in\\out", "in\x1b[31m", "in\nout", "in\u202etuo", "in\x00", "x" * 1_001]
)
def test_the_url_s_path_is_checked_as_the_yaml_s(monkeypatch, schema):
    """It reaches the ledger, the log, the page and a terminal."""
    with pytest.raises(PermanentError, match="the path of its URL .* wanted") as caught:
        describe_server(connection_of(monkeypatch, schema=schema), ACME)
    assert schema not in str(caught.value)
    assert str(caught.value).isprintable()
    at_home = ACME.model_copy(update={"path": "/in"})
    assert describe_server(connection_of(monkeypatch, schema=schema), at_home).folder == "/in"


def test_a_user_that_does_not_show_is_refused(monkeypatch):
    """It stands in logs and messages."""
    with pytest.raises(PermanentError, match="its user holds characters that do not show"):
        describe_server(connection_of(monkeypatch, login="acme\x1b[2J"), ACME)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_is_a_port(monkeypatch, port):
    """The JSON of a Connection may hold any number."""
    with pytest.raises(PermanentError, match=f"found port {port}, wanted 1 to 65535"):
        describe_server(connection_of(monkeypatch, port=port), ACME)
