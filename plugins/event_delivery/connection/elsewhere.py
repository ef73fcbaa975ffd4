"""Does Airflow have a Connection from another place than its database?"""

from __future__ import annotations

from typing import Any


def lies_elsewhere(connection_id: str) -> bool:
    """Tell whether a secrets backend or the environment has the Connection: Airflow asks these first."""
    return ask_elsewhere(connection_id) is not None


def ask_elsewhere(connection_id: str) -> Any:
    """Return the Connection that a secrets backend or the environment has, None where they have none."""
    from airflow.configuration import ensure_secrets_loaded
    from airflow.secrets.metastore import MetastoreBackend

    backends = (each for each in ensure_secrets_loaded() if not isinstance(each, MetastoreBackend))
    return next((found for each in backends if (found := each.get_connection(conn_id=connection_id))), None)
