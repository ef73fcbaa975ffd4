-- Which destinations a look was at, and whose server each has (`-`: not known): what was fine is told by name, too.
create table event_delivery.preflight_destination (
  destination text primary key,
  server text not null
);
