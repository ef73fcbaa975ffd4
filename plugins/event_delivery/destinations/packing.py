"""How is a file packed on its way to a client?"""

from __future__ import annotations

from typing import Literal

Compression = Literal["none", "gzip", "zip"]
COMPRESSED_ENDINGS = {"none": "", "gzip": ".gz", "zip": ".zip"}
