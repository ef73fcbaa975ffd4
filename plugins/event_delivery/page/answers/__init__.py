"""What does the page answer?

`shapes`              the type of each answer
`states`              the states of a delivery and of a test file, the worst first
`instants`            how an instant is written
`days`                which days a range holds, and when each is due
`night`               in which state one night's delivery is
`reasons`             what is said where the ledger has no reason
`periods`             which periods no delivery covers
`expectations`        from which instant on each interval is expected
`promises`            which nights were scheduled in time
`nights`              the deliveries of one destination, each with its interval
`quarantined_nights`  those of a quarantined one, and what that cost
`cells`               what the matrix shows of them
`named`               which deliveries are called by a date
`notices`             what is said of a whole destination
`latest_test_file`    what became of a destination's test file
`unconfirmed`         whether a person has to decide about a delivery
`last_night`          what became of the latest day that is due
`health`              is it whole, and would anybody notice if not?
`overview`            every delivery of many destinations
`delivery_file`       what is known about one file, and about each attempt to send it
`completeness`        has the client every event of a night: the last comparison, and further files
`delivery_links`      where in Airflow a delivery is
`delivery_detail`     one delivery, with every attempt
`support`             what a client's engineers may be told
`server_facts`        by which address and keys a server is known
`history`             the last 90 days of a destination
`destination_detail`  one destination, with its server and its history
`preview`             how a file begins that nobody sends
`incidents`           what is wrong, and who was told
`incident_table`      the same on a terminal
`table`               the overview on a terminal
"""
