"""What each address answers; nothing here changes a case."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import redis
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from pipeline.casework import deadlines, issuing
from pipeline.casework.issuing import Size
from pipeline.errors import NotFound
from pipeline.mail import dutch
from pipeline.web import rendering
from pipeline.web.board import Board, Lookout
from pipeline.wiring import App

FILES: Final[Mapping[str, str]] = MappingProxyType(
    {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
)
_NUMBER: Final = re.compile(r"[0-9]{8}")


class Pages:
    """The views of one home."""

    def __init__(self, app: App, client: redis.Redis | None) -> None:
        """Show what ``app`` knows, and what Redis does where there is a ``client``."""
        self._app = app
        self._lookout = Lookout(app, client)

    def first(self, request: Request) -> Response:
        """Show how everything stands."""
        board = self._lookout.look()
        html = rendering.page("board.html", board=board, register=self._app.policy.register_)
        return HTMLResponse(html, _status(board))

    def status(self, request: Request) -> Response:
        """Tell the same as JSON, with the clocks in words for the script."""
        board = self._lookout.look()
        time = board.time.now if board.time else None
        shown = {
            "now": dutch.moment(time) if time else "",
            "looked_at": rendering.time_of_day(board.looked_at, seconds=True),
        }
        told = [rendering.word(part, "away") for part in board.away]
        return JSONResponse(
            {"digest": board.digest, "shown": shown, "told": told, **board.facts()}, _status(board)
        )

    def health(self, request: Request) -> Response:
        """Say in a sentence whether database and Redis answer."""
        board = self._lookout.look()
        told = [rendering.word(part, "away") for part in board.away] or ["Alles antwoordt."]
        return PlainTextResponse("\n".join(told) + "\n", _status(board))

    def deadlines(self, request: Request) -> Response:
        """Tell every deadline to a program that keeps a calendar."""
        tag = deadlines.mark(self._app)
        return _unless_kept(request, tag, lambda: deadlines.feed(self._app), "text/calendar")

    def logo(self, request: Request) -> Response:
        """Show the logo of a registration."""
        return self._logo(request, "normal")

    def print_logo(self, request: Request) -> Response:
        """Show the same for printing; it is drawn when first asked for."""
        return self._logo(request, "print")

    def _logo(self, request: Request, size: Size) -> Response:
        number = request.path_params["number"]
        if not _NUMBER.fullmatch(number):
            raise HTTPException(404)
        try:
            return _tagged(request, issuing.logo(self._app, number, size), "image/png")
        except NotFound:
            raise HTTPException(404) from None


def file(request: Request) -> Response:
    """Return the page's style, script or icon."""
    name = request.url.path.removeprefix("/")
    return _tagged(request, rendering.content(name), FILES[name])


def _status(board: Board) -> int:
    return 503 if board.away else 200


def _tagged(request: Request, content: bytes, media_type: str) -> Response:
    """Answer with ``content``, or that what the browser keeps is still good."""
    return _unless_kept(request, hashlib.sha256(content).hexdigest(), lambda: content, media_type)


def _unless_kept(request: Request, digest: str, content: Callable[[], bytes], media_type: str) -> Response:
    """Answer with what is made only if the one who asks keeps nothing with this digest, in hexadecimal."""
    tag = f'"{digest[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    kept = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if tag in kept or kept == ["*"]:
        return Response(status_code=304, headers=headers)
    return Response(content(), media_type=media_type, headers=headers)
