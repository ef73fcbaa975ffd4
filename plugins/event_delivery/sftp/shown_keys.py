"""Which host keys does a server show to somebody who does not log in?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import asyncssh

from event_delivery.errors import DeliveryError
from event_delivery.sftp.explain import Place
from event_delivery.sftp.host_key import rank_algorithms
from event_delivery.sftp.login import Login
from event_delivery.sftp.options import choose_options
from event_delivery.sftp.refusals import explain_connecting
from event_delivery.sftp.replies import is_nonsense
from event_delivery.sftp.route import Route, open_socket
from event_delivery.sftp.server import Server


class _NoLogin(Login):
    """Ends a connection where a login would begin: AsyncSSH then offers nothing, not even the user's name."""

    def begin_auth(self, username: str) -> None:
        raise asyncssh.ConnectionLost("there is no login")


async def ask_for_keys(
    server: Server,
    known: tuple[str, ...],
    is_enough: Callable[[Sequence[str]], bool],
    route: Route,
    seconds: float,
) -> tuple[str, ...]:
    """Return the host keys that a server proves to have, as OpenSSH public keys; nobody logs in.

    Each kind of the `known` keys is asked for by a connection of its own, one after another, as an upload does,
    until what was shown `is_enough`. `seconds` is the limit for all of them together.

    Raises:
        PermanentError, RetryableError: the server cannot be reached, shows none in time, or one that is too weak.
    """
    asking = _Asking(replace(server, password=None, private_key=None, passphrase=None, next_credentials=None))
    try:
        async with asyncio.timeout(seconds):
            return await asking.ask(known, is_enough, route)
    except Exception as error:
        if not (isinstance(error, (OSError, asyncssh.Error)) or is_nonsense(error)):
            raise
        raise asking.explain(error, seconds) from None


class _Asking:
    """One server, asked once for each kind of key."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._login: Login = _NoLogin(server, lambda _: True)

    async def ask(
        self, known: tuple[str, ...], is_enough: Callable[[Sequence[str]], bool], route: Route
    ) -> tuple[str, ...]:
        shown: list[str] = []
        refused: tuple[Exception, Login] | None = None
        for algorithms in rank_algorithms(known, self._server.legacy_algorithms):
            self._login = _NoLogin(self._server, lambda _: True)
            try:
                shown.append(await self._ask_for(algorithms, route))
            except asyncssh.DisconnectError as error:
                if self._login.activity != "exchanging keys":
                    raise
                refused = error, self._login
            if is_enough(shown):
                break
        if not shown and refused:
            refusal, self._login = refused
            raise refusal
        return tuple(dict.fromkeys(shown))

    async def _ask_for(self, algorithms: list[str], route: Route) -> str:
        server, login = self._server, self._login
        options = choose_options(server, login, None, False, algorithms)
        asked = await asyncssh.SSHClientConnectionOptions.construct(**options)
        key = await asyncssh.get_server_host_key(
            server.host,
            server.port,
            server_host_key_algs=algorithms,
            kex_algs=options["kex_algs"],
            config=None,
            options=asked,
            **await self._find_way(route),
        )
        if key is None or not login.validate_host_public_key("", "", 0, key):
            raise asyncssh.HostKeyNotVerifiable("the host key is too weak")
        return login.shown_key

    async def _find_way(self, route: Route) -> dict[str, Any]:
        server = self._server
        if route.proxy_command:
            return {"proxy_command": route.proxy_arguments(server.host, server.port)}
        connection, _ = await open_socket(server.host, server.port, route.local_address)
        return {"sock": connection}

    def explain(self, error: Exception, seconds: float) -> DeliveryError:
        return explain_connecting(error, Place(self._server, self._login.activity), self._login, seconds)
