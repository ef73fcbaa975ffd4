"""What is to be transferred, how far may it have come before, and how can it end?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from event_delivery.errors import PermanentError

Step = Literal["sending", "closing", "renaming", "taken", "delivered"]


class UnconfirmedError(PermanentError):
    """Nobody can tell whether the file arrived: only a person can say whether a robot takes files there."""


class TakenError(UnconfirmedError):
    """The file vanished under its temporary name: somebody took it, or the server discards what it is sent."""


@dataclass(frozen=True)
class Reached:
    """How far an earlier attempt came with these very bytes to this very path, as the ledger keeps it."""

    step: Step
    temporary_path: str


@dataclass(frozen=True)
class Transfer:
    """One file on its way: where from, where to, and what is known of earlier attempts; its size is in bytes.

    `is_part`: it is one part of the local file, which starts at `offset`.
    A temporary path that is the remote path means: written directly under the final name.
    """

    local_path: Path
    bytes: int
    sha256: str
    remote_path: str
    temporary_path: str
    leftover_paths: tuple[str, ...] = ()
    reached: Reached | None = None
    retrying: bool = False
    robot_known: bool = False
    robot_said: bool = False  # by a person, of this very delivery
    unresolved: str | None = None  # what an earlier attempt said that nobody could confirm
    forgotten: bool = False  # it was delivered, as its kept file proves, and the ledger knows nothing of it
    is_part: bool = False
    offset: int = 0

    @property
    def direct(self) -> bool:
        """Whether no temporary name is used."""
        return self.temporary_path == self.remote_path


@dataclass(frozen=True)
class Outcome:
    """How the file came to be delivered, in words for the log.

    `vanished`: its final name was gone at once. `sent`: bytes went out in this attempt.
    """

    words: str
    vanished: bool = False
    sent: bool = True


ALREADY_THERE = Outcome("it was already there, whole: nothing was sent again", sent=False)
DECIDE = "Nothing is sent again until you decide on the Deliveries page: a robot takes files here, or send again."
TAKEN_AWAY = Outcome("a robot took it away, as it does here", vanished=True)
TAKEN_BEFORE = Outcome("an earlier attempt had delivered it, and it is gone: nothing was sent again", sent=False)


@dataclass
class Journal:
    """What the transfer is doing now, at which path; `record` keeps what the next attempt must know."""

    record: Callable[[Step, str], Awaitable[None]]
    final_path: str
    path: str = ""
    step: Step | None = None
    activity: str = "looking for the file"

    def __post_init__(self) -> None:
        self.path = self.path or self.final_path

    async def enter(self, step: Step, path: str, activity: str = "") -> None:
        """Record a step before it is taken."""
        await self.record(step, path)
        self.step, self.path, self.activity = step, path, activity or step

    @property
    def direct(self) -> bool:
        """Whether what is being written has its final name already."""
        return self.path == self.final_path

    @property
    def place(self) -> str:
        """Where a failure is, for its message."""
        return f"{self.path}, {self.activity}"


def explain_taken(temporary: str) -> TakenError:
    """Return the failure of a file that was taken under its temporary name."""
    return TakenError(
        f"somebody on the server took {temporary} before it had its final name, or the server discards what it "
        f"is sent. Ask the client: if it has the file, under the wrong name, set temporary_name or upload_mode: "
        f"direct. {DECIDE}"
    )


def explain_vanished(path: str) -> UnconfirmedError:
    """Return what is to be said of a file that the server took, and that is gone."""
    return UnconfirmedError(
        f"the server said OK, and {path} is gone: a robot took it, or the server discards files. Ask the client, "
        f"and set robot: true if a robot takes files there. {DECIDE}"
    )


def explain_copied(path: str, temporary: str) -> UnconfirmedError:
    """Return what is to be said of a file that has both of its names, of which one cannot be taken away."""
    return UnconfirmedError(
        f"the whole file is seen under its final name, {path}, but the server has copied where it was to rename, "
        f"and does not let us remove {temporary}. Ask the client to remove that, and clear the upload: nothing is "
        f"sent again. For the nights to come, set upload_mode: direct, or ask for the right to remove."
    )
