create table if not exists event_delivery.host_key (
  host text not null,
  port integer not null,
  public_key text not null,
  first_seen_at timestamptz not null default now(),
  primary key (host, port)
)
