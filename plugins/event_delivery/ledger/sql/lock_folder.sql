select pg_advisory_xact_lock(hashtextextended(%(host)s || '/' || %(port)s || '/' || %(folder)s, 1))
