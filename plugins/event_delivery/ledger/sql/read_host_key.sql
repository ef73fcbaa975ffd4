select public_key, first_seen_at
from event_delivery.host_key
where host = %(host)s and port = %(port)s
