"""How do we connect to a client's server: within the time limit, once, and to nobody else?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncssh

from event_delivery.limits import KEEPALIVES_UNANSWERED, LIMITS
from event_delivery.sftp.connecting import Connecting
from event_delivery.sftp.known_keys import NO_NOTES, KnownKeys, Notes, ShownKey
from event_delivery.sftp.replies import is_nonsense
from event_delivery.sftp.route import Route
from event_delivery.sftp.server import Server

logging.getLogger("asyncssh").setLevel(logging.WARNING)  # its progress would bury ours in the task's log


@dataclass(frozen=True)
class Session:
    """An SFTP session that is logged in, the host keys that were shown on the way, and which of them are new."""

    sftp: asyncssh.SFTPClient
    connection: asyncssh.SSHClientConnection
    keepalive: float
    compressed: bool
    shown_keys: tuple[ShownKey, ...] = ()
    first_contacts: tuple[ShownKey, ...] = ()


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
    keepalive: float = LIMITS.keepalive,
    notes: Notes = NO_NOTES,
) -> AsyncIterator[Session]:
    """Connect, log in once and open SFTP, within `seconds` in all, by way of `jump` if there is one.

    `notes` keeps record of unknown host keys and refused logins.
    Signs of life are asked for every `keepalive` seconds.
    `compress` decides by the line's round trip (seconds, None where a proxy or jump host hides it).

    Raises:
        PermanentError: the login or the server's key is refused.
        RetryableError: the server cannot be reached, or not in time.
    """
    route, target = route or Route(), Connecting(server, known, test_file_dag, compress, notes)
    hop = Connecting(*jump, "", lambda _: False, notes) if jump else None
    at, tunnel = hop or target, None
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(seconds):
                if hop:
                    tunnel = await hop.connect(route, None)
                    stack.callback(tunnel.abort)
                at = target
                connection = await target.connect(route, tunnel)
                stack.callback(connection.abort)
                sftp = await connection.start_sftp_client()
        except Exception as error:
            if not (isinstance(error, (OSError, asyncssh.Error)) or is_nonsense(error)):
                raise
            await at.note_refusal(error)
            raise at.explain(error, seconds) from None
        ways = [each for each in (hop, target) if each]
        shown = tuple(each.logged_in_to for each in ways)
        new = tuple(each.logged_in_to for each in ways if each.is_first_contact)
        compressed = "zlib" in connection.get_extra_info("send_compression", "")
        connection.set_keepalive(keepalive, KEEPALIVES_UNANSWERED)
        yield Session(sftp, connection, keepalive, compressed, shown, new)
