-- This project's own example of a second event type: no payload of courseEnrollment is published.
select
  id,
  "timestamp",
  event,
  company_id as "companyId",
  "user",
  notifiable_id as "notifiableId",
  title,
  user_detail ->> 'id' as "userDetail.id",
  user_detail ->> 'firstName' as "userDetail.firstName",
  user_detail ->> 'lastName' as "userDetail.lastName",
  user_detail ->> 'externalCustomerId' as "userDetail.externalCustomerId"
from events
where
  company_id = %(company_id)s
  and event = 'courseEnrollment'
  and "timestamp" >= %(interval_start)s
  and "timestamp" < %(interval_end)s
