insert into event_delivery.server_behaviour (destination, remote_folder, upload_mode, takes_files)
values (%(destination)s, %(remote_folder)s, %(upload_mode)s, false)
on conflict (destination, remote_folder) do update
set upload_mode = excluded.upload_mode, found_at = now()
