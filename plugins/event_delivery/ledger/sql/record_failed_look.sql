insert into event_delivery.failed_look (destination, failed_at)
values (%(destination)s, %(failed_at)s)
on conflict (destination) do update
set failed_at = excluded.failed_at
