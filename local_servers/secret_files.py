"""Where are passwords and keys kept, readable by their owner alone?"""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    partial.rename(path)


def keep_secrets(path: Path, makers: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    """Read the secrets of a JSON file, making and keeping those that are not in it yet."""
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = {name: make() for name, make in makers.items() if name not in kept}
    if missing:
        write_secret(path, json.dumps({**kept, **missing}, indent=1))
    return {**kept, **missing}


def make_password() -> str:
    """Make a password that can be typed."""
    return secrets.token_urlsafe(12)
