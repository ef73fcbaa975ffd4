select public_key
from event_delivery.host_key
where host = %(host)s and port = %(port)s
