"""Which of a server's answers mean the same?"""

from __future__ import annotations

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


def is_connection_lost(error: BaseException) -> bool:
    """Tell whether the server gave no answer, so that nobody knows whether it did what was asked."""
    lost = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.DisconnectError, OSError)
    return isinstance(error, lost)
