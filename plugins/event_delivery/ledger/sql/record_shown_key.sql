insert into event_delivery.host_key (host, port, public_key, state)
values (%(host)s, %(port)s, %(public_key)s, 'shown only')
on conflict (host, port, public_key) do update
set last_seen_at = now()
