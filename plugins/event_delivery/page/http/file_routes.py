"""What is a client told of its files, and what would it get?"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from event_delivery.page.answers.shapes.preview import Preview
from event_delivery.page.http import previewing
from event_delivery.page.http.access import User, read_permitted
from event_delivery.page.http.guiding import GuideFormat, write_guide
from event_delivery.page.http.parameters import Day, Identifier
from event_delivery.page.http.previewing import Looked
from event_delivery.page.http.questions import answer_in_time
from event_delivery.page.http.responses import send_answer

files = APIRouter()


@files.get("/guide")
async def guide(
    request: Request,
    user: User,
    destination: Identifier,
    form: Annotated[GuideFormat, Query(alias="format")] = "html",
    event: Identifier | None = None,
) -> Response:
    """A client's own guide, as a file; or what describes an event to its programs."""

    def answer() -> Response:
        return write_guide(read_permitted(request, user, destination), form, event)

    return await answer_in_time(answer)


@files.get("/preview")
async def preview(
    request: Request,
    user: User,
    destination: Identifier,
    event: Identifier | None = None,
    day: Day | None = None,
    kind: Literal["nightly", "test"] = "nightly",
    values: Literal["masked", "shown"] = "masked",
) -> Response:
    """How a destination's file of a day, or its test file, begins; nothing is sent and nothing kept."""

    def answer() -> Preview:
        found = read_permitted(request, user, destination)
        looked = Looked(event, day, test_file=kind == "test", values=values == "shown")
        return previewing.preview(user, found, looked)

    return send_answer(await answer_in_time(answer))
