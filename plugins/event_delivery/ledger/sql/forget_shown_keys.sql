delete from event_delivery.host_key
where
  connection in (%(connection)s, '')
  and host = %(host)s
  and port = %(port)s
  and state = 'shown only'
  and public_key not in (
    select public_key
    from event_delivery.host_key
    where connection in (%(connection)s, '') and host = %(host)s and port = %(port)s
    order by last_seen_at desc
    limit 10
  )
