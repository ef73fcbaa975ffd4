insert into event_delivery.recipient as known (destination, host, port, login, folder)
values (%(destination)s, %(host)s, %(port)s, %(login)s, %(folder)s)
on conflict (destination) do update
set
  host = excluded.host,
  port = excluded.port,
  login = excluded.login,
  folder = excluded.folder,
  recorded_at = now()
where
  (known.host, known.port, known.login, known.folder)
  is distinct from (excluded.host, excluded.port, excluded.login, excluded.folder)
