insert into event_delivery.lock (name)
values ('destination ' || %(destination)s || '/' || %(event)s)
on conflict (name) do update
set name = excluded.name
