"""How do we connect to a client's server: within the time limit, once, and to nobody else?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncssh

from event_delivery.limits import KEEPALIVE, LIMITS
from event_delivery.sftp.explain import Place, explain_connecting, explain_host_key
from event_delivery.sftp.host_key import is_same_key, rank_algorithms
from event_delivery.sftp.login import Login, read_client_keys
from event_delivery.sftp.route import Route, open_socket
from event_delivery.sftp.server import Server

logging.getLogger("asyncssh").setLevel(logging.WARNING)  # its progress would bury ours in the task's log
_CIPHERS = [
    "aes128-gcm@openssh.com",  # the fastest where processors have AES
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes256-ctr",
    "aes192-ctr",
    "aes128-ctr",
]
_LEGACY_CIPHERS = ["aes256-cbc", "aes192-cbc", "aes128-cbc", "3des-cbc"]
_LEGACY_KEX = "diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1"


@dataclass(frozen=True)
class KnownKeys:
    """The host keys that count for a server (none: any), and where to note the one that it showed."""

    pinned: tuple[str, ...]
    remember: Callable[[str], None] | None = None


@dataclass(frozen=True)
class Session:
    """An SFTP session that is logged in."""

    sftp: asyncssh.SFTPClient
    compressed: bool


@asynccontextmanager
async def open_session(
    server: Server,
    known: KnownKeys,
    *,
    route: Route | None = None,
    jump: tuple[Server, KnownKeys] | None = None,
    compress: Callable[[float | None], bool] = lambda _: False,
    test_file_dag: str = "",
    seconds: float = LIMITS.connect,
) -> AsyncIterator[Session]:
    """Connect, log in once and open SFTP, within `seconds` in all, by way of `jump` if there is one.

    `compress` decides by the line's round trip (seconds, None where a proxy or jump host hides it).

    Raises:
        PermanentError: the login or the server's key is refused.
        RetryableError: the server cannot be reached, or not in time.
    """
    route, hop = route or Route(), None
    async with AsyncExitStack() as stack:
        last = _Connecting(server, known, test_file_dag)
        try:
            async with asyncio.timeout(seconds):
                tunnel = None
                if jump:
                    hop = last = _Connecting(*jump, test_file_dag)
                    tunnel = await hop.connect(route, None, lambda _: False)
                    stack.callback(tunnel.abort)
                    last = _Connecting(server, known, test_file_dag)
                connection = await last.connect(route, tunnel, compress)
                stack.callback(connection.abort)
                sftp = await connection.start_sftp_client()
        except (OSError, asyncssh.Error, TimeoutError) as error:
            raise last.explain(error, seconds) from None
        for each in filter(None, (hop, last)):
            each.remember()
        yield Session(sftp, "zlib" in connection.get_extra_info("send_compression", ""))


class _Connecting:
    """One server's connection on its way, tried once for each way to ask for its host key."""

    def __init__(self, server: Server, known: KnownKeys, test_file_dag: str) -> None:
        self._server = server
        self._known = known
        self._login = Login(server, self._accept)
        self._refused: list[str] = []
        self._test_file_dag = test_file_dag

    async def connect(
        self,
        route: Route,
        tunnel: asyncssh.SSHClientConnection | None,
        compress: Callable[[float | None], bool],
    ) -> asyncssh.SSHClientConnection:
        """Return the connection, logged in."""
        refusal: Exception | None = None
        for algorithms in rank_algorithms(self._known.pinned, self._server.legacy_algorithms):
            self._login = Login(self._server, self._accept)
            try:
                way, round_trip = await self._find_way(route, tunnel)
                options = _options(self._server, self._login, compress(round_trip), algorithms)
                return await asyncssh.connect(**way, **options)
            except asyncssh.DisconnectError as error:
                if self._login.step != "exchanging keys":
                    raise
                refusal = error
        raise refusal or asyncssh.KeyExchangeFailed("no host key algorithm")

    async def _find_way(
        self, route: Route, tunnel: asyncssh.SSHClientConnection | None
    ) -> tuple[dict[str, Any], float | None]:
        server = self._server
        if tunnel:
            return {"tunnel": tunnel}, None
        if route.proxy_command:
            return {"proxy_command": route.proxy_arguments(server.host, server.port)}, None
        connection, round_trip = await open_socket(server.host, server.port, route.local_address)
        return {"sock": connection}, round_trip

    def remember(self) -> None:
        """Hand over the host key, if it is to be noted."""
        if self._known.remember:
            self._known.remember(self._login.shown_key)

    def explain(self, error: Exception, seconds: float) -> Exception:
        """Return the failure as a sentence for the operator."""
        known = self._known.pinned
        place = Place(self._server, self._login.step, self._test_file_dag)
        if self._refused and self._login.step == "exchanging keys":
            return explain_host_key(place, known, self._refused)
        return explain_connecting(error, place, self._login, seconds)

    def _accept(self, key: str) -> bool:
        if not self._known.pinned or any(is_same_key(key, pinned) for pinned in self._known.pinned):
            return True
        self._refused.append(key)
        return False


def _options(server: Server, login: Login, compress: bool, host_key_algorithms: list[str]) -> dict[str, Any]:
    """Offer nothing that was not configured: no agent, no ~/.ssh, no configuration file."""
    legacy = server.legacy_algorithms
    return {
        "host": server.host,
        "port": server.port,
        "username": server.user,
        "client_factory": lambda: login,
        "client_keys": read_client_keys(server),
        "known_hosts": ([], [], []),
        "server_host_key_algs": host_key_algorithms,
        "kex_algs": f"+{_LEGACY_KEX}" if legacy else "-*sha1*",
        "encryption_algs": _CIPHERS + (_LEGACY_CIPHERS if legacy else []),
        "signature_algs": () if legacy else "-ssh-rsa,ssh-dss",
        "compression_algs": ["zlib@openssh.com", "none"] if compress else ["none", "zlib@openssh.com"],
        "preferred_auth": "publickey,password,keyboard-interactive",
        "agent_path": None,
        "config": None,
        "gss_host": None,
        "keepalive_interval": KEEPALIVE,
        "login_timeout": 2 * LIMITS.connect,  # ours ends it before
    }
