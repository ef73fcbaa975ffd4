select
  line.is_pooled,
  set_config('application_name', 'nightly_sftp_events', line.is_pooled),
  set_config('tcp_keepalives_idle', '30', line.is_pooled), -- else a machine that lost its power holds it for hours
  set_config('tcp_keepalives_interval', '10', line.is_pooled),
  set_config('tcp_keepalives_count', '3', line.is_pooled),
  set_config('statement_timeout', %(statement)s, line.is_pooled),
  set_config('lock_timeout', %(lock)s, line.is_pooled)
from (select pg_backend_pid() <> %(client)s) as line (is_pooled) -- then the session is lent to others, too
