"""Which settings does an Airflow of one's own run with, and where are its secrets?"""

import base64
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from local_servers.secret_files import keep_secrets, make_password, write_secret

PROJECT = Path(__file__).resolve().parent.parent
ADMIN = "admin"


def make_environment(
    folder: Path, database: str, port: int, dags: Path, plugins: Path, extra: Mapping[str, str]
) -> dict[str, str]:
    """Return the whole environment of the processes; settings of the caller's own Airflow are left out.

    Args:
        folder: AIRFLOW_HOME; the secrets are made there once.
        database: the SQLAlchemy URI of the metadata database.
        port: of the API server, on 127.0.0.1.
        dags: the DAG folder.
        plugins: the plugins folder.
        extra: more variables, which win over all others.
    """
    return {**_inherited(), **_paths(folder, dags, plugins), **_settings(folder, database, port), **extra}


def read_secrets(folder: Path) -> dict[str, str]:
    """Return the secrets of an Airflow folder, made on first use: `admin_password`, `fernet_key`, ..."""
    makers = {
        "admin_password": make_password,
        "fernet_key": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "jwt_secret": lambda: secrets.token_urlsafe(64),
        "api_secret": lambda: secrets.token_urlsafe(32),
    }
    return keep_secrets(folder / "secrets.json", makers)


def _inherited() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "_AIRFLOW"))}
    no_proxy = ",".join(filter(None, [kept.get("NO_PROXY"), kept.get("no_proxy"), "127.0.0.1,localhost"]))
    return {**kept, "NO_PROXY": no_proxy, "no_proxy": no_proxy}


def _paths(folder: Path, dags: Path, plugins: Path) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
        "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": str(PROJECT / "config"),
        "PYTHONUNBUFFERED": "1",
    }


def _settings(folder: Path, database: str, port: int) -> dict[str, str]:
    url = f"http://127.0.0.1:{port}"
    settings = {
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "8",
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{ADMIN}:admin",
        "API__BASE_URL": url,
        "API__WORKERS": "1",
        "DATABASE__SQL_ALCHEMY_CONN": database,
        "DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "DAG_PROCESSOR__PRINT_STATS_INTERVAL": "300",
        "SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
        **_secret_settings(folder),
    }
    return {f"AIRFLOW__{name}": value for name, value in settings.items()}


def _secret_settings(folder: Path) -> dict[str, str]:
    kept = read_secrets(folder)
    passwords = folder / "passwords.json"
    write_secret(passwords, f'{{"{ADMIN}": "{kept["admin_password"]}"}}')
    return {
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "CORE__FERNET_KEY": kept["fernet_key"],
        "API_AUTH__JWT_SECRET": kept["jwt_secret"],
        "API__SECRET_KEY": kept["api_secret"],
    }
