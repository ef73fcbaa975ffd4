"""How does a new client get from an e-mailed URL to a proven destination, without a question?

`stopped`      a step that cannot be taken, and whose next word it is
`emails`       what the client is asked then
`given_url`    what the URL says, or what is wrong with it
`yaml_file`    the destination's file: made, checked, never put over another
`meeting`      the server is reached, and shows its host key before anything is offered
`rehearsing`   what a night needs, tried in the client's folder, nothing left behind
`storing`      the Connection, with the confirmed host key
`sent_test_file`  sent and waited for, where Airflow runs
`boarding`     one step after another, up to a server that is proven
`keeping`      the Connection and the file of what was proven
`command`      what is printed of each, a line with a tick or a cross
`form`         the same in two steps for a form: look, then do

`python -m event_delivery.onboard acme` reads the URL from standard input, or asks for it.
"""
