insert into event_delivery.server_behaviour (destination, place, upload_mode, takes_files)
values (%(destination)s, %(place)s, %(upload_mode)s, %(takes_files)s)
on conflict (destination, place) do update
set upload_mode = excluded.upload_mode, takes_files = excluded.takes_files, found_at = now()
