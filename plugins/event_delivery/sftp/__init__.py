"""How do we talk to a client's SFTP server? Knows neither the ledger nor Airflow.

`server`    which server a Connection means, and how to log in there
`route`     the way there: source address, jump host, proxy
`host_key`  which host keys count
`login`     what is offered to log in, and when
`session`   connected, logged in, within the time limit
`sending`   bytes on their way, each acknowledged
`files`     what can be done to the files there, however servers differ
`replies`   which of a server's answers mean the same
`explain`   where a server's error becomes a sentence
"""
