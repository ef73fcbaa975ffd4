select remote_folder, upload_mode, takes_files, found_at
from event_delivery.server_behaviour
where destination = %(destination)s
order by found_at desc
limit 1
