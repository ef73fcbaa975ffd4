"""How is a round trip saved: by asking for the size right behind the action that changes it?"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from event_delivery.sftp import RemoteFiles, Sight, Size

Result = TypeVar("Result")
Ahead = asyncio.Future[Size] | None


async def act_and_look(
    action: Coroutine[Any, Any, Result], remote: RemoteFiles, path: str
) -> tuple[Result, asyncio.Future[Size]]:
    """Ask for an action and right behind it for the size of a file: a round trip less than one after the other."""
    acting = asyncio.ensure_future(action)
    await asyncio.sleep(0)
    looking = asyncio.ensure_future(remote.size(path))
    looking.add_done_callback(lambda done: done.cancelled() or done.exception())
    return await acting, looking


async def size_after(remote: RemoteFiles, path: str, ahead: Ahead, wanted: int) -> Size:
    """Return a file's size; one asked for ahead may be older than the action, and counts only if right."""
    size = await ahead if ahead else Sight.MISSING
    return size if size in (wanted, Sight.UNTOLD) else await remote.size(path)
