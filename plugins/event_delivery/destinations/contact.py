"""To which e-mail address is a client told what it has to know?"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator

_LONGEST = 254  # RFC 5321, 4.5.3.1.3, less the brackets
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")


def _contact(value: object) -> object:
    if not isinstance(value, str) or len(value) > _LONGEST or not _ADDRESS.fullmatch(value):
        raise ValueError("wanted one e-mail address, such as it@acme.example")
    return value


Contact = Annotated[str, BeforeValidator(_contact)]
