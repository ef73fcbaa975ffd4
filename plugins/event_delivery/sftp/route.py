"""Over which way do we reach servers: from which address, through which jump host or proxy?"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import shlex
import socket
import time
from dataclasses import dataclass

from event_delivery.errors import PermanentError
from event_delivery.limits import NEXT_ADDRESS
from event_delivery.sftp.connection_fields import is_host
from event_delivery.sftp.name_look_up import resolve_host

LOCAL_ADDRESS = "EVENT_DELIVERY_LOCAL_ADDRESS"
PROXY_COMMAND = "EVENT_DELIVERY_PROXY_COMMAND"
JUMP_CONNECTION = "EVENT_DELIVERY_JUMP_CONNECTION"


@dataclass(frozen=True)
class Route:
    """This instance's way out: at most one of a jump host's Connection and a proxy command."""

    local_address: str | None = None
    proxy_command: str | None = None
    jump_connection: str | None = None

    def proxy_arguments(self, host: str, port: int) -> list[str]:
        """Return the proxy's command line, with `%h` and `%p` replaced as OpenSSH does.

        Raises:
            PermanentError: the host is none, and might be an option to the command.
        """
        if not is_host(host):
            raise PermanentError(f"{PROXY_COMMAND} is given no host but host names and addresses.")
        put_in = {"%h": host, "%p": str(port)}
        words = shlex.split(self.proxy_command or "")
        return [re.sub("%[hp]", lambda found: put_in[found[0]], word) for word in words]


def read_route() -> Route:
    """Return the route that the environment names.

    Raises:
        PermanentError: both a jump host and a proxy command are set.
    """
    names = (LOCAL_ADDRESS, PROXY_COMMAND, JUMP_CONNECTION)
    local, proxy, jump = (os.environ.get(name) or None for name in names)
    if proxy and jump:
        raise PermanentError(f"{PROXY_COMMAND} and {JUMP_CONNECTION} are both set, wanted at most one.")
    return Route(local, proxy, jump)


async def open_socket(host: str, port: int, local_address: str | None) -> tuple[socket.socket, float]:
    """Connect over TCP; returns the round trip (seconds) too.

    Each of the host's addresses is tried a moment after the one before (RFC 8305): one that leads nowhere does not
    use up the time of one that answers.

    Raises:
        OSError: none of them answers; socket.gaierror when the name cannot be resolved.
        PermanentError: the local address is neither an address nor an interface of this machine.
    """
    found = await resolve_host(host, port)
    waiting = [entry for entry in found if not local_address or find_local_addresses(local_address, entry[0])]
    failure: BaseException = OSError(f"no address of {host} fits {LOCAL_ADDRESS}={local_address}")
    running: set[asyncio.Task[tuple[socket.socket, float]]] = set()
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.ensure_future(_connect(waiting.pop(0), local_address)))
            pause = NEXT_ADDRESS if waiting else None
            await asyncio.wait(running, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            for attempt in [attempt for attempt in running if attempt.done()]:
                running.discard(attempt)
                if attempt.exception() is None:
                    return attempt.result()
                failure = attempt.exception() or failure
    finally:
        for attempt in running:
            attempt.add_done_callback(_close_late)
            attempt.cancel()
    raise failure


async def _connect(
    entry: tuple[int, int, int, str, tuple], local_address: str | None
) -> tuple[socket.socket, float]:
    family, kind, protocol, _, address = entry
    connection = socket.socket(family, kind, protocol)
    connection.setblocking(False)
    try:
        if local_address:
            connection.bind((find_local_addresses(local_address, family)[0], 0))
        started = time.monotonic()
        await asyncio.get_running_loop().sock_connect(connection, address)
    except BaseException:
        connection.close()
        raise
    return connection, time.monotonic() - started


def _close_late(attempt: asyncio.Task[tuple[socket.socket, float]]) -> None:
    """Close a connection that came about when another had already been taken."""
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result()[0].close()


def find_local_addresses(local: str | None, family: int) -> list[str]:
    """Return the addresses of a family that an address or the name of an interface stands for."""
    if not local:
        return []
    try:
        version = ipaddress.ip_address(local).version
    except ValueError:
        return _addresses_of_interface(local, family)
    return [local] if version == (6 if family == socket.AF_INET6 else 4) else []


def _addresses_of_interface(name: str, family: int) -> list[str]:
    import psutil

    interfaces = psutil.net_if_addrs()
    if name not in interfaces:
        raise PermanentError(
            f"{LOCAL_ADDRESS}: found {name!r}, wanted an address or one of: {', '.join(sorted(interfaces))}."
        )
    return [entry.address for entry in interfaces[name] if entry.family == family and "%" not in entry.address]
