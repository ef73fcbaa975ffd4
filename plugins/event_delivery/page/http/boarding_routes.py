"""How is a new client taken on board by the page: look at its server, do the rest, send the test file?"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from event_delivery.limits import BOARDING_ANSWER
from event_delivery.page.http.access import FromOurPage, User, read_permitted
from event_delivery.page.http.boarding import board, describe_place, send_first_test_file
from event_delivery.page.http.bodies import Named, OfBoarding
from event_delivery.page.http.questions import answer_in_time, answer_within
from event_delivery.page.http.responses import send_answer

onboarding = APIRouter(prefix="/onboarding")


@onboarding.get("")
async def find_place(user: User) -> Response:
    """Where a new destination would be kept, for those who may make Connections."""
    return send_answer(await answer_in_time(describe_place, user))


@onboarding.post("/look")
async def look(request: Request, _: FromOurPage, user: User, body: OfBoarding) -> Response:
    """Read the URL and reach the server: nothing is offered to it."""
    return send_answer(await answer_within(BOARDING_ANSWER, lambda: board(request, user, body, does=False)))


@onboarding.post("/do")
async def do(request: Request, _: FromOurPage, user: User, body: OfBoarding) -> Response:
    """Log in to the host key that was confirmed, try the folder, and keep the destination."""
    return send_answer(await answer_within(BOARDING_ANSWER, lambda: board(request, user, body, does=True)))


@onboarding.post("/test-file")
async def send_test_file(request: Request, _: FromOurPage, user: User, body: Named) -> Response:
    """Let the first test file go out."""
    found = await answer_in_time(read_permitted, request, user, body.destination)
    return send_answer(await send_first_test_file(request, found.id))
