select
  case when type.typnamespace = 'pg_catalog'::regnamespace then type.typname::text else '' end,
  case when type.typtype = 'p' then 'text' else format_type(type.oid, wanted.modifier) end
from unnest(%(oids)s::oid[], %(modifiers)s::int[]) with ordinality as wanted (oid, modifier, number)
inner join pg_type as type on wanted.oid = type.oid
order by wanted.number
