"""Where does this instance keep secrets and rights less safely than it could?

`findings`          what a finding says
`inventory`         the destinations, and the Connections that they use
`airflow_settings`  what Airflow masks, encrypts and signs with
`extras`            secrets under names that Airflow does not mask
`audit_log`         secrets that a command line has left in Airflow's audit log
`credentials`       short passwords, weak keys
`server_keys`       servers that are not known by a strong key
`bindings`          Connections that are missing, of another type, or several clients'
`rights`            folders that others may write or read
`database_roles`    database logins that may do more than they need
`check`             all of it

`python -m event_delivery.security_check` prints it. No finding holds a secret, and nothing is changed.
"""

from event_delivery.security_check.check import check_security
from event_delivery.security_check.findings import Finding

__all__ = ["Finding", "check_security"]
