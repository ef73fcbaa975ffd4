insert into event_delivery.delivery_companion as companion (
  delivery_id, beside, name, sha256, step, server, remote_path, temporary_path, file_name, part, bytes
)
select
  recorded.id, %(beside)s, %(name)s, %(sha256)s, %(step)s, %(server)s, %(remote_path)s, %(temporary_path)s,
  %(file_name)s, %(part)s, %(bytes)s
from event_delivery.delivery_record as recorded
where recorded.id = %(delivery_id)s and recorded.attempts = %(attempt)s
on conflict (delivery_id, server, remote_path) do update set
  name = excluded.name,
  beside = excluded.beside,
  sha256 = excluded.sha256,
  step = excluded.step,
  temporary_path = excluded.temporary_path,
  file_name = excluded.file_name,
  part = excluded.part,
  bytes = excluded.bytes,
  recorded_at = now()
