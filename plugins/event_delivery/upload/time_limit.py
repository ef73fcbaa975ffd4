"""How is work ended at its time limit, whatever the server does?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from event_delivery.limits import LIMITS

Result = TypeVar("Result")


def run_until(
    deadline: float, work: Coroutine[Any, Any, Result], grace: float, abandon: float = LIMITS.abandon
) -> Result:
    """Run to an end before the deadline (monotonic), whatever the server does.

    Cancelled work has `grace` seconds to clean up; work that does not end even then is left behind, after a moment
    of `abandon` seconds.

    Raises:
        TimeoutError: the deadline has passed.
    """

    async def limited() -> Result:
        working = asyncio.ensure_future(work)
        await asyncio.wait({working}, timeout=max(0.0, deadline - time.monotonic()))
        if not working.done():
            working.cancel()
            await asyncio.wait({working}, timeout=grace)
        if not working.done() or working.cancelled():
            raise TimeoutError
        return working.result()

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(limited())
    finally:
        _abandon_tasks(loop, abandon)
        loop.close()


def _abandon_tasks(loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    """Cancel what a failed transfer left under way; wait a moment for it."""
    if tasks := asyncio.all_tasks(loop):
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.wait(tasks, timeout=seconds))
    loop.run_until_complete(asyncio.sleep(0))  # an aborted connection is closed in the loop's next turn
