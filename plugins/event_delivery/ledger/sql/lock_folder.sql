insert into event_delivery.lock (name)
values ('folder ' || %(host)s || '/' || %(port)s || '/' || %(folder)s)
on conflict (name) do update
set name = excluded.name
