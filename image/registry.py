"""Which settings and files of this machine does a build need to reach the package registry?

`pip config list | python image/registry.py FOLDER` writes pip.conf and uv.toml into the folder, and prints
the volumes that give them, the folders they name and the certificates to the build, one a line.
"""

import ast
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
LISTS = ("extra-index-url", "find-links", "trusted-host")
UV_NAMES = {"trusted-host": "allow-insecure-host"}


def read_settings(lines: Iterable[str]) -> dict[str, str]:
    """Return what `pip config list` printed, by name: the environment wins over files."""
    sections: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for line in lines:
        key, _, value = line.strip().partition("=")
        section, _, name = key.rpartition(".")
        sections[section][name] = str(ast.literal_eval(value))
    return sections["global"] | sections["install"] | sections[":env:"]


def find_certificates(settings: dict[str, str]) -> str | None:
    """Return the machine's own bundle of certificate authorities, if it names one."""
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    return settings.get("cert") or next((os.environ[name] for name in names if os.environ.get(name)), None)


def format_pip(settings: dict[str, str]) -> str:
    """Return a pip.conf with the settings that say where packages come from."""
    names = ("index-url", *LISTS, "no-index")
    lines = [f"{name} = {settings[name]}" for name in names if name in settings]
    return "\n".join(["[global]", *lines, f"cert = {CERTIFICATES}", ""])


def format_uv(settings: dict[str, str]) -> str:
    """Return a uv.toml that says the same: like pip, uv then takes the best version of all indexes."""
    lines = ['index-strategy = "unsafe-best-match"']
    if "index-url" in settings:
        lines.append(f"index-url = {json.dumps(settings['index-url'])}")
    if settings.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        lines.append("no-index = true")
    for name in filter(settings.__contains__, LISTS):
        lines.append(f"{UV_NAMES.get(name, name)} = {json.dumps(settings[name].split())}")
    return "\n".join([*lines, ""])


def find_folders(settings: dict[str, str]) -> Iterator[Path]:
    """Yield the local folders that the settings name; an index also refers to its siblings."""
    for name in ("index-url", "extra-index-url", "find-links"):
        for word in settings.get(name, "").split():
            path = Path(urlsplit(word).path)
            if urlsplit(word).scheme in {"", "file"} and path.is_dir():
                yield path if name == "find-links" else path.parent


def list_volumes(settings: dict[str, str], folder: Path) -> Iterator[str]:
    """Yield read-only volumes for settings, folders and certificates."""
    yield f"{folder / 'pip.conf'}:/etc/pip.conf:ro"
    yield f"{folder / 'uv.toml'}:/etc/uv/uv.toml:ro"
    yield from sorted({f"{path}:{path}:ro" for path in find_folders(settings)})
    if certificates := find_certificates(settings):
        yield f"{Path(certificates).resolve()}:{CERTIFICATES}:ro"


if __name__ == "__main__":
    room = Path(sys.argv[1]).resolve()
    found = read_settings(sys.stdin)
    (room / "pip.conf").write_text(format_pip(found))
    (room / "uv.toml").write_text(format_uv(found))
    sys.stdout.writelines(f"{volume}\n" for volume in list_volumes(found, room))
