insert into event_delivery.lock (name)
values ('host key ' || %(connection)s)
on conflict (name) do update
set name = excluded.name
