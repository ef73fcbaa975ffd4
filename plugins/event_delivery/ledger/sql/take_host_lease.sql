with ended as (
  delete from event_delivery.host_lease
  where host = %(host)s and name <> %(name)s and expires_at <= clock_timestamp()
)

insert into event_delivery.host_lease (name, host, token, expires_at)
select %(name)s, %(host)s, %(token)s, clock_timestamp() + %(seconds)s * interval '1 second'
where
  not %(waits)s
  or %(most)s > (
    select count(*)
    from event_delivery.host_lease as other
    where other.host = %(host)s and other.name <> %(name)s and other.expires_at > clock_timestamp()
  )
on conflict (name) do update
set host = excluded.host, token = excluded.token, expires_at = excluded.expires_at
returning true
