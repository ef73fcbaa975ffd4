select public_key, state, first_seen_at, last_seen_at
from event_delivery.host_key
where host = %(host)s and port = %(port)s
order by state = 'shown only', last_seen_at desc, public_key
limit 10
