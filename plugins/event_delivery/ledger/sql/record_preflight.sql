insert into event_delivery.preflight as before (looked_at, destinations)
values (%(looked_at)s, %(destinations)s)
on conflict (id) do update
set looked_at = excluded.looked_at, destinations = excluded.destinations
where before.looked_at <= excluded.looked_at
returning looked_at
