insert into event_delivery.failed_look (connection, failed_at)
values (%(connection)s, %(failed_at)s)
on conflict (connection) do update
set failed_at = excluded.failed_at
