"""How is a host's name resolved without holding anything up?"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading


async def resolve_host(host: str, port: int) -> list[tuple[int, int, int, str, tuple]]:
    """Return a host's addresses, as `socket.getaddrinfo` does, best first.

    In a daemon thread: a name look-up cannot be interrupted, and must not hold up the process's end.

    Raises:
        socket.gaierror: the name cannot be resolved.
    """
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
