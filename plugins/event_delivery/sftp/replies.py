"""Which of a server's answers mean the same?"""

from __future__ import annotations

import traceback

import asyncssh

MISSING = (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath)
DENIED = (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect, asyncssh.SFTPCannotDelete)
BAD_NAME = (asyncssh.SFTPInvalidFilename, asyncssh.SFTPInvalidParameter)
# What a server answers while somebody else holds the file, such as a virus scanner on Windows.
PASSING = (asyncssh.SFTPFailure, asyncssh.SFTPPermissionDenied, asyncssh.SFTPLockConflict)
# What may mean that the server takes no temporary names, or lets nobody rename.
REFUSING = (
    *DENIED,
    *BAD_NAME,
    asyncssh.SFTPFailure,
    asyncssh.SFTPBadMessage,
    asyncssh.SFTPOpUnsupported,
)


def is_nonsense(error: BaseException) -> bool:
    """Tell whether an undeclared error came out of the SSH library: it could not understand what it was sent."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and frames[-1].f_globals.get("__name__", "").split(".")[0] in ("asyncssh", "cryptography")


def is_connection_lost(error: BaseException) -> bool:
    """Tell whether the server gave no answer, so that nobody knows whether it did what was asked."""
    lost = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.DisconnectError, OSError)
    return isinstance(error, lost)
