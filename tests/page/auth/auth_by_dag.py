"""An auth manager of a real Airflow that gives rights by DAG: `acme_only` may do all with acme's, nothing else."""

from __future__ import annotations

from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager


class AuthByDag(SimpleAuthManager):
    """Airflow's simple one, but for one user."""

    def is_authorized_dag(self, *, method, user, access_entity=None, details=None):
        """Tell whether the user may."""
        if user.username == "acme_only" and details and details.id and not details.id.endswith("__acme"):
            return False
        return super().is_authorized_dag(method=method, user=user, access_entity=access_entity, details=details)
