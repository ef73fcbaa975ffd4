"""Do we log in with what was configured, once, to the right server, over the right way, and to nobody else?"""

from __future__ import annotations

import asyncio
import logging
import re
import shlex
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from event_delivery.errors import DeliveryError, PermanentError, RetryableError
from event_delivery.sftp.host_key import fingerprint
from event_delivery.sftp.route import Route, find_local_addresses, read_route
from event_delivery.sftp.server import Server
from event_delivery.sftp.session import KnownKeys, Session, open_session
from local_servers.sftp_server import SftpServer, SftpUser
from tests.faults.behaviour import Behaviour
from tests.faults.server import FaultyServer
from tests.sftp_logins import PASSWORD

PASSPHRASE = "old oak tree"
ANY_KEY = KnownKeys(first_contact=True)
KINDS = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"]


@pytest.fixture(scope="module")
def faulty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyServer]:
    """An SFTP server whose ways of logging in a test chooses."""
    with FaultyServer(tmp_path_factory.mktemp("session")) as server:
        yield server


def connect(server: Server, known: KnownKeys = ANY_KEY, **options) -> Session:
    async def enter() -> Session:
        async with open_session(server, known, **options) as session:
            await session.sftp.realpath(".")
            return session

    return asyncio.run(enter())


def server_at(port: int, **fields) -> Server:
    return Server(
        **({"host": "127.0.0.1", "port": port, "user": "acme", "folder": "", "password": PASSWORD} | fields)
    )


@pytest.mark.parametrize("algorithm", ["ssh-rsa", "ecdsa-sha2-nistp256", "ssh-ed25519"])
@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem"])
def test_a_private_key_logs_in(faulty_server, algorithm, passphrase, form):
    """RSA, ECDSA and Ed25519, encrypted or not, in OpenSSH's form and in PEM."""
    key = asyncssh.generate_private_key(algorithm)
    faulty_server.reset(Behaviour(methods=("publickey",), public_key=key.convert_to_public()))
    text = key.export_private_key(form, passphrase=passphrase, rounds=50).decode()  # 128 cost a second
    connect(server_at(faulty_server.port, password=None, private_key=text, passphrase=passphrase))
    assert faulty_server.logins == []


