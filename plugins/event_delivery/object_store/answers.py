"""How long is an object store waited for, which may never answer?"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import Any, TypeVar

_Answer = TypeVar("_Answer")


def wait_for_answer(ask: Callable[[], _Answer], seconds: float) -> _Answer:
    """Return what a call returns, or raise what it raises; one that takes longer is let go of.

    Raises:
        TimeoutError: there was no answer in so many seconds.
    """
    came, answer = Event(), dict[str, Any]()

    def run() -> None:
        try:
            answer["is"] = ask()
        except BaseException as error:
            answer["error"] = error
        came.set()

    Thread(target=run, name="object store", daemon=True).start()
    if not came.wait(seconds):
        raise TimeoutError(f"no answer within {seconds:.0f} s")
    if "error" in answer:
        raise answer["error"]
    return answer["is"]
