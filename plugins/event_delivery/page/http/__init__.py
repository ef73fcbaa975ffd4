"""Who may ask the page, what is answered, and how does it act?

`mounted`  the app that Airflow mounts, built when it is first asked
`access`   who may read and act
`actions`  by Airflow's own REST API, in the user's name
`app`      the routes
"""
