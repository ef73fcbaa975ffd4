"""Does Airflow mask, encrypt and sign as it can?"""

from __future__ import annotations

from collections.abc import Iterator

from event_delivery.security_check.findings import Finding
from event_delivery.security_check.inventory import Inventory

SHORTEST_SECRET = 16  # characters; Airflow's own generated ones have 24
_KNOWN_SECRETS = (
    "temporary_key",
    "secret_key",
    "changeme",
    "change_me",
    "airflow",
    "secret",
    "your_secret",
    "test",
)
_SIGNING = (("api", "secret_key"), ("api_auth", "jwt_secret"))
_FERNET = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"


def check_settings(inventory: Inventory) -> Iterator[Finding]:
    """Yield what Airflow's configuration leaves open."""
    yield from _check_switches()
    yield from _check_encryption(inventory)
    for section, name in _SIGNING:
        yield from _check_secret(section, name)


def _check_switches() -> Iterator[Finding]:
    from airflow.configuration import conf

    if not conf.getboolean("core", "hide_sensitive_var_conn_fields"):
        yield Finding(
            "high", "[core] hide_sensitive_var_conn_fields",
            "Airflow shows the secrets in Connections' extras, and in logs.", "Set it to True.",
        )  # fmt: skip
    if conf.get("api", "expose_config").lower() not in ("false", "0", "f"):
        yield Finding(
            "medium", "[api] expose_config", "Airflow shows its configuration to its users.", "Set it to False."
        )
    if conf.get("core", "auth_manager").endswith("SimpleAuthManager") and conf.getboolean(
        "core", "simple_auth_manager_all_admins"
    ):
        yield Finding(
            "high", "[core] simple_auth_manager_all_admins",
            "everybody who reaches Airflow is its administrator, without a password.", "Set it to False.",
        )  # fmt: skip


def _check_encryption(inventory: Inventory) -> Iterator[Finding]:
    from airflow.configuration import conf

    if not conf.get("core", "fernet_key", fallback=""):
        yield Finding(
            "high", "[core] fernet_key", "there is none: Connections are kept as plain text.",
            f"Make one ({_FERNET}), set it, then save each Connection again.",
        )  # fmt: skip
    for connection in inventory.connections.values():
        if connection.is_plain:
            yield Finding(
                "high", f"Connection {connection.id}", "Airflow's database keeps its secrets as plain text.",
                "Set [core] fernet_key, then save the Connection again.",
            )  # fmt: skip


def _check_secret(section: str, name: str) -> Iterator[Finding]:
    """Yield what is wrong with a secret that signs: with it anybody makes a session of anybody's."""
    from airflow.configuration import conf

    secret = conf.get(section, name, fallback="") or ""
    if name == "jwt_secret" and not secret and conf.get(section, "jwt_private_key_path", fallback=""):
        return
    where = f"[{section}] {name}"
    if len(secret) < SHORTEST_SECRET or secret.lower() in _KNOWN_SECRETS or len(set(secret)) < SHORTEST_SECRET / 2:
        yield Finding(
            "high", where, f"found a weak one, wanted at least {SHORTEST_SECRET} characters of pure chance.",
            "Set it for all of Airflow's processes alike, such as from: openssl rand -base64 48",
        )  # fmt: skip
