select public_key, state, first_seen_at, last_seen_at
from (
  select distinct on (key.public_key)
    key.public_key,
    case when key.connection = '' and own.connection is not null then 'shown only' else key.state end as state,
    key.first_seen_at,
    key.last_seen_at
  from event_delivery.host_key as key
  left join event_delivery.host_key as own -- the one that the Connection trusts: keys from before count no more
    on own.connection = %(connection)s and own.host = key.host and own.port = key.port and own.state <> 'shown only'
  where key.connection in (%(connection)s, '') and key.host = %(host)s and key.port = %(port)s
  order by key.public_key, key.connection desc
) as shown
order by state = 'shown only', last_seen_at desc, public_key
limit 10
