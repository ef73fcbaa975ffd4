select count(*) as replaced
from pg_locks as held
left join pg_class as seen on held.relation = seen.oid
where
  held.pid = pg_backend_pid()
  and held.locktype = 'relation'
  and held.database <> 0
  and (
    seen.oid is null
    or (seen.relfilenode <> 0 and seen.relfilenode is distinct from pg_relation_filenode(seen.oid))
  )
