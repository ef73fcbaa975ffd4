"""What does the page answer?

`night`               in which state one night's delivery is
`states`              the states, the worst first
`overview`            every delivery of many destinations
`delivery_detail`     one delivery, with every attempt
`destination_detail`  one destination, with its last 90 days
`support`             what a client's engineers may be told
`table`               the overview on a terminal
"""
