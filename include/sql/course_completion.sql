select
  id,
  source,
  "timestamp",
  type,
  "user",
  company_id as "companyId",
  event,
  notifiable_id as "notifiableId",
  title,
  user_detail ->> 'id' as "userDetail.id",
  user_detail ->> 'firstName' as "userDetail.firstName",
  user_detail ->> 'lastName' as "userDetail.lastName",
  user_detail ->> 'externalCustomerId' as "userDetail.externalCustomerId",
  user_detail ->> 'sfContactId' as "userDetail.sfContactId",
  user_detail ->> 'sfAccountId' as "userDetail.sfAccountId",
  user_detail ->> 'client' as "userDetail.client",
  user_detail ->> 'ref1' as "userDetail.ref1",
  user_detail ->> 'ref2' as "userDetail.ref2",
  user_detail ->> 'ref3' as "userDetail.ref3"
from events
where
  company_id = %(company_id)s
  and event = 'courseCompletion'
  and "timestamp" >= %(interval_start)s
  and "timestamp" < %(interval_end)s
