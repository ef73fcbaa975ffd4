"""How does one connection come about, and why not?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncssh

from event_delivery.errors import DeliveryError
from event_delivery.sftp.explain import Place
from event_delivery.sftp.host_key import is_same_key, rank_algorithms
from event_delivery.sftp.login import Login, read_client_keys
from event_delivery.sftp.options import choose_options
from event_delivery.sftp.refusals import explain_connecting, explain_host_key
from event_delivery.sftp.route import Route, open_socket
from event_delivery.sftp.server import Server


@dataclass(frozen=True)
class KnownKeys:
    """The host keys that count for a server (none: any), and whether the one that it shows is to be remembered."""

    pinned: tuple[str, ...] = ()
    remember: bool = False


@dataclass(frozen=True)
class ShownKey:
    """The host key that a server showed, as an OpenSSH public key."""

    server: Server
    public_key: str


class Connecting:
    """One server's connection on its way, tried once for each way to ask for its host key."""

    def __init__(
        self,
        server: Server,
        known: KnownKeys,
        test_file_dag: str,
        compress: Callable[[float | None], bool],
    ) -> None:
        self._server = server
        self._compress = compress
        self._known = known
        self._login = Login(server, self._accept)
        self._refused: list[str] = []
        self._test_file_dag = test_file_dag

    async def connect(
        self, route: Route, tunnel: asyncssh.SSHClientConnection | None
    ) -> asyncssh.SSHClientConnection:
        """Return the connection, logged in."""
        refusal: Exception | None = None
        keys = await asyncio.to_thread(read_client_keys, self._server)
        for algorithms in rank_algorithms(self._known.pinned, self._server.legacy_algorithms):
            self._login = Login(self._server, self._accept)
            try:
                way, round_trip = await self._find_way(route, tunnel)
                options = choose_options(self._server, self._login, keys, self._compress(round_trip), algorithms)
                return await asyncssh.connect(**way, **options)
            except asyncssh.DisconnectError as error:
                if self._login.activity != "exchanging keys":
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

    @property
    def first_contact(self) -> ShownKey | None:
        """The host key that the server showed, if it is to be remembered."""
        return ShownKey(self._server, self._login.shown_key) if self._known.remember else None

    def explain(self, error: Exception, seconds: float) -> DeliveryError:
        """Return the failure as a sentence for the operator."""
        known = self._known.pinned
        place = Place(self._server, self._login.activity, self._test_file_dag)
        if self._refused and self._login.activity == "exchanging keys":
            return explain_host_key(place, known, self._refused)
        return explain_connecting(error, place, self._login, seconds)

    def _accept(self, key: str) -> bool:
        if not self._known.pinned or any(is_same_key(key, pinned) for pinned in self._known.pinned):
            return True
        self._refused.append(key)
        return False
