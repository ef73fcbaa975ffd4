select pg_advisory_xact_lock(hashtextextended(%(destination)s || '/' || %(event)s, 1))
