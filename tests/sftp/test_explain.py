"""Does every failure say where, why, and who must do what?"""

from __future__ import annotations

import re
import socket

import asyncssh
import pytest

from event_delivery.errors import DeliveryError
from event_delivery.sftp.explain import Place, explain_transfer
from event_delivery.sftp.login import Login
from event_delivery.sftp.refusals import explain_connecting
from event_delivery.sftp.server import Server

SERVER = Server(host="files.example", port=22, user="acme", folder="/in", password="secret")
ADVICE = re.compile(r"ask the client|check |set |correct |clear |next attempt|see docs", re.IGNORECASE)


def kinds_of(error: type[Exception]) -> list[type[Exception]]:
    return [error, *(kind for child in error.__subclasses__() for kind in kinds_of(child))]


def made(kind: type[Exception]) -> Exception:
    if issubclass(kind, asyncssh.DisconnectError) and kind in (asyncssh.DisconnectError,):
        return kind(asyncssh.DISC_BY_APPLICATION, "good-bye")
    if kind in (asyncssh.Error, asyncssh.SFTPError):
        return kind(4, "failure")
    return kind("failure")


STATUSES = [kind for kind in kinds_of(asyncssh.SFTPError) if kind.__module__.startswith("asyncssh")]
LINES = [ConnectionResetError(104, "reset"), BrokenPipeError(32, "pipe"), TimeoutError(), OSError(113, "no route")]
DISCONNECTS = [
    asyncssh.ConnectionLost("lost"),
    asyncssh.DisconnectError(11, "good-bye"),
    asyncssh.ProtocolError("nonsense"),
    asyncssh.KeyExchangeFailed("Key exchange hash mismatch"),
    asyncssh.KeyExchangeFailed("No matching MAC algorithm found, sent a,b and received c"),
    asyncssh.PermissionDenied("denied"),
]
NONSENSE = [ValueError("packet"), KeyError("x"), UnicodeDecodeError("utf-8", b"x", 0, 1, "bad")]


@pytest.mark.parametrize("error", [*map(made, STATUSES), *LINES, *DISCONNECTS, *NONSENSE], ids=repr)
def test_each_failure_on_the_server_names_the_place_and_what_to_do(error):
    """Host, path, activity, cause, advice, in one line."""
    said = explain_transfer(error, Place(SERVER, "/in/acme.json, sending"))
    assert isinstance(said, DeliveryError)
    assert str(said).startswith("files.example:22, /in/acme.json, sending: ")
    assert ADVICE.search(str(said)), str(said)
    assert "\n" not in str(said)


@pytest.mark.parametrize("activity", ["connecting", "exchanging keys", "logging in", "opening SFTP"])
@pytest.mark.parametrize(
    "error", [*LINES, socket.gaierror(-2, "unknown"), *DISCONNECTS, *NONSENSE, *map(made, STATUSES[:3])], ids=repr
)
def test_each_failure_to_connect_names_the_place_and_what_to_do(error, activity):
    """Whatever was being done."""
    login = Login(SERVER, lambda _: True)
    login.activity = activity
    said = explain_connecting(error, Place(SERVER, activity), login, 60)
    assert str(said).startswith(f"files.example:22, {activity}: ")
    assert ADVICE.search(str(said)), str(said)
    assert "secret" not in str(said)


def test_a_key_exchange_that_does_not_add_up_is_not_told_as_old_algorithms():
    """Corruption or tampering: to let old algorithms in would be the wrong cure."""
    login = Login(SERVER, lambda _: True)
    said = str(explain_connecting(DISCONNECTS[3], Place(SERVER, "exchanging keys"), login, 60))
    assert "legacy_algorithms" not in said
    assert "changes bytes" in said


@pytest.mark.parametrize(
    "addresses, told",
    [
        (None, "allows the addresses that this Airflow's workers come from."),
        ("192.0.2.1, 192.0.2.2", "allows our source addresses: 192.0.2.1, 192.0.2.2."),
    ],
)
def test_a_server_that_does_not_answer_must_allow_the_addresses_of_this_instance(monkeypatch, addresses, told):
    """Those that the instance names; where it names none, no address of anybody else."""
    if addresses:
        monkeypatch.setenv("EVENT_DELIVERY_SOURCE_ADDRESSES", addresses)
    else:
        monkeypatch.delenv("EVENT_DELIVERY_SOURCE_ADDRESSES", raising=False)
    login = Login(SERVER, lambda _: True)
    login.activity = "connecting"
    for error in (TimeoutError(), OSError(113, "no route")):
        said = str(explain_connecting(error, Place(SERVER, "connecting"), login, 60))
        assert said.endswith(told)
