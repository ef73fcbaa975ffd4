"""What is wrong, since when, and who is told of it, once at each end?

`kinds`      which kinds of incidents there are, and how grave each is
`findings`   what holds now, one finding for each cause
`reasons`    which one cause is behind a recorded reason
`deadline`   by when a night is promised
`nights`     nights that fail, are late or were given up
`lacking`    nights that nobody has begun, and missing days
`belonging`  to which incident a night belongs
`tonight`    what would fail tonight, as it was last looked over by day
`probe`      does the source answer?
`looking`    what is wrong now, by everything that can be asked
`lifecycle`  which incidents begin, go on and are over
`alerts`     the rules of include/alerts.yaml
`sender`     an Airflow notifier that they name, made and used
`heard`      who has heard of a night already, by another incident
`routing`    who is told, and from when on
`recording`  a pass in the ledger, in one transaction
`outage`     what is known of an outage of the ledger itself
`outage_alarm`  and how it is told
`words`      what is said of each kind
`message`    what a person reads
`telling`    messages are sent by Airflow's notifiers
`watch`      one pass of all that
`examples`   an incident of each kind, for the preview and the tests

`python -m event_delivery.incidents preview` prints every kind of message.
"""

from event_delivery.incidents.history import ToldIncident, open_incidents, recent_incidents
from event_delivery.incidents.outage import Memory
from event_delivery.incidents.watch import Surroundings, watch
from event_delivery.incidents.words import describe

__all__ = ["Memory", "Surroundings", "ToldIncident", "describe", "open_incidents", "recent_incidents", "watch"]
