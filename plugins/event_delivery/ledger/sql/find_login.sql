select destination
from event_delivery.recipient
where host = %(host)s and port = %(port)s and login = %(login)s
order by destination
limit 1
