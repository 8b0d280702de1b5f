"""Every address in one list, behind the guard."""

from __future__ import annotations

from typing import Final

import redis
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from pipeline.broker.redis_broker import connect
from pipeline.errors import PipelineError
from pipeline.web import pages, rendering
from pipeline.web.guard import Guard
from pipeline.web.pages import Pages
from pipeline.wiring import App

REDIS_SECONDS: Final = 1.0  # how long the page waits for an answer of Redis

_log = structlog.get_logger()


def build(app: App, *, client: redis.Redis | None = None) -> Guard:
    """Return the site of a home; opens no connection.

    Args:
        client: by default one on the Redis of the settings, where there is one.
    """
    if client is None and app.settings.redis_url is not None:
        client = connect(app.settings.redis_url, seconds=REDIS_SECONDS)
    return Guard(_site(Pages(app, client)), app.settings.web_host)


def _site(views: Pages) -> Starlette:
    routes = [
        Route("/", views.first),
        Route("/status.json", views.status),
        Route("/healthz", views.health),
        Route("/deadlines.ics", views.deadlines),
        Route("/logos/{number}-print.png", views.print_logo),
        Route("/logos/{number}.png", views.logo),
        *(Route(f"/{name}", pages.file) for name in pages.FILES),
    ]
    made = Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: _missing,
            PipelineError: _away,
            SQLAlchemyError: _away,
            Exception: _broken,
        },
    )
    made.router.redirect_slashes = False
    return made


def _missing(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _told("missing", error.status_code)


def _away(request: Request, error: Exception) -> Response:
    _log.warning("part_is_away", path=request.url.path, error=str(error))
    return _told("away", 503)


def _broken(request: Request, error: Exception) -> Response:
    """Say so calmly; the server logs the rest."""
    return _told("broken", 500)


def _told(what: str, status: int) -> Response:
    told = {part: rendering.word(f"{what}_{part}", "message") for part in ("title", "text")}
    return HTMLResponse(rendering.page("message.html", **told), status)
