insert into event_delivery.lock (name)
values ('incidents')
on conflict (name) do update
set name = excluded.name
