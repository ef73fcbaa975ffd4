insert into event_delivery.login (connection, offered, worked)
values (%(connection)s, %(offered)s, %(worked)s)
on conflict (connection) do update
set offered = excluded.offered, worked = excluded.worked, tried_at = now()
