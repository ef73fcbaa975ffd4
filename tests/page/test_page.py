"""Does the Deliveries page, in a real browser and a real Airflow, say what happened and let the engineer act?"""

from __future__ import annotations

import colorsys
import json
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from playwright.sync_api import sync_playwright

from event_delivery.ledger import open_ledger
from event_delivery.ledger.incident_messages import Opening, add_openings
from event_delivery.ledger.incidents import Hit, IncidentRecord, open_incident
from event_delivery.ledger.preflights import Finding, Preflight, record_preflight
from event_delivery.ledger.reconciliations import MadeReconciliation, record_reconciliation
from event_delivery.schedule import LocalDay
from event_delivery.sftp.host_key import fingerprint
from local_servers.airflow_stack import AirflowStack
from local_servers.free_port import find_free_port
from local_servers.postgres import Postgres, create_database
from local_servers.secret_files import write_secret
from local_servers.sftp_server import SftpServer, SftpUser
from tests import PROJECT
from tests.ledger_contents import accept_rows
from tests.page.watch_at_rest import stop_watch
from tests.sample_events import insert_event
from tests.sftp_logins import confirmed_uri
from tests.waiting import PATIENCE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.slow

OVER = PATIENCE * 1_000  # ms, for what Airflow does in its own time
COMPANY = "3aabdfb8-3891-5011-ad35-8e2351c5fdaf"
YESTERDAY = (datetime.now(ZoneInfo("America/New_York")) - timedelta(hours=2)).date() - timedelta(1)  # due
MARKUP = "<img src=x onerror=document.title='hacked'> ![](https://x.example/a.png) www.x.example"
GONE = "harbor:22: nobody can tell whether the file arrived: it is gone from the server."
PAST = {
    "aurora": "Aurora Savings Bank",
    "cedar": "Cedar Logistics",
    "granite": "Granite Pharma",
    "harbor": "Harbor Clinic",
    "markup": MARKUP,
}
SERVED, RIGHT = ("acme", "riverside", "lighthouse"), {"lighthouse": "l1ght@house/%"}
PASSWORDS = {"admin": "adm1n", "vera": "v3ra"}
SEED = """
insert into event_delivery.delivery (destination, event, interval_start, interval_end, kind, file_name,
  remote_path, rows, bytes, sha256, state, attempts, first_attempt_at, delivered_at, seconds, profile, dag_id,
  run_id)
select name, 'courseCompletion', day at time zone 'America/New_York',
  (day + interval '1 day') at time zone 'America/New_York', 'nightly', name || '-' || day::date || '.json',
  '/inbox/' || name || '-' || day::date || '.json',
  case when name = 'cedar' and day = %(last)s then 0 else 1200 end,
  640000, repeat('ab', 32), 'delivered', 1, sent, sent + interval '2 s', 2.1,
  '{"rows_by_hour": {"9": 700, "14": 500}, "top_titles": {"Data Protection": 900, "<b>HTML</b> for All": 300}}',
  'nightly_sftp_events__' || name, 'scheduled__' || day::date
from unnest(%(names)s::text[]) name,
  generate_series(%(last)s::timestamp - interval '40 days', %(last)s, '1 day') day,
  lateral (select (day + interval '26 hours') at time zone 'America/New_York' as sent) s
"""
VANISH = """
insert into event_delivery.delivery (destination, event, interval_start, interval_end, kind, file_name, state,
  attempts)
values ('harbor', 'courseCompletion', now(), now(), 'test', 'harbor-test.json', 'uploading', 1);
update event_delivery.delivery_record set state = 'unconfirmed', delivered_at = null, last_error = '{gone}'
where destination = 'harbor' and (kind = 'test' or interval_start > now() - interval '60 hours');
insert into event_delivery.delivery_attempt (delivery_id, attempt, started_at, ended_at, error, permanent)
select id, 1, now(), now(), last_error, true from event_delivery.delivery_record where state = 'unconfirmed'
"""
OTHERS = """
insert into event_delivery.delivery_record (
  destination, event, interval_start, interval_end, kind, state, attempts, last_error, run_id
)
select destination, event, day at time zone zone, (day + interval '1 day') at time zone zone, 'nightly', state,
  attempts, reason, 'scheduled__' || event
from (values
  ('cedar', 'courseCompletion', 'Asia/Tokyo', 3, 'failed', 1, 'cedar:22: refused under the old zone'),
  ('granite', 'courseStarted', 'America/New_York', 1, 'cancelled', 0, null),
  ('broken', 'courseCompletion', 'America/New_York', 4, 'failed', 0, 'broken:22: refused')
) as made (destination, event, zone, back, state, attempts, reason),
  lateral (select %(last)s::timestamp - back * interval '1 day' as day) as days
"""
# Of the night before the last one late events are reported, of the one before that a supplement brought them.
LATE = """
insert into event_delivery.comparison
select destination, event, interval_start, interval_end, sent + interval '2 hours', sent + interval '2 hours',
  1202, repeat('0', 16), 2, 1, true, 'reported', sent
from event_delivery.delivery_record, lateral (select delivered_at as sent) s
where destination = 'aurora' and interval_start = %(back_1)s;
insert into event_delivery.delivery (destination, event, interval_start, interval_end, kind, file_name, rows,
  sha256, state, attempts, delivered_at)
select destination, event, interval_start, interval_end, 'supplement-1', 'aurora-supplement-1.json', 2,
  repeat('cd', 32), 'delivered', 1, delivered_at + interval '3 hours'
from event_delivery.delivery
where destination = 'aurora' and interval_start = %(back_2)s;
update event_delivery.delivery_file set delivered_rows = rows, delivered_sha256 = sha256, delivered_at = now()
where file_name = 'aurora-supplement-1.json';
update event_delivery.delivery_record set state = 'held', delivered_at = null, attempts = 0, last_error = %(held)s,
  held_sha256 = repeat('ef', 32)
where destination = 'aurora' and interval_start = %(back_3)s
"""
HELD = (
    "aurora, courseCompletion: 9 events. Held: unusual_count is hold, and nothing was sent. Is the number right?"
)


@dataclass
class World:
    """An Airflow with destinations that work, that fail, that are quarantined, and a browser to look at it."""

    stack: AirflowStack
    sftp: SftpServer
    events: psycopg.Connection[Any]
    browser: Any

    def log_in(self, user: str, **options: Any) -> Any:
        """Return a page of a browser in which a user logged in by the form."""
        context = self.browser.new_context(viewport={"width": 1440, "height": 900}, **options)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{self.stack.url}/")
        page.fill("input[name=username]", user)
        page.fill("input[name=password]", PASSWORDS[user])
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Deliveries")
        return page


