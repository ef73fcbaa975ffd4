"""How does one connection come about, and why not?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import asyncssh

from event_delivery.errors import DeliveryError
from event_delivery.sftp.explain import Place
from event_delivery.sftp.host_key import is_same_key, rank_algorithms
from event_delivery.sftp.host_key_refusals import explain_host_key
from event_delivery.sftp.known_keys import NO_NOTES, KnownKeys, Notes, ShownKey
from event_delivery.sftp.login import Login, read_client_keys
from event_delivery.sftp.options import choose_options
from event_delivery.sftp.refusals import explain_connecting, is_login_refused
from event_delivery.sftp.route import Route, open_socket
from event_delivery.sftp.server import Server


class Connecting:
    """One server's connection on its way, tried once for each way to ask for its host key."""

    def __init__(
        self,
        server: Server,
        known: KnownKeys,
        test_file_dag: str,
        compress: Callable[[float | None], bool],
        notes: Notes = NO_NOTES,
    ) -> None:
        self._server = server
        self._compress = compress
        self._known = known
        self._trusted = known.trusted
        self._login = Login(server, self._accept)
        self._refused: list[str] = []
        self._test_file_dag = test_file_dag
        self._notes = notes

    async def connect(
        self, route: Route, tunnel: asyncssh.SSHClientConnection | None
    ) -> asyncssh.SSHClientConnection:
        """Return the connection, logged in.

        An unknown key is noted before anything is offered to its owner: at a first contact, a second time.
        """
        keys = await asyncio.to_thread(read_client_keys, self._server)
        try:
            return await self._ask_each_kind(route, tunnel, keys)
        except asyncssh.DisconnectError:
            meets = self._known.first_contact and not self._trusted
            await self._note_refused(must_be=meets)
            if not (meets and self._refused):
                raise
        self._trusted, self._refused = (self._refused[-1],), []
        return await self._ask_each_kind(route, tunnel, keys)

    async def _note_refused(self, must_be: bool) -> None:
        for key in dict.fromkeys(self._refused):
            try:
                await self._notes.unknown_key(ShownKey(self._server, key))
            except DeliveryError:
                if must_be:
                    raise

    async def _ask_each_kind(
        self, route: Route, tunnel: asyncssh.SSHClientConnection | None, keys: list[asyncssh.SSHKey] | None
    ) -> asyncssh.SSHClientConnection:
        refusal: Exception | None = None
        for algorithms in rank_algorithms(self._trusted, self._server.legacy_algorithms):
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
    def logged_in_to(self) -> ShownKey:
        """The host key that the server showed."""
        return ShownKey(self._server, self._login.shown_key)

    @property
    def is_first_contact(self) -> bool:
        """Whether nobody knew the key before."""
        return self._known.first_contact and not self._known.trusted

    async def note_refusal(self, error: Exception) -> None:
        """Tell who keeps record of it if the login was refused; raises what that raises."""
        if is_login_refused(error, self._login):
            await self._notes.refused_login(self._server)

    def explain(self, error: Exception, seconds: float) -> DeliveryError:
        """Return the failure as a sentence for the operator."""
        place = Place(self._server, self._login.activity, self._test_file_dag)
        if self._refused and self._login.activity == "exchanging keys":
            known = replace(self._known, trusted=self._trusted)
            return explain_host_key(place, known, self._refused)
        return explain_connecting(error, place, self._login, seconds)

    def _accept(self, key: str) -> bool:
        if any(is_same_key(key, trusted) for trusted in self._trusted):
            return True
        self._refused.append(key)
        return False
