"""Slow lines, lines that change bytes, addresses that lead nowhere: delivered, or told as what they are?"""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from event_delivery.errors import DeliveryError
from event_delivery.upload import UploadRun, deliver_file
from tests.faults.night import CONTENT, LIMITS, Night
from tests.faults.proxy import Hitch
from tests.sftp_logins import PASSWORD, confirmed_uri

pytestmark = pytest.mark.slow
HOST = "two-addresses.example"


def test_a_slow_line_is_alive_while_bytes_are_acknowledged(faulty_server, proxy):
    """The answer to a keepalive waits behind the file: only the bytes tell that the server lives."""
    proxy.set(Hitch("throttle", 4000, "up", seconds=0.015))
    night = Night(faulty_server)
    attempt = night.attempt(replace(LIMITS, keepalive=0.2))
    assert attempt.error is None
    assert attempt.seconds > 4 * 0.2 * 2, "not slow enough to prove anything"
    assert faulty_server.files() == {night.name: CONTENT}


def test_a_line_on_which_no_byte_is_acknowledged_is_given_up(faulty_server, proxy):
    """Long before the attempt's own limit."""
    proxy.set(Hitch("freeze", 300_000))
    attempt = Night(faulty_server).attempt(replace(LIMITS, stall=0.3))
    assert "no byte was acknowledged for 0 s" in str(attempt.error)
    assert attempt.seconds < 5


def test_a_frozen_answer_to_a_rename_is_noticed_by_keepalives(faulty_server, proxy):
    """When no bytes are on their way, silence means what it says."""
    night = Night(faulty_server)
    faulty_server.script.set()
    proxy.set(Hitch("freeze", len(CONTENT) + 12_000))
    attempt = night.attempt(replace(LIMITS, keepalive=0.2, stall=20.0))
    if attempt.error:
        assert attempt.seconds < 10
    proxy.set()
    night.retry()


@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize("byte", [*range(0, 60, 7), *range(60, 2400, 130), 3000, 5000])
def test_a_flipped_bit_is_told_as_such_and_the_retry_delivers(faulty_server, proxy, way, byte):
    """Somebody on the way changes bytes, or tries to: no foreign exception, a sentence with advice."""
    proxy.set(Hitch("flip", byte, way))
    night = Night(faulty_server)
    attempt = night.attempt(replace(LIMITS, connect=2.0, keepalive=0.3, stall=1.0))
    if attempt.error:
        assert isinstance(attempt.error, DeliveryError)
        assert "Unexpected" not in str(attempt.error)
    proxy.set()
    night.retry()
    assert faulty_server.files() == {night.name: CONTENT}


@pytest.fixture
def black_hole(faulty_server) -> Iterator[str]:
    """An address beside the server's whose queue is full: the system drops further connections without a word."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.2", faulty_server.port))
        listener.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield "127.0.0.2"


def test_an_address_that_leads_nowhere_does_not_hide_the_one_that_answers(faulty_server, black_hole, monkeypatch):
    """The host's name has two; the healthy second one is tried a moment after the first."""
    resolve = socket.getaddrinfo

    def two_addresses(host: str, port: int, **options: int) -> list[tuple]:
        found = resolve("127.0.0.1", port, **options)
        dead = [(*entry[:4], (black_hole, port)) for entry in found]
        return [*dead, *found] if host == HOST else resolve(host, port, **options)

    monkeypatch.setattr(socket, "getaddrinfo", two_addresses)
    uri = confirmed_uri(faulty_server, "acme", PASSWORD).replace("127.0.0.1", HOST)
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_FAULTS", uri)
    night = Night(faulty_server)
    run, log = UploadRun("dag", "run"), logging.getLogger("task")
    deliver_file(night.delivery, run, log, replace(LIMITS, connect=3.0))
    assert faulty_server.files() == {night.name: CONTENT}