@pytest.fixture(scope="module")
def browser(give_up: Any) -> Iterator[Any]:
    """Debian's Chromium, without a window."""
    if CHROMIUM is None:
        give_up("not run here: the Deliveries page in a browser (apt-get install chromium)")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def world(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[World]:
    """All servers; riverside's Connection holds a wrong password."""
    folder = tmp_path_factory.mktemp("page")
    write_destinations(folder / "destinations")
    uri = create_database(postgres, "page_events")
    create_database(postgres, "page_airflow")
    with (
        SftpServer(folder / "sftp", [SftpUser(name, RIGHT.get(name, "right"), name) for name in SERVED]) as sftp,
        psycopg.connect(uri, autocommit=True) as events,
    ):
        seed_events(events, uri)
        stack = make_stack(folder, postgres, uri)
        connections = folder / "connections.json"
        wrong = {
            "riverside": confirmed_uri(sftp, "riverside", "wrong"),
            "acme": confirmed_uri(sftp, "acme", "right"),
        }
        connections.write_text(json.dumps({f"sftp_{name}": address for name, address in wrong.items()}))
        try:
            stack.start(prepare=lambda: stack.run_cli("connections", "import", str(connections)))
            wait_for_failure(stack)
            yield World(stack, sftp, events, browser)
        finally:
            stack.stop()


@pytest.fixture(scope="module")
def admin(world: World) -> Any:
    """A page of a browser in which the engineer is logged in."""
    return world.log_in("admin")


@pytest.fixture
def page(world: World, admin: Any) -> Iterator[Any]:
    """The Deliveries page by itself, outside Airflow's frame; no script may fail on it."""
    page, problems = admin.context.new_page(), []
    page.set_default_timeout(60_000)
    page.on("pageerror", lambda error: problems.append(str(error)))
    open_page(page, world)
    yield page
    page.close()
    assert problems == []


def write_destinations(folder: Path) -> None:
    folder.mkdir()
    for name, client in {"acme": "Acme College", "riverside": "Riverside Hospital", **PAST}.items():
        text = f"client: {json.dumps(client)}\ncompany_id: {COMPANY}\ngive_up_early: true\n"
        (folder / f"{name}.yaml").write_text(text)
    (folder / "broken.yaml").write_text(f"client: Broken\ncompany_id: {COMPANY}\nformat: xml\n")


def seed_events(events: psycopg.Connection[Any], uri: str) -> None:
    events.execute((PROJECT / "include/sql/demo_schema.sql").read_text())
    for back in range(4):
        insert_event(
            events,
            datetime.combine(YESTERDAY, datetime.min.time(), ZoneInfo("America/New_York"))
            - timedelta(back)
            + timedelta(hours=12),
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_EVENTS_DB", uri)
        with open_ledger():
            pass
    accept_rows(events)
    events.execute(SEED, {"names": list(PAST), "last": datetime.combine(YESTERDAY, datetime.min.time())})
    events.execute(VANISH.format(gone=GONE))
    events.execute(OTHERS, {"last": datetime.combine(YESTERDAY, datetime.min.time())})
    late = {f"back_{days}": LocalDay(YESTERDAY - timedelta(days), "America/New_York").start for days in (1, 2, 3)}
    for statement in LATE.split(";"):
        events.execute(statement, {**late, "held": HELD})


def make_stack(folder: Path, postgres: Postgres, uri: str) -> AirflowStack:
    write_secret(folder / "users.json", json.dumps(PASSWORDS))
    environment = {
        "AIRFLOW_CONN_EVENTS_DB": uri,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,vera:viewer",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "users.json"),
        "EVENT_DELIVERY_DESTINATIONS": str(folder / "destinations"),
        "EVENT_DELIVERY_STAGING": str(folder / "staging"),
    }
    write_secret(folder / "airflow" / "secrets.json", json.dumps({"admin_password": PASSWORDS["admin"]}))
    metadata = postgres.sqlalchemy_uri("page_airflow")
    return AirflowStack(folder / "airflow", metadata, find_free_port(), extra_env=environment)


def wait_for_failure(stack: AirflowStack) -> None:
    """Unpause broken, which is quarantined, and riverside, and wait until its run of yesterday has failed."""
    from demo.deliveries import unpause

    client, dag_id = stack.client(), "nightly_sftp_events__riverside"
    unpause(client, "nightly_sftp_events__broken")
    unpause(client, dag_id)
    run_id = None
    while run_id is None:
        runs = client.get(f"/dags/{dag_id}/dagRuns")["dag_runs"]
        run_id = runs[0]["dag_run_id"] if runs else None
    assert client.wait_for_run(dag_id, run_id)["state"] == "failed"


def open_page(page: Any, world: World, query: str = "") -> None:
    page.goto(f"{world.stack.url}/event_delivery/{query}")
    page.wait_for_selector("tr[data-row], .nothing")


def cell(place: Any, destination: str, day: date = YESTERDAY) -> Any:
    return place.locator(f'tr[data-row^="{destination}/"] td[data-day="{day}"]')


def names(page: Any) -> list[str]:
    return page.locator("tr[data-row] .who b").all_inner_texts()


def test_an_anonymous_visitor_is_asked_to_log_in(world: World) -> None:
    """Neither the page nor a number leaves the server without a login."""
    context = world.browser.new_context()
    page = context.new_page()
    page.goto(f"{world.stack.url}/event_delivery/")
    assert "/auth/login" in page.url
    for endpoint in (
        "overview",
        "destination?id=acme",
        "delivery?destination=acme&event=courseCompletion&day=2026-01-01",
    ):
        assert context.request.get(f"{world.stack.url}/event_delivery/api/{endpoint}").status == 401
    context.close()


def test_a_viewer_reads_but_is_offered_no_action_and_refused_each(world: World) -> None:
    """The buttons are a courtesy; the server itself says no."""
    page = world.log_in("vera")
    open_page(page, world, f"?destination=riverside&event=courseCompletion&day={YESTERDAY}")
    page.wait_for_selector(".verdict .reason")
    assert page.locator("text=Copy support summary").is_visible()
    assert page.locator("text=Redeliver this day").count() == 0
    refused = page.evaluate(
        """async (day) => {
      const { act } = await import('/event_delivery/assets/api.js');
      const days = { destination: 'riverside', from: day, to: day };
      const asked = { 'test-file': { destination: 'riverside' }, redeliver: { destination: 'riverside', day },
        backfill: days, pause: { destination: 'riverside', paused: true },
        resolve: { destination: 'harbor', day, decision: 'robot' } };
      const status = ([name, body]) => act(name, body).then(() => 200, (error) => error.status);
      return Promise.all(Object.entries(asked).map(status));
    }""",
        str(YESTERDAY),
    )
    assert refused == [403] * 5
    open_page(page, world, f"?destination=harbor&event=courseCompletion&day={YESTERDAY}")
    page.wait_for_selector(".verdict.undecided")
    assert page.locator(".panel >> text=Copy support summary").is_visible()
    assert page.locator(".panel button:has-text('robot'), .panel button:has-text('again')").count() == 0
    page.context.close()


def test_an_engineer_sees_why_a_client_failed_mends_it_and_sees_it_arrive(world: World) -> None:
    """The whole way, inside Airflow's frame: navigation, cell, reason, Connection, redelivery, file."""
    page = world.log_in("admin")
    page.click("text=Deliveries")
    frame = page.frame_locator("iframe")
    assert cell(frame, "riverside").get_attribute("data-state") == "failed"
    cell(frame, "riverside").click()
    assert "refuses the login of user 'riverside'" in frame.locator(".verdict .reason").inner_text()
    page.reload()
    frame.locator(".verdict .reason").wait_for()
    frame.locator("a:has-text('Connection')").click()
    page.wait_for_url("**/connections*")
    mended = {"connection_id": "sftp_riverside", "conn_type": "sftp", "password": "right"}
    address = f"{world.stack.url}/api/v2/connections/sftp_riverside?update_mask=password"
    assert page.context.request.patch(address, data=mended).ok
    page.go_back()
    frame.locator("text=Redeliver this day").click()
    assert "replaced when the new one is whole" in frame.locator("dialog").inner_text()
    frame.locator("dialog button:has-text('Redeliver')").click()
    frame.locator("dialog >> text=Open the run").wait_for()
    frame.locator("dialog >> text=Close").click()
    frame.locator(
        f'tr[data-row^="riverside/"] td[data-day="{YESTERDAY}"]:is([data-state=delivered], [data-state=late])'
    ).wait_for()
    frame.locator(".verdict >> text=Delivered").wait_for()
    assert "Riverside Hospital" in frame.locator("#announcer").inner_text()
    assert [path.suffix for path in world.sftp.user_folder("riverside").rglob("courseCompletion-*")] == [".json"]
    page.context.close()


def test_an_engineer_sends_a_day_byte_for_byte_as_it_was_delivered(world: World) -> None:
    """The switch in the dialog, off unless it is set; afterwards the panel says how the file was made."""
    page = world.log_in("admin")
    open_page(page, world, f"?destination=riverside&event=courseCompletion&day={YESTERDAY}")
    page.wait_for_selector(".verdict >> text=Delivered")
    assert page.locator("text=byte for byte as delivered before").count() == 0
    page.click("text=Redeliver this day")
    assert not page.locator("dialog input").is_checked()
    page.locator("dialog >> text=Byte for byte as delivered").click()
    page.click("dialog button[type=submit]")
    page.wait_for_selector("dialog >> text=as it was delivered")
    page.click("dialog >> text=Close")
    page.wait_for_selector(".panel >> text=byte for byte as delivered before", timeout=OVER)
    page.context.close()


def test_the_run_that_an_action_started_is_one_click_away(world: World, page: Any) -> None:
    """A test file is sent, its run is named, and the mark in its column turns."""
    page.locator('tr[data-row^="acme/"] th').click()
    page.click("text=Send test file")
    page.click("dialog button[type=submit]")
    link = page.locator("dialog a").get_attribute("href")
    assert link.startswith("/dags/sftp_test_file__acme/runs/")
    world.stack.client().patch("/dags/sftp_test_file__acme", {"is_paused": False})
    page.click("dialog >> text=Close")
    page.locator('tr[data-row^="acme/"] td.test .delivered').wait_for(timeout=OVER)
    assert list(world.sftp.user_folder("acme").rglob("courseCompletion-test-*"))


def test_missed_days_are_delivered_by_a_backfill(world: World, page: Any) -> None:
    """A range that ends before it begins is refused in the dialog; a right one turns its days green."""
    world.stack.client().patch("/dags/nightly_sftp_events__acme", {"is_paused": False})
    # Airflow 3.3's scheduler dies if a backfill makes the run that it is about to make.
    cell(page, "acme").locator(".running, .delivered, .late").wait_for(timeout=OVER)
    first = YESTERDAY - timedelta(2)
    page.locator('tr[data-row^="acme/"] th').click()
    page.click("text=Deliver a range of days")
    page.locator("dialog input").nth(0).fill(str(YESTERDAY))
    page.locator("dialog input").nth(1).fill(str(first))
    page.click("dialog button[type=submit]")
    assert "ends before it begins" in page.locator("dialog [role=alert]").inner_text()
    page.locator("dialog input").nth(0).fill(str(first))
    page.locator("dialog input").nth(1).fill(str(YESTERDAY))
    page.click("dialog button[type=submit]")
    page.wait_for_selector("dialog >> text=Open the backfill")
    page.click("dialog >> text=Close")
    for back in range(3):
        cell(page, "acme", YESTERDAY - timedelta(back)).locator(".delivered, .late").wait_for(timeout=OVER)


def test_an_unconfirmed_delivery_is_decided_by_a_person_who_is_told_what_it_means(page: Any) -> None:
    """By the keyboard alone: two buttons, a question each, and nothing is done before the second yes."""
    assert cell(page, "harbor").get_attribute("data-state") == "unconfirmed"
    cell(page, "harbor").focus()
    page.keyboard.press("Enter")
    page.locator(".verdict.undecided").wait_for()
    assert GONE in page.inner_text(".verdict .reason")
    assert "Nothing is sent again until somebody decides." in page.inner_text(".verdict")
    assert page.locator("text=Redeliver this day").count() == 0
    assert page.locator(".attempts .mark.unconfirmed").count() == 1
    press(page, "A robot takes files here")
    assert "from now on a file that vanishes from this folder counts as taken" in page.inner_text("dialog")
    page.keyboard.press("Escape")
    assert cell(page, "harbor").get_attribute("data-state") == "unconfirmed"
    press(page, "Send again")
    assert "if the client has it already, it gets a second copy" in page.inner_text("dialog")
    page.keyboard.press("Enter")
    page.locator("dialog >> text=Open the run").wait_for()
    assert f"sends the file of {YESTERDAY} again" in page.inner_text("dialog")
    page.keyboard.press("Enter")
    cell(page, "harbor").locator(".running").wait_for()
    page.locator("text=Redeliver this day").wait_for()


def test_an_unconfirmed_test_file_is_decided_with_its_destination(page: Any) -> None:
    """There are the same two buttons, in the place of the one that sends the test file."""
    page.click('[data-count="test-unconfirmed"]')
    assert names(page) == ["Harbor Clinic"]
    assert "test file unconfirmed" in page.get_attribute('tr[data-row^="harbor/"] td.test', "aria-label")
    page.locator('tr[data-row^="harbor/"] th').click()
    page.locator(".verdict.undecided >> text=Test file unconfirmed").wait_for()
    assert page.locator("text=Send test file").count() == 0
    press(page, "A robot takes files here")
    assert "Does a robot take files at Harbor Clinic?" in page.inner_text("dialog")
    page.keyboard.press("Enter")
    page.locator("dialog >> text=Open the run").wait_for()
    assert page.locator("dialog a").get_attribute("href").startswith("/dags/sftp_test_file__harbor/runs/")
    page.keyboard.press("Enter")
    page.locator('.panel button:text-is("Send test file")').wait_for()


def press(page: Any, name: str) -> None:
    """Press a button of the panel by the keyboard."""
    page.locator(f'.panel button:text-is("{name}")').focus()
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_unconfirmed_is_amber_and_has_a_shape_of_its_own(page: Any, theme: str) -> None:
    """Neither the red of a failure, nor the orange of a retry, nor the green-yellow of what came late."""
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    look = """(states) => states.map((state) => {
      const mark = document.querySelector(`.legend .mark.${state}`), style = getComputedStyle(mark);
      const colour = style.backgroundColor.match(/\\d+/g).map(Number);
      return [colour, style.borderRadius, mark.querySelector('use').getAttribute('href')];
    })"""
    looks = page.evaluate(look, ["failed", "retrying", "unconfirmed", "late"])
    hues = [360 * colorsys.rgb_to_hsv(*colour)[0] for colour, _, _ in looks]
    assert hues[0] < 10
    assert hues[0] < hues[1] - 15 < hues[2] - 25
    assert 40 < hues[2] < 50 < hues[3] - 10
    assert len({shape for _, shape, _ in looks}) == len({symbol for *_, symbol in looks}) == 4


def test_pausing_asks_first_and_shows(page: Any) -> None:
    """Cancel does nothing; the confirmed pause shows as a badge."""
    header = page.locator('tr[data-row="granite/courseCompletion"] th')
    paused = "Paused" in header.inner_text()
    header.click()
    button = page.locator(f".panel button:text-is('{'Unpause' if paused else 'Pause'}')")
    button.click()
    page.click("dialog >> text=Cancel")
    assert ("Paused" in header.inner_text()) == paused
    button.click()
    page.click("dialog button[type=submit]")
    page.click("dialog >> text=Close")
    page.locator(f".panel button:text-is('{'Pause' if paused else 'Unpause'}')").wait_for()
    assert ("Paused" in header.inner_text()) != paused


def test_the_worst_comes_first_and_the_headline_counts(page: Any) -> None:
    """A quarantined destination stands above all others, with what is wrong with it."""
    assert page.locator("tr[data-row]").first.get_attribute("data-row").startswith("broken/")
    assert re.search(r"\d+ of \d+ files? of", page.inner_text("#headline"))
    page.locator("tr[data-row] th").first.click()
    assert "format" in page.locator(".verdict .reason").first.inner_text()


def test_a_quarantined_client_shows_what_it_cost(page: Any) -> None:
    """Each night since the last one that was scheduled, and how many in the panel."""
    for back in range(3):
        assert cell(page, "broken", YESTERDAY - timedelta(back)).get_attribute("data-state") == "quarantined"
    assert cell(page, "broken", YESTERDAY - timedelta(4)).get_attribute("data-state") == "failed"
    page.locator('tr[data-row^="broken/"] th').click()
    page.locator(".panel .problem").wait_for()
    assert re.search(r"has cost \d days, .* so far", page.inner_text(".panel .problem"))


def test_where_one_day_calls_two_deliveries_the_panel_leads_from_one_to_the_other(page: Any) -> None:
    """The cell shows the worse; each is named by its interval, and the address keeps which one is shown."""
    day = YESTERDAY - timedelta(3)
    assert "the worst of 2 deliveries" in cell(page, "cedar", day).get_attribute("aria-label")
    assert cell(page, "cedar", day).get_attribute("data-state") == "failed"
    cell(page, "cedar", day).click()
    page.locator(".panel >> text=2 deliveries are called by this day").wait_for()
    assert "refused under the old zone" in page.inner_text(".verdict")
    page.locator(".panel button:text-is('Show this one')").click()
    page.locator(f".panel >> text=cedar-{day}.json").first.wait_for()
    assert "refused under the old zone" not in page.inner_text(".verdict")
    page.reload()
    page.locator(f".panel >> text=cedar-{day}.json").first.wait_for()


def test_a_cancelled_delivery_keeps_a_row_and_offers_no_redelivery(page: Any) -> None:
    """Its event type was taken out of the YAML."""
    row = page.locator('tr[data-row="granite/courseStarted"]')
    row.locator(f'td[data-day="{YESTERDAY - timedelta(1)}"]').click()
    page.locator(".panel .verdict b:text-is('Cancelled')").wait_for()
    assert "taken out of the YAML before it was delivered" in page.inner_text(".verdict")
    assert page.locator("text=Redeliver this day").count() == 0
    assert page.locator('[data-count="cancelled"]').count() == 0


def test_the_dialog_offers_only_days_that_are_over(page: Any) -> None:
    """The fields know the last one, and a later one is refused in words."""
    last = datetime.now(ZoneInfo("America/New_York")).date() - timedelta(1)
    page.locator('tr[data-row^="aurora/"] th').click()
    page.click("text=Deliver a range of days")
    fields = page.locator("dialog input")
    assert [fields.nth(place).get_attribute("max") for place in range(2)] == [str(last)] * 2
    fields.nth(1).fill(str(last + timedelta(1)))
    page.locator("dialog form").evaluate("(form) => { form.noValidate = true; }")
    page.click("dialog button[type=submit]")
    assert "is not over yet" in page.locator("dialog [role=alert]").inner_text()


def test_search_and_states_narrow_the_matrix_and_the_link_brings_it_back(page: Any, world: World) -> None:
    """What one engineer sees, another sees who gets the link."""
    page.keyboard.press("/")
    page.keyboard.type("aurora")
    assert names(page) == ["Aurora Savings Bank"]
    page.reload()
    page.wait_for_selector("tr[data-row]")
    assert names(page) == ["Aurora Savings Bank"]
    assert page.input_value("#q") == "aurora"
    open_page(page, world)
    page.click('[data-count="empty"]')
    assert names(page) == ["Cedar Logistics"]
    assert page.get_attribute('[data-count="empty"]', "aria-pressed") == "true"
    page.fill("#q", "aurora")
    page.click("text=Show all >> nth=-1")
    assert len(names(page)) > 3


def test_a_range_is_read_from_the_server_and_kept_in_the_address(page: Any) -> None:
    """Forty days lie in the ledger; the last thirty show at first."""
    heads = page.locator("thead th[data-column]")
    assert heads.count() == 30
    page.fill("#from", str(YESTERDAY - timedelta(39)))
    page.locator("#from").blur()
    heads.nth(39).wait_for(state="attached")
    assert f"from={YESTERDAY - timedelta(39)}" in page.url
    assert cell(page, "aurora", YESTERDAY - timedelta(39)).get_attribute("data-state") == "delivered"


def test_the_keyboard_alone_moves_opens_and_closes(page: Any) -> None:
    """Exactly one cell can be reached by Tab; arrows move on, Enter opens, Esc closes and comes back."""
    assert page.locator("#scroller [tabindex='0']").count() == 1
    page.locator("#scroller [tabindex='0']").focus()
    page.keyboard.press("Control+End")
    last = page.locator("#scroller tr[data-row] td[data-day]").last
    assert last.evaluate("cell => cell === document.activeElement || cell.contains(document.activeElement)")
    last_day = max(page.locator("td[data-day]").evaluate_all("cells => cells.map((cell) => cell.dataset.day)"))
    assert last.get_attribute("data-day") == last_day  # a client further east may be a day ahead of YESTERDAY
    cell(page, "aurora").focus()
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".panel .facts")
    assert page.evaluate("document.activeElement.id") == "panel-title"
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == label
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") != label


def test_every_cell_says_in_words_what_its_colour_shows(page: Any) -> None:
    """Never the colour alone: a symbol, and a sentence for those who hear the page."""
    label = cell(page, "aurora").get_attribute("aria-label")
    assert label.startswith("Aurora Savings Bank, ")
    assert ": delivered, at " in label
    assert "1,200 rows" in label
    assert "empty day" in cell(page, "cedar").get_attribute("aria-label")
    assert page.locator("td[data-state]").count() == page.locator("td[data-state] .mark > svg use").count()
    assert page.locator("td.cell:not([aria-label])").count() == 0
    assert page.get_attribute("table", "role") == "grid"


def test_a_night_whose_events_came_late_has_a_sign_and_says_so_in_words(page: Any) -> None:
    """What is lacking and what a supplement brought have a sign each, and the panel tells the rest."""
    lacking, brought = (cell(page, "aurora", YESTERDAY - timedelta(days)) for days in (1, 2))
    assert lacking.get_attribute("aria-label").endswith("2 events late, 1 event deleted at the source")
    assert brought.get_attribute("aria-label").endswith("late events, brought by 1 supplement")
    signs = [each.locator(".sign use").get_attribute("href") for each in (lacking, brought)]
    assert signs == ["#symbol-differs", "#symbol-supplements"]
    shown = page.locator(".legend li").evaluate_all(
        "(items) => items.map((item) => item.getBoundingClientRect().bottom <= innerHeight && item.textContent)"
    )
    assert shown[-2:] == ["Differs from the source", "Supplemented"]
    lacking.hover()
    assert "2 events late" in page.inner_text("#tooltip")
    lacking.click()
    page.wait_for_selector(".panel >> text=Does the client have every event?")
    assert "2 events late, 1 event deleted at the source, since" in page.inner_text("#panel")
    assert "; reported; compared at" in page.inner_text("#panel")
    brought.click()
    page.wait_for_selector(".panel >> text=Further file of this day")
    assert all(part in page.inner_text("#panel") for part in ("aurora-supplement-1.json", "2 rows", "cd" * 32))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_held_night_has_a_look_of_its_own_and_says_what_releases_it(page: Any, theme: str) -> None:
    """It did not fail, and is no paused destination: another colour, shape and symbol, in both themes."""
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    held = cell(page, "aurora", YESTERDAY - timedelta(3))
    assert held.get_attribute("data-state") == "held"
    look = """(mark) => [getComputedStyle(mark).backgroundColor, getComputedStyle(mark).borderRadius,
      mark.querySelector('use').getAttribute('href')]"""
    looks = page.locator(".legend .mark").evaluate_all(f"(marks) => marks.map({look})")
    own = held.locator(".mark").evaluate(look)
    assert [sum(one[part] == own[part] for one in looks) for part in range(3)] == [1, 1, 1]
    held.click()
    page.wait_for_selector(".verdict.held-back")
    assert HELD in page.inner_text(".verdict")
    assert "If the number is right, release the day" in page.inner_text(".verdict")
    page.click("text=Release…")
    assert "this very file" in page.inner_text("dialog")
    assert "ef" * 32 in page.inner_text("dialog")
    page.click("dialog >> text=Cancel")
    page.select_option("#scope", "all")
    page.click('[data-count="held"]')
    page.wait_for_function("document.querySelectorAll('tr[data-row]').length === 1")


@pytest.fixture
def reports(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[MadeReconciliation]]:
    """A report that is clean, and a later one that is not, with a number that this release does not count."""
    totals = {"source": 37_204, "delivered": 37_202, "missing": 3, "duplicated": 0, "unexpected": 1, "changed": 7}
    row = {"event": "courseCompletion", "day": "2026-03-09", "note": None, "files": ["a.json"], **totals}
    found = {
        "destination": "aurora",
        "from": "2026-03-01",
        "to": "2026-03-31",
        "queried_at": "2026-04-01T05:00:00Z",
    }
    text = json.dumps({**found, "intervals": [row], "sha256": "ab" * 32}, indent=2)
    days, ending = ("2026-03-01", "2026-03-31", "2026-04-01T05:00:00Z"), (text, "ab" * 32, "manual__1")
    clean = {"source": 37_204, "delivered": 37_204, "missing": 0, "duplicated": 0, "unexpected": 0}
    made = [
        MadeReconciliation("aurora", *days, True, clean, 0, [], 0, *ending),
        MadeReconciliation("aurora", *days, False, totals, 0, [row], 1, *ending),
    ]
    for each in made:
        record_reconciliation(world.events, each)
    yield made
    world.events.execute("truncate event_delivery.reconciliation")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_destination_says_whether_they_got_everything(page: Any, world: World, reports: Any, theme: str) -> None:
    """Verdict, totals and each day that differs; a period is asked for by a form with the last 31 days."""
    open_page(page, world, "?destination=aurora")
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    part = page.locator(".part:has(h3:text-is('Did they get everything?'))")
    part.locator("summary").click()
    text = part.inner_text()
    assert "Not every event was delivered once." in text
    assert "Every event was delivered, once." in text
    assert "37,204 at the source, 37,202 delivered, 3 missing, 0 duplicated, 1 unexpected, 7 changed" in text
    assert "Mon, 9 Mar 2026, courseCompletion: 37,204 at the source" in text
    part.locator("text=Compare a period…").click()
    days = page.locator("dialog input[type=date]").evaluate_all("(fields) => fields.map((field) => field.value)")
    first, last = map(date.fromisoformat, days)
    assert (last - first).days == 30
    page.click("dialog >> text=Cancel")


def forget_incidents(world: World) -> None:
    """Leave no incident, nor a watch that opens or closes any."""
    stop_watch(world.stack.client())
    world.events.execute("truncate event_delivery.incident cascade")


@pytest.fixture
def incidents(world: World, page: Any) -> Iterator[None]:
    """A dead source, and four destinations in trouble; they go afterwards."""
    forget_incidents(world)
    now = datetime.now(UTC)
    for number, name in enumerate([*PAST][:4]):
        hits = (Hit(name, "given_up", (str(YESTERDAY),)),)
        at = now - timedelta(hours=number + 1)
        cause = f"{name}:22, writing the file: the disk is full. {MARKUP}"
        open_incident(
            world.events,
            IncidentRecord(0, "late", f"destination {name}", "given_up", "error", cause, hits, at, now),
        )
    hits = tuple(Hit(name) for name in PAST)
    dead = IncidentRecord(0, "source", "the source", "retrying", "warning", "events_db: refused", hits, now, now)
    told = [Opening("operators", now, sent_at=now), Opening("contact cedar", now)]
    add_openings(world.events, open_incident(world.events, dead), told, now)
    open_page(page, world)
    yield
    world.events.execute("truncate event_delivery.incident cascade")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_open_incidents_stand_above_the_matrix_and_are_answered_by_keyboard(
    page: Any, world: World, incidents: None, theme: str
) -> None:
    """The first few, then all; with cause, advice and who was told; what a person says stays beside it."""
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    assert page.inner_text("#incidents-summary") == "5 open incidents: 4 errors, 1 warning"
    assert page.locator(".incident").count() == 3
    page.click("#incidents-list >> text=and 2 more")
    assert page.locator(".incident").count() == 5
    last = page.locator(".incident").last
    last.locator("summary").focus()
    page.keyboard.press("Enter")
    said = last.inner_text()
    for words in ("The source", "events_db: refused", "operators was told", "contact cedar is still to be told"):
        assert words in said
    last.locator("text=Acknowledge").press("Enter")
    page.locator("dialog button:has-text('Acknowledge')").press("Enter")
    page.locator("dialog >> text=Recorded").wait_for()
    page.keyboard.press("Enter")
    last.locator("summary >> text=seen by admin").wait_for()
    last.locator("text=Snooze…").click()
    page.fill("dialog input[type=text]", "The client moves house.")
    page.locator("dialog button:has-text('Snooze')").click()
    page.locator("dialog >> text=Recorded").wait_for()
    page.click("dialog >> text=Close")
    last.locator("summary >> text=snoozed until").wait_for()
    assert "The client moves house." in last.inner_text()
    last.locator("text=Take the snooze back").click()
    page.locator("dialog button:has-text('Take it back')").click()
    page.locator("dialog >> text=The snooze is taken back").wait_for()
    page.click("dialog >> text=Close")
    last.locator("summary >> text=snoozed until").wait_for(state="detached")
    open_page(page, world, "?destination=cedar")
    page.wait_for_selector(".incident-history li")
    assert page.locator(".incident-history > li").count() == 2


def test_without_an_incident_nothing_is_said_and_a_viewer_is_offered_no_answer(world: World) -> None:
    """An empty band would only take room."""
    forget_incidents(world)
    page = world.log_in("vera")
    open_page(page, world)
    assert page.locator("#incidents").is_hidden()
    now = datetime.now(UTC)
    open_incident(world.events, IncidentRecord(0, "disk", "the disk", "staging_full", "error", "", (), now, now))
    open_page(page, world)
    page.click(".incident summary")
    assert "The staging area" in page.inner_text(".incident")
    assert page.locator(".incident button").count() == 0
    world.events.execute("truncate event_delivery.incident cascade")
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_last_look_at_the_night_stands_above_the_matrix(page: Any, world: World, theme: str) -> None:
    """One line until it is opened: then what would fail by destination and server, what is fine, and the DAG."""
    told = "riverside:22, connecting: refused."
    found = (
        Finding(None, "pool", "The pool is missing.", "Make it."),
        *(Finding(name, "server", f"{name}: {told}", "Call.") for name in ("riverside", "acme")),
        Finding("markup", "connection", f"markup: {MARKUP}", "Correct it."),
    )
    servers = {"riverside": "riverside:22", "acme": "riverside:22", "cedar": "cedar:22", "markup": "-"}
    record_preflight(world.events, Preflight(datetime.now(UTC), 4, found, servers))
    open_page(page, world)
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    page.wait_for_selector("#preflight-summary >> text=4 destinations: 3 would fail, 1 thing would hit all")
    page.locator("#preflight-summary").focus()
    page.keyboard.press("Enter")
    said = page.locator("#preflight-list").inner_text()
    assert f"riverside, acme at riverside:22: {told} Call." in said
    assert "Nothing else was found at: cedar (cedar:22)" in said
    assert MARKUP in said
    assert page.locator("#preflight-list a").get_attribute("href").endswith("/dags/preflight_deliveries")


def test_a_report_is_downloaded_within_airflow_too(world: World, reports: Any) -> None:
    """The frame's sandbox lets it; the bytes are those of the report."""
    page = world.log_in("vera")
    page.goto(f"{world.stack.url}/plugin/deliveries/event_delivery/?destination=aurora")
    frame = page.frame_locator("iframe")
    frame.locator("text=Did they get everything?").wait_for()
    assert frame.locator("text=Compare a period…").count() == 0
    for form in ("JSON", "CSV"):
        with page.expect_download() as started:
            frame.locator(f"a:text-is('{form}')").first.click()
        name = f"reconciliation-aurora-2026-03-01-2026-03-31.{form.lower()}"
        assert started.value.suggested_filename == name
        content = Path(started.value.path()).read_text()
        assert (
            content == reports[0].report + "\n" if form == "JSON" else content.startswith("destination,event,day,")
        )
    page.context.close()


def test_a_guide_is_downloaded_and_a_file_looked_at_within_airflow_too(world: World) -> None:
    """A viewer sees no value, and is offered no tick; who may edit the Connection ticks, and sees them."""
    for user, may_see in (("vera", False), ("admin", True)):
        page = world.log_in(user)
        page.goto(f"{world.stack.url}/plugin/deliveries/event_delivery/?destination=acme")
        frame = page.frame_locator("iframe")
        with page.expect_download() as started:
            frame.locator("a:has-text('Guide, to print or send')").click()
        assert started.value.suggested_filename == "guide-acme.html"
        assert "Your files: Acme College" in Path(started.value.path()).read_text()
        frame.locator("text=Look at a file…").click()
        frame.locator("dialog pre").wait_for()
        frame.locator("dialog input[type=date]").fill(str(YESTERDAY))
        frame.locator("dialog button:text-is('Show')").click()
        frame.locator("dialog pre >> text=***").wait_for()
        assert json.loads(frame.locator("dialog pre").inner_text())[0]["user"] == "***"
        assert "Masked, so shown as ***: " in frame.locator("dialog").inner_text()
        tick = frame.locator("dialog >> text=Show learners' values")
        assert tick.count() == may_see
        if may_see:
            tick.click()
            frame.locator("dialog button:text-is('Show')").click()
            frame.locator("dialog pre >> text=bobjohnson@school.com").wait_for()
            assert "Masked" not in frame.locator("dialog").inner_text()
        frame.locator("dialog select").first.select_option("test")
        frame.locator("dialog button:text-is('Show')").click()
        frame.locator("dialog >> text=it holds the sample").wait_for()
        page.context.close()


def test_a_day_that_cannot_be_looked_at_says_why(page: Any) -> None:
    """In the words of the command, in the dialog."""
    page.locator('tr[data-row^="acme/"] th').click()
    page.click("text=Look at a file…")
    page.locator("dialog pre").wait_for()
    page.fill("dialog input[type=date]", "2100-01-01")
    page.locator("dialog form").evaluate("(form) => { form.noValidate = true; }")
    page.click("dialog button:text-is('Show')")
    page.wait_for_selector("dialog [role=alert] >> text=is not over before")
    page.click("dialog >> text=Close")


def test_a_new_client_is_taken_on_board_by_the_form(world: World) -> None:
    """A mistake with its e-mail to copy, the fingerprint to confirm, ticks, the file's text, and the test file."""
    page, asked = world.log_in("admin"), []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, world)
    page.click("text=New client…")
    page.fill("dialog [name=destination]", "lighthouse")
    page.fill("dialog [name=client]", "Lighthouse Ltd")
    page.fill("dialog [name=company_id]", COMPANY)
    assert page.get_attribute("dialog [name=url]", "type") == "password"
    page.fill("dialog [name=url]", f"sftp://lighthouse:{RIGHT['lighthouse']}@127.0.0.1:{world.sftp.port}/")
    page.click("dialog >> text=Look at the server")
    page.wait_for_selector("dialog .steps .stopped >> text=found '@', wanted %40")
    assert "Dear Lighthouse Ltd team" in page.inner_text("dialog pre")
    page.wait_for_function("document.activeElement.className === 'told'")  # where Tab goes on to what may be done
    page.fill("dialog [name=url]", f"sftp://lighthouse:l1ght%40house%2F%25@127.0.0.1:{world.sftp.port}/")
    page.click("dialog >> text=Look at the server")
    page.wait_for_selector("dialog .fingerprint")
    assert page.inner_text("dialog .fingerprint") == fingerprint(world.sftp.host_key())
    assert [each for each in world.sftp.logins if each.user == "lighthouse"] == []
    page.keyboard.press("Tab")
    page.wait_for_function(
        "document.activeElement.innerText === 'The client named it: log in, and keep the client'"
    )
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog >> text=lighthouse.yaml, as it was written")
    assert page.locator("dialog .steps li").count() > 7
    assert page.input_value("dialog [name=url]") == ""
    assert "l1ght" not in page.content()
    with page.expect_download() as started:
        page.click("dialog >> text=Download lighthouse.yaml")
    assert "client: Lighthouse Ltd" in Path(started.value.path()).read_text()
    page.locator('tr[data-row^="lighthouse/"]').wait_for(state="attached")

    def send() -> str:
        page.click("dialog >> text=Send the test file")
        page.wait_for_selector("dialog .sent")
        return page.inner_text("dialog .sent")

    deadline = time.monotonic() + PATIENCE
    while "goes out by itself" not in (said := send()):
        assert time.monotonic() < deadline, said
        time.sleep(2)
    page.click("dialog >> text=Close")
    page.locator('tr[data-row^="lighthouse/"] td.test .delivered').wait_for(timeout=OVER)
    assert not [url for url in asked if "l1ght" in url or "lighthouse:" in url]
    assert page.evaluate("document.querySelector('dialog').childElementCount") == 0
    page.context.close()


