"""Which machine does this process run on? For `[core] hostname_callable`: all machines here have one name."""

import os
import socket

VARIABLE = "CLUSTER_MACHINE"


def read_machine() -> str:
    """Return the name that `CLUSTER_MACHINE` gives to this machine, else the computer's."""
    return os.environ.get(VARIABLE) or socket.gethostname()
