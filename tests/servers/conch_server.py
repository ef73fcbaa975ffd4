"""How does Twisted Conch serve? Run as `python -m tests.servers.conch_server PORT HOST_KEY FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.conch.avatar import ConchUser
from twisted.conch.interfaces import IConchUser, ISFTPServer
from twisted.conch.ssh.factory import SSHFactory
from twisted.conch.ssh.filetransfer import FileTransferServer
from twisted.conch.ssh.keys import Key
from twisted.conch.ssh.session import SSHSession
from twisted.conch.unix import SFTPServerForUnixConchUser
from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import IRealm, Portal
from twisted.internet import reactor
from twisted.python.components import registerAdapter
from twisted.python.filepath import FilePath
from zope.interface import implementer

from tests.servers.server import USER
from tests.sftp_logins import PASSWORD


class _User(ConchUser):
    """Acts as whoever runs the server, where Conch's own user would change its identity."""

    def __init__(self, home: Path) -> None:
        super().__init__()
        self._home = FilePath(str(home))
        self.channelLookup[b"session"] = SSHSession
        self.subsystemLookup[b"sftp"] = FileTransferServer

    def getHomeDir(self) -> FilePath[str]:  # noqa: N802
        return self._home

    def _runAsUser(self, calls: Any, *arguments: Any) -> Any:  # noqa: N802
        for call in calls if isinstance(calls, list) else [(calls, arguments)]:
            result = call[0](*call[1])
        return result


@implementer(IRealm)
class _Realm:
    def __init__(self, home: Path) -> None:
        self._home = home

    def requestAvatar(self, name: bytes, mind: object, *wanted: type) -> tuple[type, _User, Callable[[], None]]:  # noqa: N802
        return IConchUser, _User(self._home), lambda: None


def main(port: int, host_key: Path, home: Path) -> None:
    """Serve until the process is ended."""
    registerAdapter(SFTPServerForUnixConchUser, _User, ISFTPServer)
    portal = Portal(_Realm(home), [InMemoryUsernamePasswordDatabaseDontUse(**{USER: PASSWORD.encode()})])
    factory = SSHFactory()
    factory.portal = portal
    key = Key.fromFile(str(host_key))
    factory.privateKeys = {key.sshType(): key}
    factory.publicKeys = {key.sshType(): key.public()}
    reactor.listenTCP(port, factory, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
