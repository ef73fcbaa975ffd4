insert into event_delivery.delivery_file as recorded (
  delivery_id, number, file_name, recipe, rows, bytes, sha256, state, id_digest, delivered_at, delivered_rows,
  delivered_id_digest, delivered_recipe
)
values (
  %(delivery_id)s, %(number)s, %(file_name)s, %(recipe)s, %(rows)s, %(bytes)s, %(sha256)s, 'skipped', %(id_digest)s,
  now(), %(rows)s, %(id_digest)s, %(recipe)s
)
on conflict (delivery_id, number) do update
set
  recipe = excluded.recipe,
  rows = excluded.rows,
  bytes = excluded.bytes,
  sha256 = excluded.sha256,
  state = 'skipped',
  step = null,
  remote_path = null,
  temporary_path = null,
  id_digest = excluded.id_digest,
  delivered_at = now(),
  delivered_rows = excluded.delivered_rows,
  delivered_id_digest = excluded.delivered_id_digest,
  delivered_recipe = excluded.delivered_recipe
