"""What does `make demo` do, in which order, and what does it show at the end?"""

import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from demo.deliveries import Delivery, find_problems, send_test_file, start_delivery, wait_for_deliveries
from demo.events import load_events
from demo.listing import describe_file
from demo.logins import LOGINS, keep_passwords
from demo.parts import add_connections, choose_ui_port, make_stack, start_mail, start_sftp
from demo.past_days import start_backfills
from local_servers.airflow_client import AirflowClient
from local_servers.airflow_servers import is_api_server_running, stop_airflow
from local_servers.airflow_settings import ADMIN, read_secrets
from local_servers.airflow_stack import AirflowStack
from local_servers.postgres import create_database, start_postgres, stop_postgres
from local_servers.processes import ServerError, find_process, stop_processes

SOUND = [login for login in LOGINS if not login.mistyped]
_began = time.monotonic()


def up(folder: Path) -> None:
    """Start what does not run yet, deliver, and show the files.

    Raises:
        ServerError: when a part does not start, or a file does not arrive.
    """
    port = choose_ui_port(folder / "airflow")
    report("PostgreSQL: starting")
    postgres = start_postgres(folder / "postgres")
    events = create_database(postgres, "events")
    create_database(postgres, "airflow")
    report("events: loading what the last days lack")
    report(f"events: {load_events(events, datetime.now(UTC)):,} added")
    sftp = start_sftp(folder / "sftp")
    report(f"SFTP server: listening on 127.0.0.1 port {sftp.port}")
    mail_port = start_mail(folder / "mail")
    report("Airflow: starting the API server, the scheduler, the dag processor and the triggerer")
    stack = make_stack(folder, postgres, port, mail_port)
    stack.start(prepare=lambda: add_connections(stack, events, sftp))
    report(f"Airflow: healthy, {stack.url}")
    clients = folder / "sftp" / "clients"
    show(stack, deliver(stack, clients), clients)


def down(folder: Path) -> None:
    """Stop everything that `up` started."""
    report("Airflow: stopping")
    stop_airflow(folder / "airflow")
    for part, name in (("sftp", "sftp-server"), ("mail", "mail-server")):
        if server := find_process(folder / part, name):
            stop_processes([server])
    stop_postgres(folder / "postgres")
    report("stopped; `make demo` starts it again with the same data")


def outage(folder: Path) -> None:
    """Stop the clients' server, and let test files find out; `up` starts it again.

    Raises:
        ServerError: the demo does not run.
    """
    port = choose_ui_port(folder / "airflow")
    server = find_process(folder / "sftp", "sftp-server")
    if not (server and server.is_running() and is_api_server_running(folder / "airflow")):
        raise ServerError("The demo does not run, or its SFTP server is stopped already: `make demo` starts it.")
    stop_processes([server])
    report("SFTP server: stopped")
    password = read_secrets(folder / "airflow")["admin_password"]
    client = AirflowClient(f"http://127.0.0.1:{port}", ADMIN, password)
    for login in SOUND:
        send_test_file(client, login)
    report(f"test files are sent in vain, and tried again: see {folder / 'mail'} in a minute or two")


def report(message: str) -> None:
    """Print a line of progress with the seconds passed."""
    print(f"{time.monotonic() - _began:5.0f} s  {message}", flush=True)


def deliver(stack: AirflowStack, clients: Path) -> list[Delivery]:
    """Let the scheduler deliver each test file and yesterday's events, and return what arrived.

    The destination whose password is mistyped fails, for the reader to find out on the Deliveries page.

    Raises:
        ServerError: when one of them did not arrive; the message says why.
    """
    now, client = datetime.now(UTC), stack.client()
    tests = [Delivery(login, None) for login in LOGINS]
    deliveries = [*tests, *(Delivery(login, login.local_day(now)) for login in LOGINS)]
    report("deliveries: unpausing the DAGs")
    for delivery in deliveries:
        start_delivery(client, delivery, now)
    wait_for_deliveries(client, deliveries, report)
    if number := start_backfills(client, SOUND, now):
        report(f"earlier days: {number} backfills started; they go on by themselves")
    expected = [delivery for delivery in deliveries if delivery.login in SOUND]
    problems = [p for d in expected for p in find_problems(client, d, clients / d.login.destination)]
    if problems:
        raise ServerError("\n".join(["Not every file arrived.", *problems, f"Look at {stack.url}"]))
    return [delivery for delivery in deliveries if delivery.find_files(clients / delivery.login.destination)]


def show(stack: AirflowStack, deliveries: list[Delivery], clients: Path) -> None:
    """Print where the UI and the files are, and how the files begin."""
    password = read_secrets(stack.folder)["admin_password"]
    width = shutil.get_terminal_size((100, 24)).columns
    for delivery in deliveries:
        for file in delivery.find_files(clients / delivery.login.destination):
            print("", *describe_file(file, clients, width), sep="\n")
    print(f"\nAirflow   {stack.url}   login: {ADMIN}   password: {password}")
    print(f"Page      {stack.url}/plugin/deliveries")
    for line in list_cures(clients.parent, deliveries):
        print(f"Failing   {line}")
    print(f"Files     {clients}")
    print(f"Mail      {clients.parent.parent / 'mail'}: who is told what, once at each end (demo/alerts.yaml)")
    print("Outage    make demo-outage stops the clients' server: one mail; `make demo` starts it again: one more")
    print("Stop      make demo-down (keeps the data; `make demo` goes on from there)")


def list_cures(sftp: Path, arrived: Sequence[Delivery]) -> list[str]:
    """Say how each destination that fails on purpose is mended, unless the reader has."""
    passwords = keep_passwords(sftp)
    mended = [delivery.login for delivery in arrived if delivery.day]
    names = [login.destination for login in LOGINS if login.mistyped and login not in mended]
    cure = "{0}, on purpose: see why on the page, give Connection sftp_{0} the password {1}, press Redeliver"
    return [cure.format(name, passwords[name]) for name in names]