def test_a_key_and_a_password_log_in_together(faulty_server):
    """A server that wants both gets both, each once."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    both = Behaviour(methods=("publickey", "password"), public_key=key.convert_to_public())
    faulty_server.reset(both)
    connect(server_at(faulty_server.port, private_key=key.export_private_key().decode()))
    assert [(login.password, login.accepted) for _, login in faulty_server.logins] == [(PASSWORD, True)]


@pytest.mark.parametrize("password, accepted", [(PASSWORD, True), ("wrong", False)])
def test_a_keyboard_interactive_question_is_answered_once(faulty_server, password, accepted):
    """The password is the answer, and a wrong one is not offered again."""
    faulty_server.reset(Behaviour(methods=("keyboard-interactive",)))
    server = server_at(faulty_server.port, password=password)
    if accepted:
        connect(server)
    else:
        with pytest.raises(PermanentError, match="refuses the login"):
            connect(server)
    assert [login.password for _, login in faulty_server.logins] == [password]


def test_a_wrong_password_is_not_offered_again_by_another_method(faulty_server):
    """A server that takes passwords both ways sees it once, or it would lock the account sooner."""
    faulty_server.reset(Behaviour(methods=("password", "keyboard-interactive")))
    with pytest.raises(PermanentError, match=r"refuses the login of user 'acme' \(offered: password\)"):
        connect(server_at(faulty_server.port, password="wrong"))
    assert [login.password for _, login in faulty_server.logins] == ["wrong"]


def test_nothing_is_offered_that_was_not_configured(faulty_server, tmp_path, monkeypatch):
    """Neither the keys in ~/.ssh nor an agent's: they belong to somebody else."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    faulty_server.reset(Behaviour(methods=("publickey", "password"), public_key=key.convert_to_public()))
    home = tmp_path / ".ssh"
    home.mkdir()
    (home / "id_ed25519").write_bytes(key.export_private_key())
    (home / "config").write_text(f"Host *\nIdentityFile {home}/id_ed25519\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(PermanentError, match="takes no password of user"):
        connect(server_at(faulty_server.port))


def test_an_expired_password_is_named(faulty_server):
    """We never change a client's password; the sentence says that it has expired."""
    faulty_server.reset(Behaviour(password_expired=True))
    with pytest.raises(PermanentError, match="logging in: the password of user 'acme' has expired"):
        connect(server_at(faulty_server.port))
    assert len(faulty_server.logins) == 1


def test_a_server_that_is_busy_or_no_ssh_server_may_be_tried_again(faulty_server):
    """What it says instead of SSH is no reason to give up."""
    from tests.faults.fault import Fault

    for words in ("busy", "http", "reset"):
        faulty_server.reset(Behaviour(), Fault("accept", words))
        place = f"127.0.0.1:{faulty_server.port}, (connecting|exchanging keys): "
        with pytest.raises(RetryableError, match=place):
            connect(server_at(faulty_server.port))


def test_old_algorithms_are_refused_unless_asked_for(faulty_server):
    """ssh-rsa with SHA-1 and group14-sha1 only with `legacy_algorithms: true`, and the message says so."""
    faulty_server.reset(Behaviour(old_algorithms=True))
    said = try_to_connect(server_at(faulty_server.port))  # now and then the reason is lost, the advice never
    assert re.search("exchanging keys: .*legacy_algorithms: true", said), said
    assert faulty_server.logins == []
    connect(server_at(faulty_server.port, legacy_algorithms=True))


@pytest.fixture
def three_keys(tmp_path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """A server with a key of each kind: its port, and its public keys."""
    keys = {
        kind: asyncssh.generate_private_key(kind) for kind in ("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa")
    }
    with _KeyedServer(tmp_path, list(keys.values())) as server:
        yield server.port, {kind: key.export_public_key().decode().strip() for kind, key in keys.items()}


class _KeyedServer(SftpServer):
    def __init__(self, folder: Path, keys: list[asyncssh.SSHKey]) -> None:
        super().__init__(folder, [SftpUser("acme", PASSWORD, "acme")])
        self.keys = keys

    async def listen(self) -> asyncssh.SSHAcceptor:
        acceptor = await super().listen()
        acceptor.update(server_host_keys=self.keys)
        return acceptor


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spelling", [str, fingerprint])
def test_any_of_a_server_s_keys_may_be_pinned(three_keys, kind, spelling):
    """The client may name whichever of its keys, as key or as fingerprint; the server is asked for that kind."""
    port, keys = three_keys
    connect(server_at(port), KnownKeys((spelling(keys[kind]),)))


def test_during_a_rotation_the_old_and_the_new_key_are_pinned(three_keys):
    """One of several is enough."""
    port, keys = three_keys
    gone = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    connect(server_at(port), KnownKeys((gone, keys["ssh-rsa"])))
    connect(server_at(port), KnownKeys((fingerprint(gone), fingerprint(keys["ssh-rsa"]))))


def test_a_wrong_pinned_fingerprint_is_told_with_every_key_of_the_server(three_keys):
    """The operator can compare; no key is accepted and no password sent."""
    port, keys = three_keys
    with pytest.raises(PermanentError, match="another host key") as caught:
        connect(server_at(port, host_keys=("SHA256:" + "A" * 43,)), KnownKeys(("SHA256:" + "A" * 43,)))
    assert all(fingerprint(key) in str(caught.value) for key in keys.values())
    assert "correct host_key" in str(caught.value)


def test_a_pinned_kind_that_the_server_no_longer_has_shows_the_new_key(three_keys):
    """A server that dropped its RSA key shows another, instead of a riddle about algorithms."""
    port, keys = three_keys
    other = asyncssh.generate_private_key("ssh-rsa").export_public_key().decode().strip()
    with pytest.raises(PermanentError, match="another host key") as caught:
        connect(server_at(port, connection_id="sftp_acme"), KnownKeys((other,)))
    shown = fingerprint(keys["ssh-rsa"])
    assert str(caught.value).endswith(f"run: python -m event_delivery.host_keys confirm sftp_acme {shown}.")


def test_a_jump_host_carries_the_connection(tmp_path):
    """One login there and one here, each to a server whose key is checked; the failing one is named."""
    users = [SftpUser("acme", PASSWORD, "acme")]
    with (
        SftpServer(tmp_path / "jump", users, allows_forwarding=True) as jump,
        SftpServer(tmp_path / "client", users) as client,
    ):
        hop, known = server_at(jump.port, connection_id="jump"), KnownKeys((jump.host_key(),))
        connect(server_at(client.port), KnownKeys((client.host_key(),)), jump=(hop, known))
        assert jump.forwarded == [("127.0.0.1", client.port)]
        assert (len(jump.logins), len(client.logins)) == (1, 1)
        cure = "another host key .*event_delivery.host_keys confirm jump SHA256:"
        with pytest.raises(PermanentError, match=f"127.0.0.1:{jump.port}, exchanging keys: .*{cure}"):
            connect(server_at(client.port), jump=(hop, KnownKeys((client.host_key(),))))
        with pytest.raises(PermanentError, match=f"127.0.0.1:{client.port}, exchanging keys: .*another host key"):
            connect(server_at(client.port), KnownKeys((jump.host_key(),)), jump=(hop, known))
        wrong = server_at(jump.port, password="wrong")
        with pytest.raises(PermanentError, match=f"127.0.0.1:{jump.port}, logging in: .*refuses the login"):
            connect(server_at(client.port), jump=(wrong, known))


def test_a_proxy_command_carries_the_connection(faulty_server):
    """`%h` and `%p` are the server's; the command's input and output are the line."""
    faulty_server.reset()
    relay = (
        "import socket, sys, threading, os\n"
        "s = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"
        "def up():\n"
        "    while data := os.read(0, 65536): s.sendall(data)\n"
        "threading.Thread(target=up, daemon=True).start()\n"
        "while data := s.recv(65536): os.write(1, data)\n"
    )
    route = Route(proxy_command=f"{shlex.quote(sys.executable)} -c '{relay}' %h %p")
    connect(server_at(faulty_server.port), route=route)
    assert len(faulty_server.logins) == 1


def test_a_proxy_command_that_fails_is_told(faulty_server):
    """A missing program or a refused proxy ends the attempt at once."""
    for command in ("/nonexistent/proxy %h", f"{sys.executable} -c pass"):
        with pytest.raises(RetryableError, match="connecting: |exchanging keys: "):
            connect(server_at(faulty_server.port), route=Route(proxy_command=command))


@pytest.mark.parametrize("local", ["127.0.0.9", "lo"])
def test_connections_come_from_the_configured_address_or_interface(local):
    """The client's firewall lets one address through."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        server = server_at(listener.getsockname()[1])

        async def knock() -> tuple[str, int]:
            knocking = asyncio.ensure_future(_swallow(server, Route(local_address=local)))
            client, address = await asyncio.get_running_loop().run_in_executor(None, listener.accept)
            client.close()
            await knocking
            return address

        assert asyncio.run(knock())[0] == ("127.0.0.9" if local == "127.0.0.9" else "127.0.0.1")


async def _swallow(server: Server, route: Route) -> None:
    with pytest.raises(DeliveryError):
        async with open_session(server, KnownKeys(()), route=route):
            pass


def test_an_unknown_interface_is_named_with_those_that_there_are():
    """The message lists what may stand there."""
    with pytest.raises(PermanentError, match="found 'eth99', wanted an address or one of: .*lo"):
        find_local_addresses("eth99", socket.AF_INET)


def test_the_environment_names_the_route(monkeypatch):
    """Jump host and proxy command exclude each other."""
    monkeypatch.setenv("EVENT_DELIVERY_LOCAL_ADDRESS", "10.0.0.1")
    monkeypatch.setenv("EVENT_DELIVERY_PROXY_COMMAND", "nc %h %p")
    assert read_route() == Route("10.0.0.1", "nc %h %p", None)
    monkeypatch.setenv("EVENT_DELIVERY_JUMP_CONNECTION", "jump")
    with pytest.raises(PermanentError, match="are both set"):
        read_route()


def test_compression_is_what_the_line_asks_for(faulty_server):
    """The choice is made by the measured round trip, once the server answers."""
    faulty_server.reset()
    round_trips: list[float | None] = []

    def choose(round_trip: float | None) -> bool:
        round_trips.append(round_trip)
        return True

    assert connect(server_at(faulty_server.port), compress=choose).compressed
    assert not connect(server_at(faulty_server.port)).compressed
    assert 0 < round_trips[0] < 1


def test_what_a_server_says_shows_no_secret_and_stays_on_one_line():
    """A server may echo the password in its refusal, or write over the log."""
    from event_delivery.sftp.explain import Place
    from event_delivery.sftp.login import Login
    from event_delivery.sftp.refusals import explain_connecting

    server = replace(server_at(22), password="hunter2")
    said = asyncssh.DisconnectError(2, "no hunter2\r\n2026-01-01 all is well\x1b[2J" + "x" * 1000)
    sentence = str(explain_connecting(said, Place(server, "logging in"), Login(server, bool), 60))
    assert "hunter2" not in sentence
    assert sentence.isprintable()
    assert len(sentence) < 500


def test_asyncssh_logs_nothing_of_its_own(faulty_server, caplog):
    """Its progress would bury ours, and at DEBUG it tells more than anyone wants to know."""
    faulty_server.reset()
    with caplog.at_level(logging.DEBUG):
        connect(server_at(faulty_server.port))
    assert [record for record in caplog.records if record.name.startswith("asyncssh")] == []


def test_a_host_key_that_is_too_short_gets_no_password(tmp_path):
    """RSA under 2048 bits can be forged by who can afford it; the message says how many there are."""
    import asyncssh

    key = tmp_path / "sftp" / "host_key"
    key.parent.mkdir()
    asyncssh.generate_private_key("ssh-rsa", key_size=1024).write_private_key(key)
    with SftpServer(tmp_path / "sftp", [SftpUser("acme", PASSWORD, "acme")]) as server:
        with pytest.raises(
            PermanentError, match="RSA host key has 1024 bits, wanted 2048 or more. No password was"
        ):
            connect(server_at(server.port))
        assert server.logins == []


def test_a_server_that_hangs_up_after_one_wrong_password_is_no_riddle(faulty_server):
    """MaxAuthTries 1: the server says good-bye instead of refusing."""
    from event_delivery.errors import RetryableError
    from event_delivery.sftp.explain import Place
    from event_delivery.sftp.login import Login
    from event_delivery.sftp.refusals import explain_connecting

    login = Login(server_at(faulty_server.port), lambda _: True)
    login.begin_auth("acme")
    place = Place(server_at(faulty_server.port), login.activity)
    hung_up = asyncssh.DisconnectError(asyncssh.DISC_PROTOCOL_ERROR, "Too many authentication failures")
    assert isinstance(explain_connecting(hung_up, place, login, 60), RetryableError)
    assert login.password_auth_requested()
    assert "refuses the login" in str(explain_connecting(hung_up, place, login, 60))


def test_the_server_s_own_algorithms_are_named(faulty_server):
    """Ours are many and known: what counts is what the server has."""
    faulty_server.reset(Behaviour(old_algorithms=True))
    said = (try_to_connect(server_at(faulty_server.port)) for _ in range(50))  # the reason is lost now and then
    wanted = "no matching key exchange algorithm; the server knows diffie-hellman-group14-sha1"
    assert any(wanted in error for error in said)


def try_to_connect(server: Server) -> str:
    with pytest.raises(DeliveryError) as caught:
        connect(server)
    return str(caught.value)
