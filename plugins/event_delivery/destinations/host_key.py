"""Is a text a host key, or its fingerprint, as a client names it?"""

from __future__ import annotations

import base64
import re

_HOST_KEY = re.compile(r"(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}( .*)?|SHA256:[A-Za-z0-9+/]{43}")


def is_host_key(text: str) -> bool:
    """Tell whether a text is a fingerprint, or a public key of the kind that it says."""
    if not _HOST_KEY.fullmatch(text):
        return False
    kind, _, rest = text.partition(" ")
    try:
        blob = base64.b64decode(rest.partition(" ")[0], validate=True)
    except ValueError:
        return False
    return kind.startswith("SHA256:") or blob[4:].startswith(kind.encode())
