insert into event_delivery.host_key (host, port, public_key)
values (%(host)s, %(port)s, %(public_key)s)
on conflict (host, port) do nothing
