insert into event_delivery.host_key (host, port, public_key, state)
values (%(host)s, %(port)s, %(public_key)s, %(state)s)
on conflict (host, port, public_key) do update
set state = excluded.state, last_seen_at = now()
where host_key.state <> excluded.state
