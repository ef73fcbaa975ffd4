insert into event_delivery.held_delivery as held (name, pid, role, backend_start, holder, expires_at)
select
  %(key)s, own.pid, own.usesysid, own.backend_start, %(holder)s,
  case when own.pid <> %(client)s then clock_timestamp() + %(seconds)s * interval '1 second' end -- behind a pooler
from pg_stat_activity as own
where own.pid = pg_backend_pid()
on conflict (name) do update
set
  pid = excluded.pid,
  role = excluded.role,
  backend_start = excluded.backend_start,
  held_at = now(),
  holder = excluded.holder,
  expires_at = excluded.expires_at
where
  held.holder = excluded.holder
  or held.expires_at <= clock_timestamp()
  or held.expires_at is null and not exists (
    select from pg_stat_activity as holder
    where
      holder.pid = held.pid
      and holder.usesysid = held.role -- else whoever may connect holds it, by connecting until it has this pid
      and holder.pid <> pg_backend_pid()
      and coalesce(holder.backend_start = held.backend_start, true) -- another role may not see when it began
  )
returning true
