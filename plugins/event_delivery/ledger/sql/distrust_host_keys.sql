update event_delivery.host_key
set state = 'shown only'
where
  connection = %(connection)s
  and host = %(host)s
  and port = %(port)s
  and public_key <> %(public_key)s
  and state <> 'shown only'
