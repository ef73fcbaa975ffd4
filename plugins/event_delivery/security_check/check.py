"""What is less safe here than it could be?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from event_delivery.errors import describe_reason
from event_delivery.security_check.airflow_settings import check_settings
from event_delivery.security_check.audit_log import check_audit_log
from event_delivery.security_check.bindings import check_bindings
from event_delivery.security_check.credentials import check_credentials
from event_delivery.security_check.database_roles import check_ledger_role, check_source_role
from event_delivery.security_check.extras import check_extras
from event_delivery.security_check.findings import Finding, order_findings
from event_delivery.security_check.inventory import take_inventory
from event_delivery.security_check.rights import check_rights
from event_delivery.security_check.server_keys import check_first_contacts, check_server_keys

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Check = Callable[[], Iterable[Finding]]


def check_security(session: Session) -> list[Finding]:
    """Return all findings, the worst first; `session` is one of Airflow's database. Changes nothing.

    What cannot be looked at is a finding of its own: silence would read as safety.
    """
    inventory = take_inventory(session)
    checks: dict[str, Check] = {
        "Airflow's settings": partial(check_settings, inventory),
        "Airflow's audit log": partial(check_audit_log, session),
        "the Connections' extras": partial(check_extras, inventory),
        "passwords and keys": partial(check_credentials, inventory),
        "the servers' keys": partial(check_server_keys, inventory),
        "first contacts": partial(check_first_contacts, inventory),
        "the destinations' Connections": partial(check_bindings, inventory),
        "the rights of files": check_rights,
        "the role of events_db": check_source_role,
        "the role of the ledger": check_ledger_role,
    }
    return order_findings(finding for name, check in checks.items() for finding in _run(name, check))


def _run(name: str, check: Check) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:  # one that fails must not hide what the others find
        return [
            Finding(
                "low", name, f"could not be checked: {describe_reason(error, 0)}", "Mend it, then check again."
            )
        ]
