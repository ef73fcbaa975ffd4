create table if not exists event_delivery.schema_version (
  version integer primary key,
  name text not null,
  applied_at timestamptz not null default now()
)
