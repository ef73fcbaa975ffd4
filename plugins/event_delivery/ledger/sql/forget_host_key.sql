delete from event_delivery.host_key
where
  connection in (%(connection)s, '')
  and host = %(host)s
  and port = %(port)s
  and public_key = %(public_key)s
