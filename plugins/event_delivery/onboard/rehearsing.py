"""Does the client's folder let us do what a night needs, and is nothing left behind?"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncssh

from event_delivery.destinations import Destination
from event_delivery.errors import DeliveryError
from event_delivery.limits import LIMITS
from event_delivery.onboard.meeting import Way, log_in
from event_delivery.onboard.stopped import Step, StoppedError
from event_delivery.sftp import RemoteFiles, Server, Session, Sight
from event_delivery.sftp.explain import Place, explain_transfer

_CONTENT = b"A test of whether files can be delivered here. It is removed at once.\n"
Tell = Callable[[str], None]
Keys = tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """What is tried at which server: a file of no meaning, under a name that no other run has."""

    server: Server
    destination: Destination
    token: str

    @property
    def final(self) -> str:
        """The remote path that the file gets."""
        return self.server.path(f"event-delivery-trial-{self.token}.txt")

    @property
    def temporary(self) -> str:
        """The one that it is written under, as on a night."""
        if self.destination.upload_mode == "direct":
            return self.final
        return self.destination.temporary_name.path(self.final, 1)


async def rehearse_night(server: Server, destination: Destination, keys: Keys, way: Way, tell: Tell) -> str:
    """Log in, write, rename, look and remove, each told; returns the public key that the server showed.

    Raises:
        StoppedError: a step failed; what was left behind, if anything could not be removed, is named.
    """
    trial = Trial(server, destination, secrets.token_hex(4))
    begun = False
    try:
        async with log_in(server, keys, way) as session:
            tell(f"Logged in as {server.user!r}")
            begun = True
            async with _stepping("size", trial, "trying the folder"), asyncio.timeout(way.seconds):
                await _try_folder(_files(session, destination), trial, tell)
            return session.shown_keys[-1].public_key
    except BaseException as error:
        left = await _clean_up(trial, keys, way) if begun else []
        if left and isinstance(error, StoppedError):
            kept = f"left in the folder, since it could not be removed: {', '.join(left)}"
            raise StoppedError(error.step, f"{error} {kept}", (*error.asked, kept)) from None
        raise


async def _try_folder(remote: RemoteFiles, trial: Trial, tell: Tell) -> None:
    folder = trial.server.folder or "the login folder"
    async with _stepping("folder", trial, f"looking for {folder}"):
        if not await remote.has_folder(trial.final) and not trial.destination.create_folder:
            raise asyncssh.SFTPNoSuchFile("the folder")
    async with _stepping("write", trial, f"writing in {folder}"):
        file = await remote.open_new(trial.temporary, clear_the_way=False)
        await file.write(_CONTENT)
        await file.close()
    await _look(remote, trial, trial.temporary)
    tell(f"Wrote a file under a temporary name in {folder}")
    if trial.temporary != trial.final:
        async with _stepping("rename", trial, f"renaming in {folder}"):
            await remote.rename(trial.temporary, trial.final)
        await _look(remote, trial, trial.final)
        tell("Renamed it")
    async with _stepping("remove", trial, f"removing from {folder}"):
        if await _remove_all(remote, trial):
            raise asyncssh.SFTPPermissionDenied("the file")
    tell("Removed it: nothing is left there")


async def _remove_all(remote: RemoteFiles, trial: Trial) -> list[str]:
    """Remove the file under both names, as some servers copy where they rename; returns what is still there."""
    paths = list(dict.fromkeys((trial.temporary, trial.final)))
    kept = await remote.remove_all(paths)
    seen = {path: await remote.size(path) for path in paths}
    return [path for path in paths if isinstance(seen[path], int) or (path in kept and seen[path] is Sight.UNTOLD)]


async def _look(remote: RemoteFiles, trial: Trial, path: str) -> None:
    """Look at the size; a server that tells none is used to, one that tells another has another file."""
    async with _stepping("size", trial, f"looking at {path}"):
        size = await remote.size(path)
        if size is Sight.MISSING:
            raise StoppedError("size", "the file is gone, a moment after it was written: a program takes it")
        if size is not Sight.UNTOLD and size != len(_CONTENT):
            raise StoppedError("size", f"found {size} bytes, wrote {len(_CONTENT)}")


@asynccontextmanager
async def _stepping(step: Step, trial: Trial, activity: str) -> AsyncIterator[None]:
    place = Place(trial.server, activity)
    try:
        yield
    except StoppedError as error:
        if str(error).startswith(trial.server.address):
            raise
        raise StoppedError(error.step, f"{place}: {error}", error.asked) from None
    except (asyncssh.Error, OSError) as error:
        raise StoppedError(step, str(explain_transfer(error, place))) from None


async def _clean_up(trial: Trial, keys: Keys, way: Way) -> list[str]:
    """Remove what the trial may have left, over a new session; returns the paths that may still be there."""
    try:
        async with asyncio.timeout(2 * LIMITS.clean_up), log_in(trial.server, keys, way) as session:
            return await _remove_all(_files(session, trial.destination), trial)
    except (DeliveryError, asyncssh.Error, OSError):
        return list(dict.fromkeys((trial.temporary, trial.final)))


def _files(session: Session, destination: Destination) -> RemoteFiles:
    return RemoteFiles(session, check_size=destination.check_size, create_folder=destination.create_folder)
