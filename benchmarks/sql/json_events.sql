select
  concat(
    '{"id": "', id,
    '", "source": ', coalesce(to_json(source)::text, 'null'),
    ', "timestamp": "', to_char("timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    '", "type": ', coalesce(to_json(type)::text, 'null'),
    ', "user": ', coalesce(to_json("user")::text, 'null'),
    ', "companyId": "', company_id,
    '", "event": ', coalesce(to_json(event)::text, 'null'),
    ', "notifiableId": ', coalesce('"' || notifiable_id || '"', 'null'),
    ', "title": ', coalesce(to_json(title)::text, 'null'),
    ', "userDetail": {"id": ', coalesce(to_json(user_detail ->> 'id')::text, 'null'),
    ', "firstName": ', coalesce(to_json(user_detail ->> 'firstName')::text, 'null'),
    ', "lastName": ', coalesce(to_json(user_detail ->> 'lastName')::text, 'null'),
    ', "externalCustomerId": ', coalesce(to_json(user_detail ->> 'externalCustomerId')::text, 'null'),
    ', "sfContactId": ', coalesce(to_json(user_detail ->> 'sfContactId')::text, 'null'),
    ', "sfAccountId": ', coalesce(to_json(user_detail ->> 'sfAccountId')::text, 'null'),
    ', "client": ', coalesce(to_json(user_detail ->> 'client')::text, 'null'),
    ', "ref1": ', coalesce(to_json(user_detail ->> 'ref1')::text, 'null'),
    ', "ref2": ', coalesce(to_json(user_detail ->> 'ref2')::text, 'null'),
    ', "ref3": ', coalesce(to_json(user_detail ->> 'ref3')::text, 'null'),
    case when id = :'last_id' then '}}' else '}},' end
  )
from (
  select *
  from events
  where
    company_id = %(company_id)s
    and event = 'courseCompletion'
    and "timestamp" >= %(interval_start)s
    and "timestamp" < %(interval_end)s
  order by "timestamp", id
) as event
