insert into event_delivery.lock (name)
values ('host ' || %(host)s)
on conflict (name) do update
set name = excluded.name
