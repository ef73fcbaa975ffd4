"""Which port of this machine is free?"""

import socket

from local_servers.processes import ServerError


def find_free_port(wanted: int = 0) -> int:
    """Return a port of 127.0.0.1 that nobody listens on: the wanted one if it is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            free: int = probe.getsockname()[1]
            return free
    raise ServerError("127.0.0.1 has no free port")