def test_who_may_make_no_connection_is_offered_no_new_client(world: World) -> None:
    """The button is a courtesy; the server says no, too."""
    page = world.log_in("vera")
    open_page(page, world)
    assert page.locator("text=New client…").is_hidden()
    page.context.close()


def test_the_detail_of_a_delivery_proves_what_was_sent(page: Any) -> None:
    """Name, path, rows, sha256, the day's profile, and copies for the client."""
    cell(page, "aurora").click()
    page.wait_for_selector("text=Most frequent courses")
    text = page.inner_text("#panel")
    assert all(part in text for part in (f"/inbox/aurora-{YESTERDAY}.json", "1,200", "640 kB", "ab" * 32))
    assert "<b>HTML</b> for All" in text
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("text=Copy sha256")
    page.wait_for_selector("text=Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "ab" * 32


def test_the_detail_of_a_destination_draws_its_limits(page: Any) -> None:
    """So that an engineer sees a client outgrow them."""
    page.locator('tr[data-row^="aurora/"] th').click()
    page.wait_for_selector(".limit-name")
    drawn = page.locator(".limit-name").all_text_contents()
    assert drawn == ["limit 5 min", "retry window 3 h 25 min"]
    assert page.locator(".chart .point").count() > 100
    assert "sftp_aurora" in page.inner_text("#panel")


def test_a_client_that_outgrows_its_limit_is_foretold(page: Any) -> None:
    """A line through steady growth; scattered, falling or few points tell nothing."""
    told = page.evaluate("""async () => {
      const { forecast } = await import('/event_delivery/assets/trend.js');
      const grow = (slope) => Array.from({ length: 30 }, (_, day) => [day, 100 + slope * day]);
      const noise = Array.from({ length: 30 }, (_, day) => [day, day % 2 ? 290 : 10]);
      return [grow(2), grow(8), grow(-1), grow(2).slice(0, 5), noise].map((points) => forecast(points, 300));
    }""")
    assert told == [71, 0, None, None, None]


def test_a_clients_name_is_never_markup(page: Any) -> None:
    """Names and titles come from outside."""
    assert MARKUP in names(page)
    cell(page, "markup").hover()
    cell(page, "markup").click()
    page.wait_for_selector(".panel .facts")
    assert page.title() == "Deliveries"
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("dag", ["nightly_sftp_events__markup", "sftp_test_file__markup"])
def test_a_clients_name_is_never_markup_in_airflows_own_documentation(page: Any, world: World, dag: str) -> None:
    """An image is not fetched and an address no link, where Airflow renders the DAG's Markdown."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{world.stack.url}/dags/{dag}")
    page.get_by_role("button", name=re.compile("dag docs", re.IGNORECASE)).click()
    shown = page.get_by_role("dialog")
    shown.get_by_text("x.example").wait_for()
    assert shown.locator("h3 code").first.inner_text() == MARKUP
    assert shown.locator("img, a").count() == 0
    assert not [url for url in asked if "x.example" in url]


def test_the_page_wears_airflows_theme_and_follows_it(world: World) -> None:
    """Dark in a dark Airflow, and light as soon as Airflow is."""
    page = world.log_in("admin", color_scheme="dark")
    page.goto(f"{world.stack.url}/plugin/deliveries")
    frame = page.frame_locator("iframe")
    frame.locator('html[data-theme="dark"] tr[data-row]').first.wait_for()
    theirs = "getComputedStyle(document.documentElement).getPropertyValue('--chakra-colors-bg').trim()"
    dark = page.evaluate(theirs)
    assert frame.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor") == dark
    page.emulate_media(color_scheme="light")
    frame.locator('html[data-theme="light"]').wait_for()
    assert page.evaluate(theirs) != dark
    page.context.close()


def test_a_server_that_does_not_answer_is_named_and_forgotten_when_it_does(page: Any) -> None:
    """The last numbers stay, marked as old; no reload is needed."""
    page.route("**/api/overview*", lambda route: route.abort())
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("#notice >> text=does not answer")
    assert page.locator("tr[data-row]").count() > 3
    page.unroute("**/api/overview*")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("#notice", state="hidden")


def test_what_the_ledger_has_to_say_stands_quietly_above_the_matrix(page: Any, world: World) -> None:
    """The matrix is shown all the same; without a notice there is no room taken."""
    assert page.locator("#ledger-notice").is_hidden()
    said = "There is no ledger yet: the first delivery makes it."
    page.route("**/api/overview*", lambda route: answer_with(route, ledger_notice=said))
    open_page(page, world)
    assert page.inner_text("#ledger-notice") == said
    assert page.locator("tr[data-row]").count() > 3


def test_settings_that_are_too_low_stand_quietly_above_the_matrix(page: Any, world: World) -> None:
    """Told with the number of destinations; few need no setting, and take no room."""
    open_page(page, world)
    assert page.locator("#capacity-notice").is_hidden()
    said = "4,800 destinations. [dag_processor] min_file_process_interval is 30: set it to 720."
    page.route("**/api/overview*", lambda route: answer_with(route, capacity_notice=said))
    open_page(page, world)
    assert page.inner_text("#capacity-notice") == said


def test_an_administrator_reads_the_security_check_on_the_page(page: Any, world: World) -> None:
    """Opened, the list names what the check found, and nothing of it is read as markup."""
    open_page(page, world)
    page.click("#security summary")
    page.wait_for_selector("#security-findings li")
    said = page.inner_text("#security-findings")
    assert "Connection events_db: its role is a superuser" in said
    assert re.match(r"\d+ findings?, \d+ of them high\.", said)


def test_without_a_destination_the_page_says_how_to_write_the_first(page: Any, world: World) -> None:
    """Its file, its Connection, and nothing that looks like an error."""
    page.route("**/api/overview*", lambda route: answer_with(route, destinations=[]))
    open_page(page, world)
    said = page.inner_text(".nothing")
    for words in ("No destinations", "EVENT_DELIVERY_DESTINATIONS", "company_id: ", "connection add sftp_acme"):
        assert words in said
    assert page.locator("#notice").is_hidden()


def test_a_ledger_of_another_version_is_named_in_its_own_words(page: Any, world: World) -> None:
    """Nothing is shown that could be wrong."""
    said = "The ledger is newer than this version of the package: upgrade the package."
    page.route("**/api/overview*", lambda route: route.fulfill(status=503, json={"detail": said}))
    page.goto(f"{world.stack.url}/event_delivery/")
    page.locator("#notice").wait_for()
    assert page.inner_text("#notice") == said
    assert page.inner_text("#headline") == ""
    assert page.locator("tr[data-row]").count() == 0


def answer_with(route: Any, **changes: Any) -> None:
    """Answer with the real overview, a part of it changed."""
    answer = route.fetch()
    route.fulfill(response=answer, json=answer.json() | changes)


def test_a_thousand_clients_are_drawn_as_they_are_scrolled(page: Any, world: World) -> None:
    """Only the rows in sight exist, whatever the number, and those in sight are drawn."""
    page.route("**/api/overview*", multiply)
    open_page(page, world)
    assert int(page.get_attribute("table", "aria-rowcount")) > 1000
    assert page.locator("tr[data-row]").count() < 80
    first = page.locator("tr[data-row]").first.get_attribute("data-row")
    most = page.evaluate("""async () => {
      const scroller = document.getElementById('scroller');
      let most = 0;
      for (let step = 0; step < 40; step++) {
        scroller.scrollTop += 300;
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        most = Math.max(most, document.querySelectorAll('tr[data-row]').length);
      }
      return most;
    }""")
    assert most < 80
    assert page.locator("tr[data-row]").first.get_attribute("data-row") != first


def multiply(route: Any) -> None:
    """Answer with the real overview, its rows many times over."""
    answer = route.fetch()
    overview = answer.json()
    rows = overview["destinations"]
    overview["destinations"] = [
        {**rows[number % len(rows)], "id": f"{rows[number % len(rows)]['id']}_{number}"} for number in range(1000)
    ]
    route.fulfill(response=answer, json=overview)
