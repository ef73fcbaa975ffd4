"""Is a port that is called free one that nobody has?"""

from __future__ import annotations

import socket

from local_servers.free_port import find_free_port


def test_a_free_port_is_the_wanted_one_if_nobody_has_it() -> None:
    """A port in use is passed over."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert find_free_port(port) != port
    assert find_free_port(port) == port
