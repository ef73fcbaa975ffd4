insert into event_delivery.delivery_companion as companion (
  delivery_id, beside, name, sha256, step, server, remote_path, temporary_path
)
select
  recorded.id, %(beside)s, %(name)s, %(sha256)s, %(step)s, %(server)s, %(remote_path)s, %(temporary_path)s
from event_delivery.delivery_record as recorded
where recorded.id = %(delivery_id)s and recorded.attempts = %(attempt)s
on conflict (delivery_id, name) do update set
  beside = excluded.beside,
  sha256 = excluded.sha256,
  step = excluded.step,
  server = excluded.server,
  remote_path = excluded.remote_path,
  temporary_path = excluded.temporary_path,
  recorded_at = now()
