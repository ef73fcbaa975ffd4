"""What can happen at the moment when a file has got its name, before we hear of it?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

Happening = Callable[[Any], None]
_NAMING_CALLS = (
    (asyncssh.SFTPClient, "posix_rename"),
    (asyncssh.SFTPClient, "rename"),
    (asyncssh.SFTPClientFile, "close"),
)


@contextmanager
def once_named(folder: Path, *happenings: Happening, pattern: str = "courseCompletion-*.json") -> Iterator[None]:
    """Let things happen when the server has named a file, by a rename or a CLOSE that it has really done."""

    def follow(call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[None]]:
        async def call_and_more(caller: Any, *arguments: Any) -> None:
            await call(caller, *arguments)
            if any(folder.glob(pattern)):
                for happen in happenings:
                    happen(caller)

        return call_and_more

    with pytest.MonkeyPatch.context() as patched:
        for owner, name in _NAMING_CALLS:
            patched.setattr(owner, name, follow(getattr(owner, name)))
        yield


def lose_answer(caller: asyncssh.SFTPClient | asyncssh.SFTPClientFile) -> None:
    """Cut the line, so that its answer never reaches us."""
    # AsyncSSH has no public way from a file or a session to its connection
    caller._handler._writer.channel.get_connection().abort()  # type: ignore[union-attr]
    raise asyncssh.ConnectionLost("Connection lost")


def take_into(taken: Path, folder: Path) -> Happening:
    """Return a robot that moves whatever lies in the client's folder into `taken`."""

    def take(_: Any) -> None:
        taken.mkdir(exist_ok=True)
        for path in folder.iterdir():
            path.rename(taken / path.name)

    return take
