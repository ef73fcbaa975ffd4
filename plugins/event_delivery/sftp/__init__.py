"""How do we talk to a client's SFTP server? Knows neither the ledger nor Airflow.

`connection_fields`  is what a Connection says fit for a login, a command line, a log?
`server`      which server a Connection means, and how to log in there
`route`       the way there: source address, jump host, proxy; every address of a host (`name_look_up`)
`host_key`    which host keys count
`options`     which ciphers and ways to log in are offered
`login`       what goes out to log in, and when
`connecting`  one connection coming about
`shown_keys`  which keys a server shows without a login
`session`     connected, logged in, within the time limit
`sending`     bytes on their way, each acknowledged (`blocks`: which are left; `lanes`: on several channels)
`sight`       what one can see of a file
`files`       what can be seen and done of the files there, however servers differ
`replacing`   a whole file gets its final name
`replies`     which of a server's answers mean the same
`explain`     where a server's error becomes a sentence
`refusals`    the same while no session came about
"""

from event_delivery.sftp.files import RemoteFiles
from event_delivery.sftp.known_keys import KnownKeys, ShownKey
from event_delivery.sftp.route import Route, read_route
from event_delivery.sftp.server import Server, describe_jump_host, describe_server, offer_next
from event_delivery.sftp.session import Session, open_session
from event_delivery.sftp.sight import Content, Sight, Size

__all__ = [
    "Content",
    "KnownKeys",
    "RemoteFiles",
    "Route",
    "Server",
    "Session",
    "ShownKey",
    "Sight",
    "Size",
    "describe_jump_host",
    "describe_server",
    "offer_next",
    "open_session",
    "read_route",
]
