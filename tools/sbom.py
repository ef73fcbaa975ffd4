"""Which packages does the image hold, as a bill of materials in CycloneDX 1.6 (JSON)?

`python -m tools.sbom FILE` writes that of requirements.lock: each package with the hashes that installing checks,
and which one needs it. The same lock makes the same bytes. The base image's own packages are not in it.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.locks import ROOT, RUNTIME, read_entries, version_of

_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"^    #(?: via)? {1,3}(\S.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    """One pin of the lock; `wanted_by` are names of packages, none where a range of ours asks for it."""

    pin: Requirement
    hashes: tuple[str, ...]
    wanted_by: tuple[str, ...]

    @property
    def name(self) -> str:
        """The normalized name."""
        return canonicalize_name(self.pin.name)

    @property
    def purl(self) -> str:
        """The package URL (https://github.com/package-url/purl-spec), the package's id in the bill."""
        return f"pkg:pypi/{self.name}@{quote(version_of(self.pin), safe='')}"


def read_packages(lock: Path) -> Iterator[Package]:
    """Yield the packages of a lock as `uv pip compile` writes it."""
    for pin, rest in read_entries(lock):
        wanted_by = [name for name in _VIA.findall(rest) if name != "via"]
        yield Package(pin, tuple(_HASH.findall(rest)), tuple(wanted_by))


def make_bill(root: Path) -> dict[str, Any]:
    """Return the bill of materials of the project in a folder."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    lock = root / f"{RUNTIME}.lock"
    packages = sorted(read_packages(lock), key=lambda package: package.purl)
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    subject = {"name": project["name"], "version": project["version"], "description": project["description"]}
    ref = f"{project['name']}@{project['version']}"
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, f"{ref}#{digest}").urn,
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": ref, **subject}},
        "components": [_describe(package) for package in packages],
        "dependencies": list(_list_dependencies(packages, ref)),
    }


def _describe(package: Package) -> dict[str, Any]:
    """Return a component; one that only some platforms install is `optional`, with its marker as pip reads it."""
    hashes = [{"alg": "SHA-256", "content": content} for content in package.hashes]
    described: dict[str, Any] = {
        "type": "library",
        "bom-ref": package.purl,
        "name": package.name,
        "version": version_of(package.pin),
        "scope": "optional" if package.pin.marker else "required",
        "purl": package.purl,
        "externalReferences": [
            {"type": "distribution", "url": f"https://pypi.org/simple/{package.name}/", "hashes": hashes}
        ],
    }
    if package.pin.marker:
        described["properties"] = [{"name": "python:marker", "value": str(package.pin.marker)}]
    return described


def _list_dependencies(packages: list[Package], subject: str) -> Iterator[dict[str, Any]]:
    """Yield what each one needs; a pin that differs by platform stands once for each."""
    refs = defaultdict(list)
    for package in packages:
        refs[package.name].append(package.purl)
    needs: defaultdict[str, list[str]] = defaultdict(list)
    for package in packages:
        for name in package.wanted_by:
            for ref in [subject] if name.startswith("-r ") else refs[canonicalize_name(name)]:
                needs[ref].append(package.purl)
    for ref in [subject, *(package.purl for package in packages)]:
        yield {"ref": ref, "dependsOn": needs[ref]}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(make_bill(ROOT), indent=2) + "\n", encoding="utf-8")
