insert into event_delivery.instance (name, rehearsal, system_identifier, database_oid)
values (%(name)s, %(rehearsal)s, %(system_identifier)s, %(database_oid)s)
on conflict (id) do update
set
  name = excluded.name,
  rehearsal = excluded.rehearsal,
  system_identifier = excluded.system_identifier,
  database_oid = excluded.database_oid,
  claimed_at = now()
