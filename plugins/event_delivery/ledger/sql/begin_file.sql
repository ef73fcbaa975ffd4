insert into event_delivery.delivery_file as recorded (
  delivery_id, number, file_name, recipe, rows, bytes, sha256, sent_bytes, sent_sha256, state, replaces,
  id_digest
)
values (
  %(delivery_id)s, %(number)s, %(file_name)s, %(recipe)s, %(rows)s, %(bytes)s, %(sha256)s, %(bytes)s, %(sha256)s,
  'uploading', %(replaces)s, %(id_digest)s
)
on conflict (delivery_id, number) do update
set
  replaces = coalesce(excluded.replaces, recorded.replaces),
  recipe = excluded.recipe,
  rows = excluded.rows,
  bytes = excluded.bytes,
  sha256 = excluded.sha256,
  id_digest = excluded.id_digest,
  sent_bytes = excluded.sent_bytes,
  sent_sha256 = excluded.sent_sha256,
  delivered_at = case when recorded.state <> 'skipped' then recorded.delivered_at end,
  state = case when recorded.state = 'unconfirmed' and not %(sends_again)s then recorded.state else 'uploading' end,
  step = case when recorded.sha256 = excluded.sha256 and %(carries_on)s then recorded.step end
returning id
