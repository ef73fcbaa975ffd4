"""What is a file called on a client's server while it is not yet whole?"""

from __future__ import annotations

import posixpath

from pydantic import BaseModel, ConfigDict, Field, StrictStr

_PART = r"^[^/\\:*?\"<>|\x00-\x1f\x7f]*$"  # what Windows servers refuse in a name is refused here for all
_FOLDER = r"^[^\\*?\"<>|\x00-\x1f\x7f]*$"


class TemporaryName(BaseModel):
    """How the temporary name differs from the final one; parts that are not given stay empty.

    Without any: a dot before and `.<attempt>.part` behind the name, which most pick-up robots leave alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    prefix: StrictStr = Field("", max_length=50, pattern=_PART)
    suffix: StrictStr = Field("", max_length=50, pattern=_PART)
    folder: StrictStr = Field("", max_length=500, pattern=_FOLDER)

    def path(self, remote_path: str, attempt: int) -> str:
        """Return the remote name that belongs to one delivery and one attempt of it.

        The attempt stands before the suffix; without a suffix before the name, so that its extension stays.
        """
        folder, name = posixpath.split(remote_path)
        numbered = f"{name}.{attempt}{self.suffix}" if self.suffix else f"{attempt}.{name}"
        return posixpath.join(folder, self.folder, self.prefix + numbered)


DEFAULT_TEMPORARY_NAME = TemporaryName(prefix=".", suffix=".part")
