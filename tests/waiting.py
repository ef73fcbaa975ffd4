"""How long does a test wait for what others do in their own time?"""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 600.0  # s: many times what a busy machine takes, and a wait ends as soon as what it waits for is there


def wait_until(holds: Callable[[], object], shown: Callable[[], object] = lambda: "") -> None:
    """Ask twice a second until something holds.

    Args:
        holds: the question; any true answer ends the wait.
        shown: what a person wants to see where it never holds.

    Raises:
        AssertionError: it does not hold after PATIENCE.
    """
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"not so after {PATIENCE:.0f} s: {shown()}"
        time.sleep(0.5)
