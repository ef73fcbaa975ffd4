"""Can the fault suite be believed: do its server, proxy and watcher do what the tests ask?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.faults.behaviour import OLD_ALGORITHMS, Behaviour
from tests.faults.fault import FOR_EVER, Fault
from tests.faults.proxy import Hitch, Proxy
from tests.faults.server import FaultyServer
from tests.faults.watcher import Watcher
from tests.sftp_logins import PASSWORD

pytestmark = pytest.mark.slow
CONTENT = bytes(range(256)) * 2560  # 20 writes
BLOCK = 32_768
CONNECTION_STEPS = (
    "accept", "kexinit", "key exchange", "new keys", "service", "login refusal", "login", "channel", "subsystem",
    "sftp version",
)  # fmt: skip
OPERATIONS = ("stat", "open", "write", "fsync", "close", "posix_rename")


@pytest.fixture(scope="module")
def running_server(tmp_path_factory) -> Iterator[FaultyServer]:
    with FaultyServer(tmp_path_factory.mktemp("faulty")) as running:
        yield running


@pytest.fixture
def server(running_server) -> FaultyServer:
    running_server.reset()
    return running_server


async def put(port: int, password: str = PASSWORD, **options) -> int:
    """Send a file as a plain client would."""
    login = {"username": "acme", "password": password, "known_hosts": None, "config": None, "client_keys": None}
    connection = await asyncssh.connect("127.0.0.1", port, **login | options)
    try:
        sftp = await connection.start_sftp_client()
        await sftp.stat(".")
        file = await sftp.open(".part", "wb", block_size=0)
        for offset in range(0, len(CONTENT), BLOCK):
            await file.write(CONTENT[offset : offset + BLOCK], offset)
        await file.fsync()
        await file.close()
        await sftp.posix_rename(".part", "final")
        return (await sftp.stat("final")).size
    finally:
        connection.abort()


def send(port: int, seconds: float = 5, **options) -> int:
    return asyncio.run(asyncio.wait_for(put(port, **options), seconds))


async def put_until_struck(server: FaultyServer) -> None:
    """Send a file, and give up a moment after a fault has struck: TimeoutError where no answer came."""
    sending = asyncio.ensure_future(put(server.port))
    while not (server.script.struck or sending.done()):
        await asyncio.sleep(0.005)
    await asyncio.wait_for(sending, 0.1)


def test_a_friendly_server_takes_a_file_and_records_everything(server):
    """Without a fault the file arrives, and login and operations are remembered in order."""
    assert send(server.port) == len(CONTENT)
    assert server.files() == {"final": CONTENT}
    assert [login.password for _, login in server.logins] == [PASSWORD]
    names = [operation.name for operation in server.operations]
    assert names == ["stat", "open", *["write"] * 20, "fsync", "close", "posix_rename", "stat"]
    assert {operation.result for operation in server.operations} == {"done"}


@pytest.mark.parametrize("what", ["reset", "end", "hang"])
@pytest.mark.parametrize("step", CONNECTION_STEPS)
def test_a_connection_fails_at_the_step_asked_for(server, step, what):
    """Nothing after the step takes place, and the connection after it is good."""
    server.script.set(Fault(step, "silent" if (step, what) == ("accept", "hang") else what))
    with pytest.raises((OSError, asyncssh.Error, TimeoutError)):
        send(server.port, seconds=0.2)
    assert len(server.script.struck) == 1
    assert server.operations == []
    assert bool(server.logins) == (CONNECTION_STEPS.index(step) > CONNECTION_STEPS.index("login refusal"))
    assert send(server.port) == len(CONTENT)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "what", ["permission denied", "failure", "no space", "reset", "end", "disconnect", "hang"]
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_fails_as_asked_before_or_after_it_takes_place(server, operation, what, after):
    """`after` leaves its trace in the folder, `before` leaves none."""
    server.script.set(Fault(operation, what, after=after))
    with pytest.raises((OSError, asyncssh.Error, TimeoutError)):
        asyncio.run(put_until_struck(server))
    assert len(server.script.struck) == 1
    files = server.files()
    if operation == "open":
        assert (".part" in files) == after
    if operation == "write":
        assert len(files[".part"]) == (BLOCK if after else 0)
    if operation == "posix_rename":
        assert ("final" in files) == after


@pytest.mark.parametrize("percent", range(0, 100, 5))
def test_a_cut_at_a_percentage_leaves_exactly_the_bytes_before_it(server, percent):
    """`byte` names the write that fails."""
    byte = len(CONTENT) * percent // 100
    server.script.set(Fault("write", "reset", byte=byte))
    with pytest.raises((OSError, asyncssh.Error)):
        send(server.port)
    assert server.files() == {".part": CONTENT[: byte - byte % BLOCK]}


def test_a_late_operation_takes_place_when_the_client_has_gone(server):
    """A stuck server may wake up and still do what it was asked for."""
    server.script.set(Fault("posix_rename", "late", seconds=0.2))
    with pytest.raises(TimeoutError):
        send(server.port, seconds=0.3)
    assert "final" not in server.files()
    deadline = time.monotonic() + 5
    while "final" not in server.files() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.files() == {"final": CONTENT}


@pytest.mark.parametrize(
    "what, size", [("size zero", 0), ("size short", -1), ("size long", 1), ("size hidden", 0)]
)
def test_a_size_is_told_wrongly(server, what, size):
    """The file is right, its size in the answer is not."""
    server.script.set(Fault("stat", what, path="final"))
    wanted = None if what == "size hidden" else (size + len(CONTENT) if size else 0)
    assert send(server.port) == wanted


def test_a_fault_strikes_as_often_as_asked(server):
    """The third write fails, twice; then the server is good for ever."""
    server.script.set(Fault("write", "failure", nth=3, times=2))
    with pytest.raises(asyncssh.SFTPFailure):
        send(server.port)
    with pytest.raises(asyncssh.SFTPFailure):
        send(server.port)
    assert send(server.port) == len(CONTENT)


@pytest.mark.parametrize(
    "behaviour, error, results",
    [
        (Behaviour(posix_rename=False), asyncssh.SFTPOpUnsupported, []),
        (Behaviour(may_rename=False), asyncssh.SFTPPermissionDenied, ["posix_rename permission denied"]),
        (Behaviour(readable=False), asyncssh.SFTPPermissionDenied, ["stat permission denied"]),
        (Behaviour(refused_names=".* *.tmp"), asyncssh.SFTPPermissionDenied, ["open permission denied"]),
        (Behaviour(disk_bytes=5 * BLOCK), asyncssh.SFTPFailure, ["write no space"]),
        (Behaviour(quota_at_close=True), asyncssh.SFTPFailure, ["close quota"]),
        (Behaviour(locked_seconds=1), asyncssh.SFTPFailure, ["posix_rename failure"]),
        (Behaviour(max_write=16384), asyncssh.SFTPBadMessage, ["write bad message"]),
        (Behaviour(robot="final"), asyncssh.SFTPNoSuchFile, ["stat FileNotFoundError"]),
        (Behaviour(robot="*.part"), asyncssh.SFTPNoSuchFile, ["posix_rename FileNotFoundError"]),
    ],
)
def test_a_server_of_another_kind_behaves_so(server, behaviour, error, results):
    """Each kind refuses what it is known for, and nothing before it."""
    server.reset(behaviour)
    with pytest.raises(error):
        send(server.port)
    found = [
        f"{operation.name} {operation.result}" for operation in server.operations if operation.result != "done"
    ]
    assert found == results


def test_a_robot_takes_one_whole_copy(server):
    """The copies can be counted and compared."""
    server.reset(Behaviour(robot="final"))
    with pytest.raises(asyncssh.SFTPNoSuchFile):
        send(server.port)
    assert server.copies() == [CONTENT]
    assert server.files() == {}


def test_names_that_differ_in_case_are_one_file(server):
    """Windows opens the file that is there, under the name that it has."""
    server.reset(Behaviour(ignores_case=True))
    (server.folder / "FINAL").write_bytes(b"old")
    send(server.port)
    assert server.files() == {"FINAL": CONTENT}


@pytest.mark.parametrize(
    "behaviour, options",
    [
        (Behaviour(methods=("keyboard-interactive",)), {}),
        (Behaviour(methods=("publickey", "password")), {}),
        (Behaviour(old_algorithms=True), {"server_host_key_algs": ["ssh-rsa"], **OLD_ALGORITHMS}),
    ],
)
def test_logins_of_other_kinds_work(server, behaviour, options):
    """Keyboard-interactive, key and password together, and old algorithms let the right client in."""
    if "publickey" in behaviour.methods:
        key = asyncssh.generate_private_key("ssh-ed25519")
        behaviour, options = Behaviour(methods=behaviour.methods, public_key=key), {"client_keys": [key]}
    server.reset(behaviour)
    assert send(server.port, **options) == len(CONTENT)
    assert [login.accepted for _, login in server.logins] == [True]


@pytest.mark.parametrize("behaviour", [Behaviour(password="new"), Behaviour(password_expired=True)])
def test_a_changed_or_expired_password_is_refused(server, behaviour):
    """The login fails, and the offered password is on record."""
    server.reset(behaviour)
    with pytest.raises(asyncssh.PermissionDenied):
        send(server.port)
    assert [login.accepted for _, login in server.logins] == [False]


def test_a_host_key_changes(server):
    """The next connection sees another key."""
    shown = [asyncio.run(asyncssh.get_server_host_key("127.0.0.1", server.port)).public_data]
    server.change_host_key()
    shown.append(asyncio.run(asyncssh.get_server_host_key("127.0.0.1", server.port)).public_data)
    assert shown[0] != shown[1]


@pytest.fixture
def proxy(server) -> Iterator[Proxy]:
    with Proxy(server.port) as running:
        yield running


def test_a_proxy_without_a_hitch_counts_the_bytes(server, proxy):
    """All the content and a little more goes up, less comes down."""
    assert send(proxy.port) == len(CONTENT)
    assert proxy.bytes["up"] > len(CONTENT)
    assert 0 < proxy.bytes["down"] < len(CONTENT)


@pytest.mark.parametrize("what", ["reset", "end", "freeze", "stall", "trickle"])
@pytest.mark.parametrize("direction, byte", [("up", 0), ("up", 300_000), ("down", 10), ("down", 3000)])
def test_a_hitch_strikes_after_exactly_so_many_bytes(server, proxy, what, direction, byte):
    """No byte more passes, and the next connection is good."""
    proxy.set(Hitch(what, byte, direction, seconds=10))
    with pytest.raises((OSError, asyncssh.Error, TimeoutError)):
        send(proxy.port, seconds=0.25)
    assert proxy.bytes[direction] == byte
    assert send(proxy.port) == len(CONTENT)


def test_a_trickle_lets_a_byte_pass_every_so_often(server, proxy):
    """The line crawls, and never stands still."""
    proxy.set(Hitch("trickle", 100, "up", seconds=0.02))
    with pytest.raises(TimeoutError):
        send(proxy.port, seconds=0.5)
    assert 110 < proxy.bytes["up"] < 130


def test_a_proxy_refuses_or_says_nothing(server, proxy):
    """A closed port, and one that accepts and is silent, under the same number as before."""
    port = proxy.port
    proxy.set(refuse=True)
    with pytest.raises(ConnectionRefusedError):
        send(port)
    proxy.set(silent=True)
    with pytest.raises(TimeoutError):
        send(port, seconds=0.2)
    proxy.set()
    assert send(port) == len(CONTENT)


def test_the_watcher_sees_a_partial_file_and_no_whole_one(tmp_path: Path):
    """What is neither absent nor expected is kept."""
    final = tmp_path / "final"
    with Watcher(tmp_path, "final", b"whole") as watcher:
        (tmp_path / ".part").write_bytes(b"who")
        time.sleep(0.02)
        (tmp_path / ".part").write_bytes(b"whole")
        (tmp_path / ".part").rename(final)
        time.sleep(0.02)
        assert watcher.wrong == []
        final.write_bytes(b"who")
        time.sleep(0.02)
        final.write_bytes(b"whole")
    assert b"who" in watcher.wrong
    assert b"whole" not in watcher.wrong
    assert watcher.temporary == {".part"}


def test_a_server_that_is_always_busy_says_so(server):
    """A fault can last for ever, and a server can end a connection with a line of text."""
    server.script.set(Fault("accept", "busy", times=FOR_EVER), Fault("accept", "http"))
    for _ in range(3):
        with pytest.raises((OSError, asyncssh.Error)):
            send(server.port)
    assert server.logins == []
