create table if not exists event_delivery.server_behaviour (
  destination text not null,
  place text not null,
  upload_mode text not null check (upload_mode in ('rename', 'direct')),
  takes_files boolean not null,
  found_at timestamptz not null default now(),
  primary key (destination, place)
)
