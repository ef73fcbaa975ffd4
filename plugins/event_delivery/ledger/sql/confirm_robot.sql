insert into event_delivery.server_behaviour (destination, remote_folder, upload_mode, takes_files)
values (%(destination)s, %(remote_folder)s, 'rename', true)
on conflict (destination, remote_folder) do update
set takes_files = true, found_at = now()
