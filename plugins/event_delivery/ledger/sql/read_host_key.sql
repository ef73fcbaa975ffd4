select public_key
from event_delivery.host_key
where
  connection in (%(connection)s, '')
  and host = %(host)s
  and port = %(port)s
  and (state = 'confirmed' or (state = 'first contact, unconfirmed' and not %(confirmed_only)s))
order by connection desc
limit 1
