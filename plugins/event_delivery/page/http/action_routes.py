"""What can be done by the page?"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from event_delivery.orchestration.names import RECONCILIATION_DAG, nightly_dag_id
from event_delivery.page.http import actions, confirming, reconciling, redelivery, releasing
from event_delivery.page.http.access import FromOurPage, User, read_permitted, require_trigger
from event_delivery.page.http.bodies import (
    Named,
    OfDay,
    OfDays,
    OfHeldFile,
    OfHostKey,
    OfPause,
    OfUnconfirmed,
)
from event_delivery.page.http.questions import answer_in_time
from event_delivery.page.http.responses import send_answer

acting = APIRouter()


@acting.post("/test-file")
async def send_test_file(request: Request, _: FromOurPage, user: User, body: Named) -> Response:
    """Send the test file."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    return send_answer(await actions.send_test_file(request, found))


@acting.post("/redeliver")
async def redeliver(request: Request, _: FromOurPage, user: User, body: OfDay) -> Response:
    """Deliver a day again, or one event type of it."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    if body.exact:
        return send_answer(await redelivery.redeliver_exactly(request, found, body.day, body.interval))
    return send_answer(await redelivery.redeliver(request, found, body.day, body.interval, body.event))


@acting.post("/release")
async def release(request: Request, _: FromOurPage, user: User, body: OfHeldFile) -> Response:
    """Let a held file go."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    await answer_in_time(require_trigger, request, user, nightly_dag_id(found.id))
    what = (body.day, body.event, body.sha256, body.interval)
    return send_answer(await releasing.release(request, found, *what))


@acting.post("/resolve")
async def resolve(request: Request, _: FromOurPage, user: User, body: OfUnconfirmed) -> Response:
    """Settle an unconfirmed delivery as a person decided."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    day = body.day if body.kind == "nightly" else None
    await answer_in_time(require_trigger, request, user, actions.choose_dag(found, day))
    if day is None:
        return send_answer(await actions.resolve_test_file(request, found, body.decision))
    return send_answer(await actions.resolve(request, found, day, body.decision, body.interval))


@acting.post("/backfill")
async def backfill(request: Request, _: FromOurPage, user: User, body: OfDays) -> Response:
    """Deliver the days of a range that were not delivered."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    return send_answer(await actions.backfill(request, found, body.first, body.last))


@acting.post("/reconcile")
async def reconcile(request: Request, _: FromOurPage, user: User, body: OfDays) -> Response:
    """Compare a period with the source."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    await answer_in_time(require_trigger, request, user, RECONCILIATION_DAG)
    return send_answer(await reconciling.reconcile(request, found, body.first, body.last))


@acting.post("/confirm-host-key")
async def confirm_host_key(request: Request, _: FromOurPage, user: User, body: OfHostKey) -> Response:
    """Let a host key count that the server has shown."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    return send_answer(await answer_in_time(confirming.confirm_host_key, user, found, body.fingerprint))


@acting.post("/pause")
async def pause(request: Request, _: FromOurPage, user: User, body: OfPause) -> Response:
    """Pause or unpause the nightly deliveries."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    return send_answer(await actions.pause(request, found, body.paused))
