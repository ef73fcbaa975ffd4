insert into event_delivery.verification as verified (file_id, delivered_at, found, as_sent)
select file.id, file.delivered_at, %(found)s, %(as_sent)s
from event_delivery.delivery_file as file
where file.id = %(file_id)s and file.state = 'delivered' and file.delivered_at = %(delivered_at)s
on conflict (file_id) do update
set
  delivered_at = excluded.delivered_at,
  verified_at = excluded.verified_at,
  found = excluded.found,
  as_sent = excluded.as_sent
returning verified.file_id
