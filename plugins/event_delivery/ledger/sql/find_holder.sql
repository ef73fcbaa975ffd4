select pid, held_at, expires_at
from event_delivery.held_delivery
where name = %(key)s
