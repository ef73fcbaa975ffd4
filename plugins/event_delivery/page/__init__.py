"""Did every client get every night's file? The Deliveries page, within Airflow's API server.

`sources`  what the ledger and Airflow's own database know, in a fixed number of queries
`answers`  what follows from that, as the page and scripts get it
`http`     who may ask, what is answered, and how the page acts
`assets`   the page itself, as the browser gets it

`python -m event_delivery.page` is its command line.
"""

from event_delivery.page.http.mounted import DeliveriesPage

__all__ = ["DeliveriesPage"]
