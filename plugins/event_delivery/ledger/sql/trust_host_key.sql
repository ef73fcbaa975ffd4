insert into event_delivery.host_key (connection, host, port, public_key, state)
values (%(connection)s, %(host)s, %(port)s, %(public_key)s, %(state)s)
on conflict (connection, host, port, public_key) do update
set state = excluded.state, last_seen_at = now()
where host_key.state <> excluded.state
