select upload_mode, takes_files
from event_delivery.server_behaviour
where destination = %(destination)s and remote_folder = %(remote_folder)s
