insert into event_delivery.host_key (host, port, public_key)
values (%(host)s, %(port)s, %(public_key)s)
on conflict (host, port) do update
set public_key = excluded.public_key, first_seen_at = now()
