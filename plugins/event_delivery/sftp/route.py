"""Over which way do we reach servers: from which address, through which jump host or proxy?"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import shlex
import socket
import threading
import time
from dataclasses import dataclass

from event_delivery.errors import PermanentError

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
        """Return the proxy's command line, with `%h` and `%p` replaced as OpenSSH does."""
        words = shlex.split(self.proxy_command or "")
        return [word.replace("%h", host).replace("%p", str(port)) for word in words]


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
    """Connect over TCP, trying each of the host's addresses; returns the round trip (seconds) too.

    Raises:
        OSError: none of them answers; socket.gaierror when the name cannot be resolved.
        PermanentError: the local address is neither an address nor an interface of this machine.
    """
    failure: OSError | None = None
    for family, _, protocol, _, address in await _resolve(host, port):
        sources = find_local_addresses(local_address, family)
        if local_address and not sources:
            continue
        connection = socket.socket(family, socket.SOCK_STREAM, protocol)
        connection.setblocking(False)
        try:
            if sources:
                connection.bind((sources[0], 0))
            started = time.monotonic()
            await asyncio.get_running_loop().sock_connect(connection, address)
        except BaseException as error:
            connection.close()
            if not isinstance(error, OSError):
                raise
            failure = error
        else:
            return connection, time.monotonic() - started
    raise failure or OSError(f"no address of {host} fits {LOCAL_ADDRESS}={local_address}")


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


async def _resolve(host: str, port: int) -> list[tuple[int, int, int, str, tuple]]:
    """Resolve in a daemon thread: a name look-up cannot be interrupted, and must not hold up the process's end."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list] = loop.create_future()

    def settle(result: list | OSError) -> None:
        if answer.done():
            return
        if isinstance(result, OSError):
            answer.set_exception(result)
        else:
            answer.set_result(result)

    def look_up() -> None:
        result: list | OSError
        try:
            result = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            result = error
        except UnicodeError:
            result = socket.gaierror(socket.EAI_NONAME, "not a host name")
        with contextlib.suppress(RuntimeError):  # the loop was closed when the time limit was over
            loop.call_soon_threadsafe(settle, result)

    threading.Thread(target=look_up, daemon=True, name="name-look-up").start()
    return await answer
