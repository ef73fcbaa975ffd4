-- A number of an advisory lock can be taken by whoever may connect to the database; a row needs a right to this table.
create table event_delivery.lock (
  name text primary key
);

-- Which database session holds a delivery while it uploads. One that has ended holds nothing, whatever stands here.
create table event_delivery.held_delivery (
  name text primary key,
  pid integer not null,
  role oid not null,
  backend_start timestamptz not null,
  held_at timestamptz not null default now()
);
