"""How does a login get into Airflow without passing where others read it?

`url`        what is wrong with how a client's URL is written (`url_character`: with one character)
`given`      what a person or a program hands over, by standard input
`kept`       found and changed in Airflow's database, on the record
`storing`    checked, and stored as `airflow connections add` does
`elsewhere`  does Airflow have it from another place than its database?

`python -m event_delivery.connection add sftp_acme` reads a URL or JSON from standard input.
"""

from event_delivery.connection.elsewhere import lies_elsewhere
from event_delivery.connection.storing import Stored, store_connection

__all__ = ["Stored", "lies_elsewhere", "store_connection"]
