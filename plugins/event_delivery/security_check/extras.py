"""Which secrets stand in a Connection's extra under a name that Airflow does not mask?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from event_delivery.security_check.findings import Finding
from event_delivery.security_check.inventory import Inventory

_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-{5}|^PuTTY-User-Key-File")
_NAMED_SECRET = re.compile(r"pass|pwd|secret|credential|private|pkey|ssh_?key", re.IGNORECASE)
KEY_FILE = re.compile(r"key_?file(?!_dict)|identity", re.IGNORECASE)


def check_extras(inventory: Inventory) -> Iterator[Finding]:
    """Yield the options that show a secret, or that read one from the worker's disk."""
    from airflow._shared.secrets_masker import should_hide_value_for_key

    for connection in inventory.connections.values():
        for name, value in connection.extras.items():
            where = f"Connection {connection.id}, extra {name!r}"
            if KEY_FILE.search(name) and value and "passphrase" not in name.lower():
                yield Finding(
                    "medium", where, "it names a file of the worker, which upload refuses.",
                    "Put the key itself into the extra as private_key, and delete the file.",
                )  # fmt: skip
            elif is_secret(name, value) and not should_hide_value_for_key(name):
                yield Finding(
                    "high", where, "a secret under a name that Airflow does not mask: whoever may see Connections "
                    "reads it.", "Give it the name private_key or private_key_passphrase, and replace the secret.",
                )  # fmt: skip


def is_secret(name: str, value: object) -> bool:
    """Tell whether an option seems to hold a secret, by its name or by what it looks like."""
    if not isinstance(value, str) or not value.strip("* "):
        return False
    return bool(_KEY.search(value) or (_NAMED_SECRET.search(name) and not KEY_FILE.search(name)))
