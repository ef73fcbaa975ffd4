select file.temporary_path
from event_delivery.delivery_file as file
where
  file.delivery_id = %(delivery_id)s
  and file.server = %(server)s
  and file.remote_path <> %(remote_path)s
  and (
    (file.temporary_path <> file.remote_path and file.step is distinct from 'delivered')
    or (  -- half of it, written directly
      file.temporary_path = file.remote_path
      and file.id <> %(file_id)s
      and file.step = 'sending'
      and file.delivered_sha256 is null
    )
  )
union
select companion.temporary_path
from event_delivery.delivery_companion as companion
where
  companion.delivery_id = %(delivery_id)s
  and companion.server = %(server)s
  and companion.temporary_path <> companion.remote_path
  and companion.step <> 'delivered'
order by temporary_path
