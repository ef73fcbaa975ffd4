insert into event_delivery.held_delivery as held (name, pid, role, backend_start)
select %(key)s, own.pid, own.usesysid, own.backend_start
from pg_stat_activity as own
where own.pid = pg_backend_pid()
on conflict (name) do update
set pid = excluded.pid, role = excluded.role, backend_start = excluded.backend_start, held_at = now()
where not exists (
  select from pg_stat_activity as holder
  where
    holder.pid = held.pid
    and holder.usesysid = held.role -- else whoever may connect holds it, by connecting until it has this pid
    and holder.pid <> pg_backend_pid()
    and coalesce(holder.backend_start = held.backend_start, true) -- another role may not see when it began
)
returning true
