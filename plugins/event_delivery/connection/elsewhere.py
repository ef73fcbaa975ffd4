"""Does Airflow have a Connection from another place than its database?"""

from __future__ import annotations


def lies_elsewhere(connection_id: str) -> bool:
    """Tell whether a secrets backend or the environment has the Connection: Airflow asks these first."""
    from airflow.configuration import ensure_secrets_loaded
    from airflow.secrets.metastore import MetastoreBackend

    others = (each for each in ensure_secrets_loaded() if not isinstance(each, MetastoreBackend))
    return any(each.get_connection(conn_id=connection_id) for each in others)
