"""Who may ask the page, what is answered, and how does it act?

`mounted`       the app that Airflow mounts, built when it is first asked
`access`        who may read and act
`airflow_api`   Airflow's own REST API, in the user's name
`refusals`      what is not done
`chosen`        which delivery an action is about
`starting`      how a run is started
`redelivery`    how a day is delivered again
`releasing`     how a held file is let go
`reconciling`   how a period is reconciled, and a report downloaded
`guiding`       how a client's guide is downloaded
`previewing`    how a file is looked at that nobody sends
`boarding`      how a client is taken on board
`actions`       what else the page can do
`answering`     what a person says of an incident
`bodies`        what a request to act holds
`parameters`    which dates and names may be asked for
`questions`     how a question is answered in time
`responses`     how an answer is sent, and how a refusal
`guard`         what nobody looks at, and the headers of every answer
`read_routes`   the questions
`file_routes`   what a client is told, and what it would get
`boarding_routes` a new client
`action_routes` the actions
`health`        an uptime check
`incident_routes` questions and actions about incidents
`app`           the page with its assets, and all routes
"""
