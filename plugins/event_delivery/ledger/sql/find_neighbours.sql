select destination
from event_delivery.recipient
where
  destination <> %(destination)s
  and host = %(host)s
  and port = %(port)s
  and folder = %(folder)s
  and login = %(login)s
union
select known.destination
from event_delivery.server_behaviour as known
where
  known.destination <> %(destination)s
  and lower(known.remote_folder) = lower(%(remote_folder)s)
  and not exists (select from event_delivery.recipient where recipient.destination = known.destination)
order by destination
