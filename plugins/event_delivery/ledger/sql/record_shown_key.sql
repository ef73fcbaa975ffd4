insert into event_delivery.host_key (connection, host, port, public_key, state)
values (%(connection)s, %(host)s, %(port)s, %(public_key)s, 'shown only')
on conflict (connection, host, port, public_key) do update
set last_seen_at = now()
