"""Do the locks of the extras fit the ranges, production and one another?"""

from __future__ import annotations

import re
import shutil

import pytest

from tests import PROJECT
from tools.locks import EXTRAS, find_lock_problems


@pytest.fixture
def project(tmp_path):
    """A copy of what is locked."""
    for path in PROJECT.glob("requirements*"):
        shutil.copy(path, tmp_path)
    return tmp_path


def pin(project, lock, package, version):
    path = project / f"{lock}.lock"
    text, count = re.subn(rf"(?m)^{package}==\S+", f"{package}=={version}", path.read_text())
    assert count == 1
    path.write_text(text)


def test_all_locks_fit(project):
    """Ranges, production's versions and one another."""
    assert list(find_lock_problems(project)) == []


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_brings_productions_versions(project, extra):
    """What is tested with the default lock is what runs with an extra."""
    pin(project, extra, "asyncssh", "2.24.99")
    assert f"{extra}.lock: asyncssh: found 2.24.99, wanted" in "\n".join(find_lock_problems(project))


def test_extras_can_be_installed_together(project):
    """Two of them never want different versions of one package, the one that production has otherwise too."""
    pin(project, "requirements-celery", "python-dateutil", "2.8.2")
    problems = "\n".join(find_lock_problems(project))
    assert "requirements-celery.lock: python-dateutil: found 2.8.2, wanted 2.9.0.post0 as in" in problems


def test_a_range_that_an_extras_lock_does_not_fulfil_is_named(project):
    """As of the default locks: run `make lock`."""
    with (project / "requirements-s3.txt").open("a") as file:
        file.write("s3fs>=2099\n")
    assert "requirements-s3.lock: s3fs: found 2026.9.0, wanted >=2099" in "\n".join(find_lock_problems(project))
