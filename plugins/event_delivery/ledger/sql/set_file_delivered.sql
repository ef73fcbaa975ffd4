update event_delivery.delivery_file as file
set
  state = 'delivered', step = 'delivered', delivered_at = coalesce(%(delivered_at)s::timestamptz, now()),
  remote_path = %(remote_path)s,
  delivered_rows = file.rows, delivered_sha256 = file.sha256, delivered_id_digest = file.id_digest,
  delivered_recipe = file.recipe
from event_delivery.delivery_record as recorded
where
  file.id = %(file_id)s
  and recorded.id = file.delivery_id
  and recorded.attempts = %(attempt)s
