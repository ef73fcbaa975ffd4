"""Which server does an Airflow Connection mean, and how do we log in there?"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from event_delivery.destinations import Destination, is_host_key
from event_delivery.errors import PermanentError
from event_delivery.sftp.connection_fields import check_fields, read_folder
from event_delivery.sftp.credentials import Credentials, Offer, read_next_credentials

DEFAULT_PORT = 22
_USED_EXTRAS = {
    "host_key", "private_key", "private_key_passphrase",
    "next_password", "next_private_key", "next_private_key_passphrase",
}  # fmt: skip
# Options of Airflow's own SSH hook that only tune it: they mean nothing here and harm nobody.
_IGNORED_EXTRAS = {
    "timeout", "conn_timeout", "cmd_timeout", "banner_timeout", "auth_timeout", "keepalive_interval",
    "compress", "get_pty", "tcp_keepalive", "remote_host", "conn_retry_attempts",
}  # fmt: skip


@dataclass(frozen=True)
class Server:
    """A client's server; its repr shows no secret."""

    host: str
    port: int
    user: str
    folder: str
    host_keys: tuple[str, ...] = ()
    host_keys_from: Literal["", "yaml", "connection"] = ""
    connection_id: str = ""
    legacy_algorithms: bool = False
    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)
    next_credentials: Credentials | None = field(default=None, repr=False)
    offers: Offer = "current"

    @property
    def address(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"

    def path(self, name: str) -> str:
        """Return the remote path of a file."""
        return posixpath.join(self.folder, name)


def describe_server(connection: Any, destination: Destination) -> Server:
    """Return the server that an Airflow Connection and a destination name together.

    Nothing is changed on the way: user and password go out as they are stored, outer spaces too.

    Raises:
        PermanentError: the host, the user or any way to log in is missing, or an option is not allowed.
    """
    extras = _check_connection(connection)
    path = destination.path if destination.path is not None else read_folder(connection)
    server = _describe(connection, extras, _remote_folder(path), destination.legacy_algorithms)
    if destination.host_key:
        return replace(server, host_keys=destination.host_key, host_keys_from="yaml")
    return server


def _check_connection(connection: Any) -> Mapping[str, Any]:
    """Return the Connection's extras, when it has all that a login needs, and nothing that is not allowed."""
    name = connection.conn_id
    extras: Mapping[str, Any] = connection.extra_dejson
    _refuse_options(name, extras)
    check_fields(connection)
    if not (connection.password or extras.get("private_key")):
        raise PermanentError(f"Connection {name!r} has neither a password nor a private_key in its extra.")
    return extras


def _describe(connection: Any, extras: Mapping[str, Any], folder: str, legacy: bool) -> Server:
    host_keys = _host_keys(connection.conn_id, extras.get("host_key"))
    server = Server(
        connection_id=connection.conn_id,
        host=connection.host,
        port=connection.port or DEFAULT_PORT,
        user=connection.login,
        folder=folder,
        host_keys=host_keys,
        host_keys_from="connection" if host_keys else "",
        legacy_algorithms=legacy,
        password=connection.password or None,
        private_key=extras.get("private_key") or None,
        passphrase=extras.get("private_key_passphrase") or None,
    )
    return replace(
        server,
        next_credentials=read_next_credentials(
            extras, Credentials(server.password, server.private_key, server.passphrase)
        ),
    )


def offer_next(server: Server) -> Server:
    """Return a server that is offered what counts after the client has changed over."""
    after = server.next_credentials
    return replace(server, offers="next", **vars(after)) if after else server


def describe_jump_host(connection: Any) -> Server:
    """Return the jump host that an Airflow Connection names; its extra may hold the same options.

    Raises:
        PermanentError: the host, the user or any way to log in is missing, or an option is not allowed.
    """
    extras = _check_connection(connection)
    return _describe(connection, extras, "", False)


def _refuse_options(name: str, extras: Mapping[str, Any]) -> None:
    """Let no URL bring options in its query: they could read our files or switch off the host key check."""
    for option, value in extras.items():
        harmless = option in _USED_EXTRAS | _IGNORED_EXTRAS
        if not harmless and str(value).lower() not in ("", "none", "false"):
            raise PermanentError(
                f"Connection {name!r} has the option {option!r}, which is not allowed: "
                f"take it out of the URL's query or the extra (allowed: {', '.join(sorted(_USED_EXTRAS))})."
            )


def _host_keys(name: str, value: Any) -> tuple[str, ...]:
    keys = value if isinstance(value, list) else [value or ""]
    if any(not isinstance(key, str) or (key.strip() and not is_host_key(key.strip())) for key in keys):
        raise PermanentError(
            f"Connection {name!r}: host_key in its extra is neither 'ssh-ed25519 AAAA...' nor 'SHA256:...'."
        )
    return tuple(key.strip() for key in keys if key.strip())


def _remote_folder(path: str) -> str:
    """Return the folder as the server takes it: `/~/x` and `~/x` are relative to the login folder."""
    if path in ("~", "/~"):
        return ""
    for home in ("/~/", "~/"):
        if path.startswith(home):
            return path.removeprefix(home)
    return path
