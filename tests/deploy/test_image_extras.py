"""Which packages does the image get, by its argument EXTRAS?"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests import PROJECT

DOCKERFILE = (PROJECT / "Dockerfile").read_text()
UV = """#!/bin/sh
printf '%s\\n' "$@" > "$UV_WAS_TOLD"
"""


def install(room: Path, *extras: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Let the image's script call a uv that only writes down what it was told; what is to be installed is real."""
    (room / "uv").write_text(UV)
    (room / "uv").chmod(0o755)
    locks = room / "locks"
    locks.mkdir()
    for path in (*PROJECT.glob("requirements*.lock"), PROJECT / "image/install_packages.sh"):
        (locks / path.name).symlink_to(path)
    told = room / "told"
    environment = {**os.environ, "PATH": f"{room}:{os.environ['PATH']}", "UV_WAS_TOLD": str(told)}
    environment["INSTALLED"] = str(room / "installed")
    command = ["bash", str(locks / "install_packages.sh"), *extras]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    return done, told.read_text().split() if told.exists() else []


@pytest.mark.parametrize(
    "extras, locks",
    [
        ("", ["requirements.lock"]),
        ("s3", ["requirements-s3.lock"]),
        ("s3 celery", ["requirements-s3.lock", "requirements-celery.lock"]),
        ("kubernetes s3", ["requirements-kubernetes.lock", "requirements-s3.lock"]),
    ],
)
def test_the_image_installs_the_locks_of_its_extras(tmp_path, extras, locks):
    """With hashes, in the place of the plain lock, and it keeps what it was installed from."""
    done, told = install(tmp_path, extras)
    assert done.returncode == 0, done.stderr
    assert told == ["pip", "sync", "--no-cache", "--require-hashes", "--compile-bytecode", *locks]
    assert {path.name for path in (tmp_path / "installed").iterdir()} == set(locks)


@pytest.mark.parametrize("extras", ["selery", "s3,celery", "dev", "s3 ../x", "cluster"])
def test_an_unknown_extra_is_named_and_nothing_is_installed(tmp_path, extras):
    """The build ends with a sentence that says which there are, not with an image that lacks something."""
    done, told = install(tmp_path, extras)
    assert done.returncode == 1
    assert re.match(r'EXTRAS: there is no lock for "\S+", wanted some of: s3 celery kubernetes\.', done.stderr)
    assert told == []


def test_the_build_may_read_what_it_copies():
    """`.dockerignore` leaves out all that it does not name: what is copied is named there, and exists."""
    let_in = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    sources: set[str] = set()
    for words in re.findall(r"^COPY (?!--from)((?:[^\\\n]|\\\n)+)", DOCKERFILE, re.MULTILINE):
        sources.update(words.replace("\\\n", " ").split()[:-1])
    assert sources == let_in
    assert [name for name in sources if not (PROJECT / name).exists()] == []


def test_no_extra_is_the_default():
    """Whoever builds without an argument gets what was built before there was one."""
    assert re.findall(r"^ARG EXTRAS=(.*)$", DOCKERFILE, re.MULTILINE) == ['""']
    assert '"${EXTRAS}"' in DOCKERFILE
