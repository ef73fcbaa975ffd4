"""How is work ended at its time limit, whatever the server does?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")
_ABANDON_SECONDS = 0.5


def run_until(deadline: float, work: Coroutine[Any, Any, Result]) -> Result:
    """Run to an end before the deadline (monotonic), whatever the server does.

    Raises:
        TimeoutError: the deadline has passed.
    """

    async def limited() -> Result:
        async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
            return await work

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(limited())
    finally:
        _abandon_tasks(loop)
        loop.close()


def _abandon_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what a failed transfer left under way; wait a moment for it."""
    if tasks := asyncio.all_tasks(loop):
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.wait(tasks, timeout=_ABANDON_SECONDS))
    loop.run_until_complete(asyncio.sleep(0))  # an aborted connection is closed in the loop's next turn
